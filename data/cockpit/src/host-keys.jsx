// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The host keys, by which clients know that it is this machine.
import React, { useEffect, useState } from "react";
import { Card, CardBody, CardTitle } from "@patternfly/react-core/dist/esm/components/Card/index.js";
import { CopyButton } from "./copy-button.jsx";
import { problem } from "./problem.js";
import { _, format } from "./text.jsx";

export function HostKeys({ service }) {
  const [keys, setKeys] = useState([]);
  const [error, setError] = useState("");
  useEffect(() => {
    service.call("ListHostKeys").then(([found]) => setKeys(found), reason => setError(problem(reason).text));
  }, [service]);
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
