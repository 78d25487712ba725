// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// An error of the service, in parts: what kind, at which setting and line, and what it says.
const OURS = "org.truenas.SSH.Error.";
const DENIED = ["org.freedesktop.DBus.Error.AccessDenied",
                "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"];
const SLOW = ["org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.NoReply",
              "org.freedesktop.DBus.Error.TimedOut"];

export function problem(error, settings = []) {
  const name = error?.name || "";
  const text = error?.message || String(error);
  if (DENIED.includes(name) || error?.problem === "access-denied")
    return { kind: "denied", text };
  if (SLOW.includes(name) || error?.problem === "timeout")
    return { kind: "slow", text };
  if (error?.problem)
    return { kind: error.problem === "not-found" ? "missing" : "gone", text };
  if (!name.startsWith(OURS))
    return { kind: "unknown", text: name === "python.error" ? "" : text };
  return { kind: name.slice(OURS.length), ...place(text, settings) };
}

// "TcpPort: text" and "AuxiliaryParameters:2: text", apart.
export function place(text, settings) {
  const found = /^([A-Za-z]+)(?::(\d+))?: /.exec(text);
  if (!found || !settings.includes(found[1]))
    return { text };
  const line = found[2] ? Number(found[2]) : undefined;
  return { setting: found[1], line, text: text.slice(found[0].length) };
}
