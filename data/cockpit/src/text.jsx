// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Translated text. Files with text in them are called .jsx, which xgettext reads as C: what it knows
// of JavaScript loses strings in JSX.
const cockpit = window.cockpit;

export const _ = cockpit.gettext;
export const format = cockpit.format;
export const ngettext = cockpit.ngettext;

export const when = micros =>
  new Date(micros / 1000).toLocaleString(cockpit.language?.replace("_", "-") || undefined,
                                         { dateStyle: "medium", timeStyle: "short" });
