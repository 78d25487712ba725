// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What a dry run says about what is being typed, a moment after the last key. One after the other: the
// service is busy with one.
import { useEffect, useState } from "react";
import { problem } from "./problem.js";
import { NAMES, mistake, toBus } from "./setting.jsx";
import { variant } from "./variant.js";

const PAUSE_MS = 500;
const CHECKED = ["TcpPort", "AuxiliaryParameters"];

export function useLiveChecks(service, properties, draft, enabled) {
  const [found, setFound] = useState({});
  const typed = CHECKED.filter(name => name in draft.edits && !mistake(name, draft.edits[name].value));
  const key = JSON.stringify(typed.map(name => draft.edits[name].value));

  useEffect(() => {
    setFound({});
    if (!enabled || typed.length === 0)
      return undefined;
    let current = true;
    const check = async name => {
      const change = toBus({ [name]: draft.edits[name].value });
      try {
        await service.call("Apply", [change, { "dry-run": variant("b", true) }]);
      } catch (reason) {
        const { kind, setting, text, line } = problem(reason, NAMES);
        if (current && (setting === name || kind === "PortInUse"))
          setFound(before => ({ ...before, [name]: { text, line } }));
      }
    };
    const checkAll = async () => {
      for (const name of typed)
        if (current)
          await check(name);
    };
    const timer = setTimeout(checkAll, PAUSE_MS);
    return () => { current = false; clearTimeout(timer) };
  // The text of what is typed stands for it.
  }, [service, enabled, key, properties.Generation]);
  return found;
}
