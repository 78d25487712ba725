// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A unified diff.
import React from "react";

const KINDS = { "+": "add", "-": "del", "@": "place" };

export function Diff({ text, label }) {
  return (
    <pre className="ct-diff" dir="ltr" tabIndex={0} role="group" aria-label={label}>
      {text.split("\n").map((line, index) =>
        <span key={index} className={KINDS[line[0]]}>{line}{"\n"}</span>)}
    </pre>
  );
}
