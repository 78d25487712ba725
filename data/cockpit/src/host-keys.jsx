// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The host keys, by which clients know that it is this machine.
import React, { useEffect, useState } from "react";
import { Card, CardBody, CardTitle } from "@patternfly/react-core/dist/esm/components/Card/index.js";
import { CopyButton } from "./copy-button.jsx";
import { problem } from "./problem.js";
import { _, format } from "./text.jsx";

export function HostKeys({ service, properties }) {
  const [keys, setKeys] = useState([]);
  const [error, setError] = useState("");
  const broken = properties.Warnings.some(([code]) => code === "configuration-broken");
  // The server names its keys only where it takes its configuration.
  useEffect(() => {
    const show = (found, text) => { setKeys(found); setError(text) };
    service.call("ListHostKeys").then(([found]) => show(found, ""), reason => show([], problem(reason).text));
  }, [service, broken, properties.SshdVersion]);
  return (
    <Card id="host-keys">
      <CardTitle component="h2">{_("Host key fingerprints")}</CardTitle>
      <CardBody>
        {error}
        <ul className="ct-keys">
          {keys.map(key => (
            <li key={key.fingerprint}>
              <span className="ct-kind">{key.type} ({key.bits})</span>
              <code dir="ltr">{key.fingerprint}</code>
              <CopyButton text={key.fingerprint} label={format(_("Copy the fingerprint of $0"), key.type)} />
            </li>))}
        </ul>
      </CardBody>
    </Card>
  );
}
