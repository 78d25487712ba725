// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The settings of the screen: names, types, words.
import { _ } from "./text.jsx";
import { variant } from "./variant.js";

const LEVELS = ["", "QUIET", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG2", "DEBUG3"];
const FACILITIES = ["", "DAEMON", "USER", "AUTH", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4",
                    "LOCAL5", "LOCAL6", "LOCAL7"];

// access: it can keep people out when it is wrong, so saving it is put on probation.
export const SETTINGS = {
  TcpPort: {
    type: "q", access: true, label: _("TCP Port"),
    help: _("The port that clients connect to, 1 to 65535. The usual one is 22."),
  },
  PasswordLoginGroups: {
    type: "as", access: true, label: _("Password Login Groups"),
    help: _("Only members of these groups can log in with a password; everybody else needs a key or Kerberos. Empty: no restriction."),
  },
  PasswordAuthentication: {
    type: "b", access: true, label: _("Allow Password Authentication"),
    help: _("Without it everybody needs a key, or Kerberos."),
  },
  KerberosAuthentication: {
    type: "b", access: true, label: _("Allow Kerberos Authentication"),
    help: _("Users can log in with a Kerberos ticket. The machine needs a keytab with a host key."),
  },
  TcpForwarding: {
    type: "b", access: false, label: _("Allow TCP Port Forwarding"),
    help: _("Users can reach other ports and machines through this one, past a firewall."),
  },
  BindInterfaces: {
    type: "as", access: true, advanced: true, label: _("Bind Interfaces"),
    help: _("Connections that come in on other interfaces are refused. None selected: all interfaces."),
  },
  Compression: {
    type: "b", access: false, advanced: true, label: _("Compress Connections"),
    help: _("Can be faster over slow networks."),
  },
  SftpLogLevel: {
    type: "s", access: false, advanced: true, label: _("SFTP Log Level"), choices: LEVELS,
    help: _("How much the SFTP server writes to the log."),
  },
  SftpLogFacility: {
    type: "s", access: false, advanced: true, label: _("SFTP Log Facility"), choices: FACILITIES,
    help: _("The part of the system log that it writes to."),
  },
  WeakCiphers: {
    type: "as", access: false, advanced: true, label: _("Weak Ciphers"), choices: ["NONE", "AES128-CBC"],
    help: _("Offered beside the secure ones. Only for old clients in a network that you trust."),
  },
  AuxiliaryParameters: {
    type: "s", access: true, advanced: true, label: _("Auxiliary Parameters"),
    help: _("Further lines of sshd_config(5), one parameter a line. Lines from the first Match on are conditional."),
  },
};

export const NAMES = Object.keys(SETTINGS);
export const label = name => SETTINGS[name]?.label || name;

// A change as Apply takes it.
export const toBus = change => Object.fromEntries(
  Object.entries(change).map(([name, value]) => [name, variant(SETTINGS[name].type, value)]));

// What is wrong with a value before anybody else is asked; undefined: nothing.
export function mistake(name, value) {
  if (name === "TcpPort" && !(Number.isInteger(value) && value >= 1 && value <= 65535))
    return _("A port is a number from 1 to 65535.");
  if (name === "AuxiliaryParameters" && value.split("\n").length > 1001)
    return _("At most 1,000 lines.");
  return undefined;
}
