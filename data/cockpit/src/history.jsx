// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What was changed, by whom, and the way back.
import React, { useEffect, useState } from "react";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import { Card, CardBody, CardTitle } from "@patternfly/react-core/dist/esm/components/Card/index.js";
import { ExpandableSection } from "@patternfly/react-core/dist/esm/components/ExpandableSection/index.js";
import { Diff } from "./diff.jsx";
import { problem } from "./problem.js";
import { label } from "./setting.jsx";
import { _, when } from "./text.jsx";

const cockpit = window.cockpit;
const NOBODY = 4294967295;
const OUTCOMES = {
  applied: _("applied"), pending: _("on probation"), confirmed: _("kept"), "rolled-back": _("undone"),
  failed: _("failed"), edited: _("edited by hand"),
};

function useNames() {
  const [names, setNames] = useState({});
  useEffect(() => {
    cockpit.file("/etc/passwd").read().then(text => setNames(Object.fromEntries(
      (text || "").split("\n").map(line => line.split(":")).map(([name, , uid]) => [uid, name]))),
      () => setNames({}));
  }, []);
  return uid => names[uid] || (uid === NOBODY ? _("unknown") : String(uid));
}

function Entry({ entry, nameOf, locked, review }) {
  const who = entry["login-uid"] === NOBODY ? entry.uid : entry["login-uid"];
  const can = !["failed", "edited", "pending"].includes(entry.outcome);
  return (
    <li className="entry" data-outcome={entry.outcome}>
      <div className="ct-entry">
        <span>
          <strong>{entry.changed.map(label).join(", ") || _("no setting")}</strong>
          {" · "}{OUTCOMES[entry.outcome] || entry.outcome}{" · "}{when(entry.time)}{" · "}<bdi>{nameOf(who)}</bdi>
        </span>
        {can && <Button variant="secondary" size="sm" isDisabled={locked} className="revert"
                        aria-label={`${_("Return to these")}: ${when(entry.time)}`}
                        onClick={() => review({ method: "Revert", generation: entry.generation, options: {} })}>
          {_("Return to these")}
        </Button>}
      </div>
      {entry.diff && <ExpandableSection toggleText={_("Changes of the files")}>
        <Diff text={entry.diff} label={_("Changes of the files")} />
      </ExpandableSection>}
    </li>
  );
}

export function History({ service, generation, locked, review }) {
  const [entries, setEntries] = useState([]);
  const [error, setError] = useState("");
  const nameOf = useNames();
  useEffect(() => {
    let current = true;
    service.call("ListHistory").then(([found]) => current && (setEntries(found), setError("")),
                                     reason => current && setError(problem(reason).text));
    return () => { current = false };
  }, [service, generation]);
  return (
    <Card id="history">
      <CardTitle component="h2">{_("History")}</CardTitle>
      <CardBody>
        {error}
        {!error && entries.length === 0 && _("Nothing was changed here yet.")}
        <ul className="ct-entries">
          {entries.map(entry => <Entry key={`${entry.generation} ${entry.outcome}`} entry={entry} nameOf={nameOf}
                                       locked={locked} review={review} />)}
        </ul>
      </CardBody>
    </Card>
  );
}
