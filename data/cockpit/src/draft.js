// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What somebody has typed and not saved: a value for each setting that was touched, with the value that
// it had then, and the settings to give back to the system.
import { same } from "./variant.js";

export const EMPTY = { edits: {}, resets: [] };

export function valueOf(draft, properties, name) {
  return name in draft.edits ? draft.edits[name].value : properties[name];
}

export function edit(draft, properties, name, value) {
  const { [name]: before, ...edits } = draft.edits;
  const base = before ? before.base : properties[name];
  const resets = draft.resets.filter(each => each !== name);
  if (!same(value, properties[name]))
    edits[name] = { value, base };
  return { edits, resets };
}

// A value that it has already, for the system not to change it any more.
export function pin(draft, properties, name) {
  const value = properties[name];
  return { ...draft, edits: { ...draft.edits, [name]: { value, base: value, pinned: true } } };
}

export function toggleReset(draft, name) {
  const { [name]: _gone, ...edits } = draft.edits;
  const resets = draft.resets.includes(name)
    ? draft.resets.filter(each => each !== name)
    : [...draft.resets, name];
  return { edits, resets };
}

// The draft on top of properties that have changed meanwhile: what was typed stays, unless it is now so.
export function rebase(draft, properties) {
  const edits = Object.fromEntries(Object.entries(draft.edits)
    .filter(([name, { value, pinned }]) => !same(value, properties[name]) ||
                                           (pinned && !properties.ManagedSettings.includes(name))));
  const resets = draft.resets.filter(name => properties.ManagedSettings.includes(name));
  return { edits, resets };
}

// Settings that somebody else has changed since they were touched here.
export function overtaken(draft, properties) {
  return Object.entries(draft.edits)
    .filter(([name, { base }]) => !same(base, properties[name])).map(([name]) => name);
}

export const touched = draft => [...Object.keys(draft.edits), ...draft.resets];
export const isEmpty = draft => touched(draft).length === 0;

// The change for Apply: emptying the groups opens passwords to everybody, which has to be said in it.
export function changeOf(draft, properties) {
  const change = Object.fromEntries(Object.entries(draft.edits).map(([name, { value }]) => [name, value]));
  if (change.PasswordLoginGroups?.length === 0 && !("PasswordAuthentication" in change) &&
      properties.PasswordAuthentication)
    change.PasswordAuthentication = true;
  return change;
}
