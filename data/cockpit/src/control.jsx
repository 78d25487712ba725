// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The control of a setting, by what kind of value it has.
import React from "react";
import { Checkbox } from "@patternfly/react-core/dist/esm/components/Checkbox/index.js";
import { FormSelect, FormSelectOption } from "@patternfly/react-core/dist/esm/components/FormSelect/index.js";
import { Switch } from "@patternfly/react-core/dist/esm/components/Switch/index.js";
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/index.js";
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/index.js";
import { GroupPicker } from "./group-picker.jsx";
import { InterfacePicker } from "./interface-picker.jsx";
import { KerberosState } from "./kerberos-state.jsx";
import { SETTINGS } from "./setting.jsx";
import { _ } from "./text.jsx";

function Port({ name, value, error, isDisabled, onChange, describedBy }) {
  return (
    <TextInput id={name} type="number" min={1} max={65535} className="ct-port" aria-describedby={describedBy}
               value={Number.isNaN(value) ? "" : value} isDisabled={isDisabled}
               validated={error ? "error" : "default"}
               onChange={(_event, text) => onChange(text === "" ? NaN : Number(text))} />
  );
}

function Toggle(props) {
  const { name, value, isDisabled, onChange, describedBy, properties } = props;
  const directory = properties.Warnings.some(([code]) => code === "password-open-to-directory-users");
  return (
    <>
      <Switch id={name} aria-label={SETTINGS[name].label} aria-describedby={describedBy} isChecked={value}
              isDisabled={isDisabled} onChange={(_event, on) => onChange(on)} />
      {name === "PasswordAuthentication" && directory && value &&
        <p className="ct-note" id="directory-warning">{_("This machine is joined to a directory: every user of it can log in with a password.")}</p>}
      {name === "KerberosAuthentication" && <KerberosState {...props} />}
    </>
  );
}

function Choice({ name, value, isDisabled, onChange, describedBy }) {
  return (
    <FormSelect id={name} className="ct-choice" aria-describedby={describedBy} value={value} isDisabled={isDisabled}
                onChange={(_event, chosen) => onChange(chosen)}>
      {SETTINGS[name].choices.map(each =>
        <FormSelectOption key={each} value={each} label={each || _("As the system has it")} />)}
    </FormSelect>
  );
}

function Ciphers({ name, value, isDisabled, onChange, properties }) {
  return (
    <div id={name} tabIndex={-1}>
      {SETTINGS[name].choices.map(each => {
        const can = properties.AvailableWeakCiphers.includes(each) || value.includes(each);
        return (
          <Checkbox key={each} id={`${name}-${each}`} isChecked={value.includes(each)} isDisabled={isDisabled || !can}
                    label={each === "NONE" ? _("None (no encryption)") : each}
                    description={can ? undefined : _("The SSH server of this machine cannot do this.")}
                    onChange={(_event, on) =>
                      onChange(on ? [...value, each] : value.filter(other => other !== each))} />
        );
      })}
    </div>
  );
}

function Lines({ name, value, error, isDisabled, onChange, describedBy }) {
  return (
    <div dir="ltr">
      <TextArea id={name} className="ct-lines" aria-describedby={describedBy} rows={6} resizeOrientation="vertical"
                spellCheck={false} value={value} isDisabled={isDisabled} validated={error ? "error" : "default"}
                onChange={(_event, text) => onChange(text)} />
    </div>
  );
}

const CONTROLS = {
  TcpPort: Port, PasswordLoginGroups: GroupPicker, BindInterfaces: InterfacePicker, WeakCiphers: Ciphers,
  SftpLogLevel: Choice, SftpLogFacility: Choice, AuxiliaryParameters: Lines,
};

export function Control(props) {
  const Kind = CONTROLS[props.name] || Toggle;
  return <Kind {...props} />;
}
