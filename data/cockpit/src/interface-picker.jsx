// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The interfaces of the machine, with what they are and their addresses; bound ones that are missing too.
import React, { useEffect, useState } from "react";
import { MenuToggle } from "@patternfly/react-core/dist/esm/components/MenuToggle/index.js";
import { Select, SelectList, SelectOption } from "@patternfly/react-core/dist/esm/components/Select/index.js";
import { _ } from "./text.jsx";

function about({ description, type, addresses, up, missing }) {
  if (missing)
    return _("missing");
  return [up ? _("up") : _("down"), type, description, ...addresses].filter(Boolean).join(" · ");
}

export function InterfacePicker({ name, service, value, isDisabled, onChange }) {
  const [open, setOpen] = useState(false);
  const [interfaces, setInterfaces] = useState([]);
  useEffect(() => {
    let current = true;
    if (open)
      service.call("ListInterfaces").then(([found]) => current && setInterfaces(found),
                                          () => current && setInterfaces([]));
    return () => { current = false };
  }, [service, open]);
  const known = interfaces.map(each => each.name);
  const gone = value.filter(each => interfaces.length && !known.includes(each))
    .map(each => ({ name: each, missing: true }));
  const choose = (_event, chosen) =>
    onChange(value.includes(chosen) ? value.filter(each => each !== chosen) : [...value, chosen]);

  return (
    <Select isOpen={open} selected={value} onSelect={choose} onOpenChange={setOpen} popperProps={{ appendTo: "inline" }}
            toggle={ref => (
              <MenuToggle id={name} innerRef={ref} isExpanded={open} isDisabled={isDisabled} onClick={() => setOpen(!open)}
                          aria-label={`${_("Bind Interfaces")}: ${value.length ? value.join(", ") : _("All interfaces")}`}>
                {value.length ? <bdi>{value.join(", ")}</bdi> : _("All interfaces")}
              </MenuToggle>)}>
      <SelectList aria-label={_("Interfaces")} isAriaMultiselectable>
        {[...interfaces, ...gone].map(each => (
          <SelectOption key={each.name} value={each.name} description={<span dir="ltr">{about(each)}</span>}
                        isSelected={value.includes(each.name)}>
            <bdi>{each.name}</bdi>
          </SelectOption>))}
      </SelectList>
    </Select>
  );
}
