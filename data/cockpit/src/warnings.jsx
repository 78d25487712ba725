// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the service warns of, each with a way to mend it.
import React, { useState } from "react";
import { Alert, AlertActionLink } from "@patternfly/react-core/dist/esm/components/Alert/index.js";
import { StackItem } from "@patternfly/react-core/dist/esm/layouts/Stack/index.js";
import { problem } from "./problem.js";
import { SETTINGS } from "./setting.jsx";
import { _ } from "./text.jsx";

const TITLES = {
  "interface-missing": _("An interface is missing"),
  "interface-renamed": _("An interface has another name now"),
  "no-route-back": _("Answers to far clients have no way back"),
  "group-missing": _("A group does not exist any more"),
  "setting-overridden": _("Something else decides about a setting"),
  "exception-overridden": _("An exception has no effect any more"),
  "not-expressible": _("More is configured than this page can show"),
  "edited-by-hand": _("Somebody has edited the configuration by hand"),
  "weak-cipher-enabled": _("Weak ciphers are enabled"),
  "password-open-to-all": _("Everybody can log in with a password"),
  "password-open-to-directory-users": _("Every user of the directory can log in with a password"),
  "kerberos-not-ready": _("Kerberos does not work yet"),
  "auxiliary-exception": _("The auxiliary parameters make an exception"),
  "not-listening": _("The server does not listen where it should"),
  "socket-activated": _("Settings do not hold with the socket unit"),
  "configuration-broken": _("The server refuses its configuration, and would not start"),
  "rollback-failed": _("The previous settings could not be brought back"),
  "journal-broken": _("A change may be half done"),
};

const GRAVE = ["rollback-failed", "journal-broken", "configuration-broken"];

const SETTING_OF = {
  "group-missing": "PasswordLoginGroups", "interface-missing": "BindInterfaces",
  "interface-renamed": "BindInterfaces", "no-route-back": "BindInterfaces",
  "weak-cipher-enabled": "WeakCiphers", "kerberos-not-ready": "KerberosAuthentication",
  "password-open-to-all": "PasswordLoginGroups", "auxiliary-exception": "AuxiliaryParameters",
  "password-open-to-directory-users": "PasswordLoginGroups",
};

export function Warnings({ service, properties, admin, review, goTo }) {
  const [error, setError] = useState("");
  const restart = () => service.call("Restart").catch(reason => setError(problem(reason).text));
  const action = (code, { setting }) => {
    if (code === "edited-by-hand")
      return [_("Replace the edits"), () =>
        review({ method: "Apply", change: {}, options: { "overwrite-edits": true } })];
    if (code === "socket-activated")
      return [_("Change over to the service"), () =>
        review({ method: "Apply", change: {}, options: { "use-service": true } })];
    if (code === "not-listening" || code === "rollback-failed")
      return [_("Restart the server"), restart];
    const name = SETTINGS[setting] ? setting : SETTING_OF[code];
    return name ? [_("Go to the setting"), () => goTo(name)] : null;
  };
  return properties.Warnings.map(([code, details], index) => {
    const mend = admin && action(code, details);
    return (
      <StackItem key={`${code} ${index}`}>
        <Alert isInline component="p" variant={GRAVE.includes(code) ? "danger" : "warning"}
               className="warning" data-code={code} title={TITLES[code] || code}
               actionLinks={mend && <AlertActionLink onClick={mend[1]}>{mend[0]}</AlertActionLink>}>
          <span dir="auto">{details.message}</span> {error}
        </Alert>
      </StackItem>
    );
  });
}
