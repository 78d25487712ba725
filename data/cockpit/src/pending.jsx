// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A change on probation: the time that is left, and how to keep or undo it.
import React, { useEffect, useState } from "react";
import { Alert, AlertActionLink } from "@patternfly/react-core/dist/esm/components/Alert/index.js";
import { problem } from "./problem.js";
import { Service } from "./service.js";
import { _, format, ngettext } from "./text.jsx";

const HEARTBEAT_MS = 4000;

// Seconds until the deadline by the machine's clock; the browser's may be wrong.
function useSeconds(deadline) {
  const [ahead, setAhead] = useState(0);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    Service.clock().then(setAhead, () => setAhead(0));
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [deadline]);
  return Math.max(0, Math.round(deadline / 1000 - (now + ahead)) / 1000);
}

export function Pending({ service, state, token }) {
  const seconds = Math.ceil(useSeconds(state.properties.PendingDeadline));
  const [busy, setBusy] = useState("");
  const [error, setError] = useState("");
  useEffect(() => {
    const timer = setInterval(() => service.refresh(), HEARTBEAT_MS);
    return () => clearInterval(timer);
  }, [service]);

  const end = async method => {
    setBusy(method);
    try {
      await service.call(method, [token]);
    } catch (reason) {
      setError(problem(reason).text);
    }
    service.refresh();
    setBusy("");
  };

  const left = format(ngettext("$0 second left", "$0 seconds left", seconds), seconds);
  return (
    <Alert isInline component="p" variant="warning" id="pending"
           title={token ? _("Can you still log in? The change is on probation")
             : _("A change is on probation; somebody has to confirm it")}
           actionLinks={state.admin && <>
             <AlertActionLink isDisabled={!!busy} id="keep" onClick={() => end("Confirm")}>{_("Keep")}</AlertActionLink>
             <AlertActionLink isDisabled={!!busy} id="undo" onClick={() => end("Rollback")}>{_("Undo")}</AlertActionLink>
           </>}>
      <p>
        <strong id="countdown" role="timer">{left}</strong>{". "}
        {_("If nobody keeps it, the previous settings come back.")}{" "}
        {token && _("Logging in over SSH from another machine keeps it too.")}
      </p>
      {!state.reachable && <p id="unreachable">
        {format(_("The connection to the machine is interrupted. It undoes the change by itself at $0."),
                new Date(state.properties.PendingDeadline / 1000).toLocaleTimeString())}
      </p>}
      {error && <p>{error}</p>}
    </Alert>
  );
}
