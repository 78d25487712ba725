// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The SSH unit: does it run, where does it listen, does it start at boot.
import React, { useState } from "react";
import { Alert } from "@patternfly/react-core/dist/esm/components/Alert/index.js";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import { Card, CardBody, CardHeader, CardTitle } from "@patternfly/react-core/dist/esm/components/Card/index.js";
import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } from "@patternfly/react-core/dist/esm/components/DescriptionList/index.js";
import { Label } from "@patternfly/react-core/dist/esm/components/Label/index.js";
import { Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core/dist/esm/components/Modal/index.js";
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/index.js";
import { problem } from "./problem.js";
import { _, format } from "./text.jsx";

const STATES = {
  active: ["green", _("Running")],
  inactive: ["grey", _("Stopped")],
  failed: ["red", _("Failed")],
  activating: ["blue", _("Starting")],
  deactivating: ["blue", _("Stopping")],
  reloading: ["blue", _("Reloading")],
};

function address({ address: host, port, interface: name }) {
  const text = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return name ? format(_("$0 on $1"), text, name) : text;
}

export function Header({ service, properties, admin }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const [stopping, setStopping] = useState(false);
  const [colour, state] = STATES[properties.ActiveState] || ["grey", properties.ActiveState];
  const running = properties.ActiveState === "active";

  const act = async (method, args) => {
    setBusy(true);
    setError(null);
    setStopping(false);
    try {
      await service.call(method, args);
    } catch (reason) {
      setError(problem(reason).text || _("It did not work."));
    }
    setBusy(false);
  };

  return (
    <Card id="service">
      <CardHeader actions={admin && {
        hasNoOffset: true,
        actions: running
          ? <>
              <Button variant="secondary" isDisabled={busy} onClick={() => act("Restart")}>{_("Restart")}</Button>{" "}
              <Button variant="danger" isDisabled={busy} onClick={() => setStopping(true)}>{_("Stop")}</Button>
            </>
          : <Button isDisabled={busy} onClick={() => act("Start")}>{_("Start")}</Button>,
      }}>
        <CardTitle component="h2">{_("Service")} <Label color={colour} id="service-state">{state}</Label></CardTitle>
      </CardHeader>
      <CardBody>
        {error && <Alert isInline component="p" variant="danger" title={error} />}
        <DescriptionList isHorizontal isFluid>
          <DescriptionListGroup>
            <DescriptionListTerm>{_("Listens on")}</DescriptionListTerm>
            <DescriptionListDescription id="listens">
              {properties.ListenAddresses.length
                ? <span dir="ltr">{properties.ListenAddresses.map(address).join(", ")}</span>
                : _("nothing")}
            </DescriptionListDescription>
          </DescriptionListGroup>
          <DescriptionListGroup>
            <DescriptionListTerm>{_("Server")}</DescriptionListTerm>
            <DescriptionListDescription><span dir="ltr">{properties.SshdVersion} ({properties.Unit})</span></DescriptionListDescription>
          </DescriptionListGroup>
        </DescriptionList>
        {properties.Unit.endsWith(".socket") &&
          <p id="socket" className="ct-note">{_("A socket unit listens, and starts the server for the first connection.")}</p>}
        <Switch id="start-on-boot" className="ct-note" label={_("Start automatically at boot")} isDisabled={!admin || busy}
                isChecked={properties.StartOnBoot} onChange={(_event, on) => act("SetStartOnBoot", [on])} />
      </CardBody>
      <Modal variant="small" isOpen={stopping} onClose={() => setStopping(false)} aria-labelledby="stop-title">
        <ModalHeader labelId="stop-title" title={_("Stop the SSH server?")} />
        <ModalBody>{_("Nobody can log in over SSH until it is started again. Sessions that are open stay.")}</ModalBody>
        <ModalFooter>
          <Button variant="danger" onClick={() => act("Stop")}>{_("Stop")}</Button>
          <Button variant="link" onClick={() => setStopping(false)}>{_("Cancel")}</Button>
        </ModalFooter>
      </Modal>
    </Card>
  );
}
