// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What would happen, before it does: the diff, what to know, who would be locked out.
import React, { useEffect, useState } from "react";
import { Alert } from "@patternfly/react-core/dist/esm/components/Alert/index.js";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import { Checkbox } from "@patternfly/react-core/dist/esm/components/Checkbox/index.js";
import { Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core/dist/esm/components/Modal/index.js";
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/index.js";
import { Spinner } from "@patternfly/react-core/dist/esm/components/Spinner/index.js";
import { Diff } from "./diff.jsx";
import { dryRun, isRisky, send } from "./dry-run.js";
import { losers, reasons } from "./logins.js";
import { problem } from "./problem.js";
import { NAMES, label } from "./setting.jsx";
import { _, format } from "./text.jsx";

const SECONDS = { usual: 120, min: 10, max: 3600 };

// The options that lift a refusal, with the words of the choice.
const CHOICES = {
  "overwrite-edits": _("Replace what was edited by hand (it is kept in the history)"),
  "replace-foreign": _("Replace these lines (they are commented out, and come back when the setting is given back)"),
  "use-service": _("Change over from the socket unit to the service"),
};

function wayOut(found, properties) {
  const edited = properties.Warnings.some(([code]) => code === "edited-by-hand");
  if (found?.kind === "Conflict")
    return edited ? "overwrite-edits" : "replace-foreign";
  return found?.kind === "NotSupported" && properties.Unit.endsWith(".socket") ? "use-service" : null;
}

function Result({ result }) {
  const lost = losers(result.before, result.logins || {});
  return (
    <>
      {lost.map(user => (
        <Alert key={user} isInline component="p" variant="danger" className="loses"
               title={format(_("$0 could not log in any more"), user)}>
          <span dir="auto">{reasons(result.logins[user]).join("; ")}</span>
        </Alert>))}
      {result.warnings.map(([code, { message }]) => (
        <Alert key={code + message} isInline component="p" variant="warning" title={message} />))}
      {result.diff ? <Diff text={result.diff} label={_("Changes of the files")} />
        : <p>{_("No file changes.")}</p>}
    </>
  );
}

export function Review({ service, properties, request, saved, refused, close }) {
  const [result, setResult] = useState(null);
  const [found, setFound] = useState(null);
  const [extra, setExtra] = useState({});
  const [busy, setBusy] = useState(false);
  const [seconds, setSeconds] = useState(SECONDS.usual);
  const generation = properties.Generation;

  useEffect(() => {
    let current = true;
    setResult(null);
    dryRun(service, request, extra).then(
      answer => current && (setResult(answer), setFound(null)),
      reason => current && setFound(problem(reason, NAMES)));
    return () => { current = false };
  }, [service, request, extra, generation]);

  const out = wayOut(found, properties);
  const choices = new Set([...Object.keys(extra), ...(out ? [out] : [])]);
  useEffect(() => {
    if (found?.setting && !out)
      refused(found);
  }, [found]);

  const choose = (option, on) => {
    const { [option]: _off, ...others } = extra;
    setExtra(on ? { ...others, [option]: true } : others);
  };
  const risky = result && isRisky(result, request, extra);
  const inRange = Number.isInteger(seconds) && seconds >= SECONDS.min && seconds <= SECONDS.max;
  const save = async () => {
    setBusy(true);
    try {
      const [done] = await send(service, request, {
        ...extra, "if-generation": generation,
        ...(risky && { "confirm-timeout": seconds, "confirm-on-login": true }),
      });
      await service.refresh();
      saved(done);
    } catch (reason) {
      setFound(problem(reason, NAMES));
      setResult(null);
      setBusy(false);
    }
  };

  return (
    <Modal variant="medium" isOpen onClose={close} aria-labelledby="review-title" id="review-dialog">
      <ModalHeader labelId="review-title" title={_("Review changes")} />
      <ModalBody>
        <div className="ct-review">
          {found && <Alert isInline component="p" variant="danger" id="review-error"
                           title={found.setting ? `${label(found.setting)}: ${found.text}` : found.text || _("It did not work.")} />}
          {[...choices].map(option => (
            <Checkbox key={option} id={option} label={CHOICES[option]} isChecked={!!extra[option]}
                      onChange={(_event, on) => choose(option, on)} />))}
          {result ? <Result result={result} /> : !found && <Spinner aria-label={_("Checking…")} />}
          {risky && <div id="risky">
            <label htmlFor="seconds">{_("Undo it unless I keep it, or log in over SSH, within so many seconds:")}</label>
            <TextInput id="seconds" type="number" className="ct-port" min={SECONDS.min} max={SECONDS.max} value={seconds}
                       onChange={(_event, text) => setSeconds(Number(text))} />
          </div>}
        </div>
      </ModalBody>
      <ModalFooter>
        <Button id="save" isDisabled={!result || busy || (risky && !inRange)} isLoading={busy} onClick={save}>{_("Save")}</Button>
        {found && <Button id="again" variant="secondary" onClick={() => { setFound(null); setExtra({ ...extra }) }}>{_("Try again")}</Button>}
        <Button variant="link" onClick={close}>{_("Cancel")}</Button>
      </ModalFooter>
    </Modal>
  );
}
