// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// D-Bus values as Cockpit's bridge has them in JSON: variants are { t, v }.
export const variant = (t, v) => ({ t, v });

// What a dictionary of variants holds; nested ones too.
export function plain(value) {
  if (Array.isArray(value))
    return value.map(plain);
  if (value === null || typeof value !== "object")
    return value;
  if ("t" in value && "v" in value && Object.keys(value).length === 2)
    return plain(value.v);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

// Whether two values of settings are the same; the order of names is nothing.
export function same(a, b) {
  const sorted = value => Array.isArray(value) ? [...value].sort() : value;
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
