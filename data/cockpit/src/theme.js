// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The theme that the shell has: its own page tells of it by storage and by an event.
function apply(style) {
  const chosen = style || localStorage.getItem("shell:style") || "auto";
  const dark = chosen === "dark" ||
    (chosen === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("pf-v6-theme-dark", dark);
}

export function followTheme() {
  apply();
  window.addEventListener("storage", event => event.key === "shell:style" && apply());
  window.addEventListener("cockpit-style", event => apply(event.detail?.style));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply());
}
