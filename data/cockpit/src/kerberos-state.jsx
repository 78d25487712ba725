// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Whether Kerberos tickets could be taken now, asked for when it is switched on.
import React, { useEffect, useState } from "react";
import { problem } from "./problem.js";
import { _ } from "./text.jsx";

export function KerberosState({ service, value, admin, properties }) {
  const [answer, setAnswer] = useState(null);
  const [error, setError] = useState("");
  useEffect(() => {
    let current = true;
    setAnswer(null);
    setError("");
    if (value && admin)
      service.call("CheckKerberos").then(([found]) => current && setAnswer(found),
                                         reason => current && setError(problem(reason).text));
    return () => { current = false };
  }, [service, value, admin, properties.Generation]);
  if (!value || !admin)
    return null;
  const failed = answer ? answer.checks.filter(([, fine]) => !fine) : [];
  return (
    <div className="ct-note" id="kerberos-state" role="status">
      {error || (!answer ? _("Checking…") : answer.ready ? _("Kerberos is ready.") : _("Kerberos is not ready:"))}
      {failed.length > 0 && <ul>{failed.map(([name, , text]) => <li key={name} dir="auto">{text}</li>)}</ul>}
    </div>
  );
}
