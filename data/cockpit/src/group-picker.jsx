// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Groups, found by typing: the name service may know a hundred thousand, so only the first few that
// begin with what was typed are asked for.
import React, { useEffect, useState } from "react";
import { Label, LabelGroup } from "@patternfly/react-core/dist/esm/components/Label/index.js";
import { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/index.js";
import { Select, SelectList, SelectOption } from "@patternfly/react-core/dist/esm/components/Select/index.js";
import { TextInputGroup, TextInputGroupMain } from "@patternfly/react-core/dist/esm/components/TextInputGroup/index.js";
import { _, format } from "./text.jsx";

const LIMIT = 30;
const PAUSE_MS = 150;

function useGroups(service, prefix, wanted) {
  const [groups, setGroups] = useState([]);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => wanted &&
      service.call("ListGroups", [prefix, LIMIT]).then(
        ([found]) => current && setGroups(found.map(([name]) => name)),
        () => current && setGroups([])), PAUSE_MS);
    return () => { current = false; clearTimeout(timer) };
  }, [service, prefix, wanted]);
  return groups;
}

export function GroupPicker({ name, service, value, isDisabled, onChange, describedBy }) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(-1);
  const found = useGroups(service, typed, open).filter(group => !value.includes(group));
  const idOf = group => `${name}-option-${group}`;

  const add = group => {
    onChange([...value, group]);
    setTyped("");
    setActive(-1);
  };
  const remove = group => onChange(value.filter(other => other !== group));
  const key = event => {
    if (event.key === "Enter") {
      event.preventDefault();
      const group = active >= 0 ? found[active] : found.find(each => each === typed);
      if (group)
        add(group);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive(found.length ? (active + step + found.length) % found.length : -1);
    } else if (event.key === "Backspace" && !typed && value.length) {
      remove(value[value.length - 1]);
    } else if (event.key === "Escape") {
      setOpen(false);
    }
  };

  const toggle = ref => (
    <MenuToggle variant="typeahead" innerRef={ref} isExpanded={open} isDisabled={isDisabled} isFullWidth
                aria-label={_("Show groups")} onClick={() => setOpen(!open)}>
      <TextInputGroup isPlain isDisabled={isDisabled}>
        <TextInputGroupMain inputId={name} value={typed} autoComplete="off" role="combobox" isExpanded={open}
                            aria-label={_("Password Login Groups")} aria-controls={`${name}-list`}
                            placeholder={value.length ? "" : _("Type the name of a group")}
                            inputProps={{ "aria-describedby": describedBy }}
                            {...(active >= 0 && found[active] && { "aria-activedescendant": idOf(found[active]) })}
                            onClick={() => setOpen(true)} onKeyDown={key}
                            onChange={(_event, text) => { setTyped(text); setActive(-1); setOpen(true) }}>
          {value.length > 0 && <LabelGroup aria-label={_("Chosen groups")} numLabels={20}>
            {value.map(group => (
              <Label key={group} variant="outline" closeBtnAriaLabel={format(_("Remove $0"), group)}
                     {...(!isDisabled && { onClose: event => { event.stopPropagation(); remove(group) } })}>
                <bdi>{group}</bdi>
              </Label>))}
          </LabelGroup>}
        </TextInputGroupMain>
      </TextInputGroup>
    </MenuToggle>
  );

  return (
    <Select isOpen={open} selected={value} onOpenChange={setOpen} toggle={toggle} variant="typeahead"
            onSelect={(_event, group) => group && add(group)} popperProps={{ appendTo: "inline" }}>
      <SelectList id={`${name}-list`} aria-label={_("Groups")} className="ct-scroll">
        {found.map((group, index) => (
          <SelectOption key={group} id={idOf(group)} value={group} isFocused={index === active}>
            <bdi>{group}</bdi>
          </SelectOption>))}
        {found.length === 0 && <SelectOption isDisabled key="">{_("No group begins with this")}</SelectOption>}
      </SelectList>
    </Select>
  );
}
