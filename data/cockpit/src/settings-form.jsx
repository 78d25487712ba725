// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The form: basic settings, advanced ones behind a toggle, and the way to the review.
import React, { useEffect, useState } from "react";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import { Card, CardBody, CardTitle } from "@patternfly/react-core/dist/esm/components/Card/index.js";
import { ActionGroup, Form } from "@patternfly/react-core/dist/esm/components/Form/index.js";
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/index.js";
import { EMPTY, edit, isEmpty, overtaken, pin, toggleReset, touched, valueOf } from "./draft.js";
import { Field } from "./field.jsx";
import { NAMES, SETTINGS, mistake } from "./setting.jsx";
import { _ } from "./text.jsx";
import { useLiveChecks } from "./live-checks.js";

export function SettingsForm({ service, properties, admin, locked, draft, setDraft, errors, setErrors, review, goTo }) {
  const [advanced, setAdvanced] = useState(false);
  const live = useLiveChecks(service, properties, draft, admin && !locked);
  const late = overtaken(draft, properties);

  useEffect(() => {
    if (!goTo)
      return;
    if (SETTINGS[goTo.setting]?.advanced)
      setAdvanced(true);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const field = document.getElementById(goTo.setting);
      field?.scrollIntoView({ block: "center" });
      field?.focus();
    }));
  }, [goTo]);

  const change = (name, value) => {
    const { [name]: _mended, ...others } = errors;
    setErrors(others);
    setDraft(edit(draft, properties, name, value));
  };
  const errorOf = name => {
    const wrong = name in draft.edits && mistake(name, draft.edits[name].value);
    return (wrong && { text: wrong }) || errors[name] || live[name];
  };
  const bad = touched(draft).some(name => name in draft.edits && mistake(name, draft.edits[name].value));
  const shown = NAMES.filter(name => advanced || !SETTINGS[name].advanced);

  return (
    <Card id="settings">
      <CardTitle component="h2">{_("Settings")}</CardTitle>
      <CardBody>
        <Form isHorizontal onSubmit={event => event.preventDefault()}>
          {shown.map(name => (
            <Field key={name} name={name} service={service} properties={properties}
                   value={valueOf(draft, properties, name)} error={errorOf(name)}
                   isDisabled={!admin || locked} overtaken={late.includes(name)}
                   isReset={draft.resets.includes(name)}
                   onReset={() => setDraft(toggleReset(draft, name))}
                   isPinned={!!draft.edits[name]?.pinned}
                   onPin={() => setDraft(pin(draft, properties, name))}
                   onChange={value => change(name, value)} admin={admin} />))}
          <Switch id="advanced" label={_("Advanced settings")} isChecked={advanced}
                  onChange={(_event, on) => setAdvanced(on)} />
          {admin && <ActionGroup>
            <Button id="review" isDisabled={locked || isEmpty(draft) || bad} onClick={review}>{_("Review changes")}</Button>
            {!isEmpty(draft) && <Button id="discard" variant="link"
                    onClick={() => { setDraft(EMPTY); setErrors({}) }}>{_("Discard")}</Button>}
          </ActionGroup>}
        </Form>
      </CardBody>
    </Card>
  );
}
