// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A button that puts a text on the clipboard; the browser's own way exists on secure pages only.
import React, { useState } from "react";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import CopyIcon from "@patternfly/react-icons/dist/esm/icons/copy-icon.js";
import { _ } from "./text.jsx";

async function copy(text) {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return undefined;
}

export function CopyButton({ text, label }) {
  const [done, setDone] = useState(false);
  const click = () => copy(text).then(() => setDone(true), () => setDone(false));
  return (
    <>
      <Button variant="plain" aria-label={label} icon={<CopyIcon />} onClick={click} />
      <span role="status" className="ct-quiet">{done && _("Copied")}</span>
    </>
  );
}
