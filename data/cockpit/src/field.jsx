// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A setting in the form: its label, who decides it, its control, help and what is wrong with it.
import React from "react";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import { FormGroup } from "@patternfly/react-core/dist/esm/components/Form/index.js";
import { FormHelperText } from "@patternfly/react-core/dist/esm/components/Form/index.js";
import { HelperText, HelperTextItem } from "@patternfly/react-core/dist/esm/components/HelperText/index.js";
import { Label } from "@patternfly/react-core/dist/esm/components/Label/index.js";
import { Control } from "./control.jsx";
import { SETTINGS } from "./setting.jsx";
import { _, format } from "./text.jsx";

function Error({ name, value, error }) {
  const line = error.line && name === "AuxiliaryParameters" ? value.split("\n")[error.line - 1] : undefined;
  return (
    <HelperTextItem variant="error" id={`${name}-error`}>
      {error.line ? format(_("Line $0: $1"), error.line, error.text) : error.text}
      {line !== undefined && <><br /><code dir="ltr">{line}</code></>}
    </HelperTextItem>
  );
}

export function Field(props) {
  const { name, properties, value, error, isDisabled, isReset, onReset, isPinned, onPin, admin } = props;
  const setting = SETTINGS[name];
  const managed = properties.ManagedSettings.includes(name);
  const owner = isPinned ? <Label isCompact color="orange">{_("to be set here")}</Label>
    : isReset ? <Label isCompact color="orange">{_("to be given back")}</Label>
    : managed ? <Label isCompact color="blue">{_("set here")}</Label>
    : <Label isCompact>{_("system")}</Label>;
  return (
    <FormGroup fieldId={name} role={setting.type === "as" ? "group" : undefined}
               label={setting.label} className="setting" data-setting={name} data-managed={managed}
               labelInfo={<span className="ct-owner">{owner}
                 {managed && admin && !isDisabled &&
                   <Button variant="link" isInline className="reset" onClick={onReset}
                           aria-label={`${isReset ? _("Keep") : _("Give back")}: ${setting.label}`}>
                     {isReset ? _("Keep") : _("Give back")}
                   </Button>}
                 {!managed && !isPinned && admin && !isDisabled &&
                   <Button variant="link" isInline className="pin" onClick={onPin}
                           aria-label={`${_("Set")}: ${setting.label}`}>
                     {_("Set")}
                   </Button>}
               </span>}>
      <Control {...props} describedBy={error ? `${name}-error ${name}-help` : `${name}-help`} />
      <FormHelperText>
        <HelperText>
          {error && <Error name={name} value={value} error={error} />}
          {props.overtaken &&
            <HelperTextItem variant="warning" className="overtaken">{_("Somebody else has changed this meanwhile. Saving replaces it by yours.")}</HelperTextItem>}
          <HelperTextItem id={`${name}-help`}>{setting.help}</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}
