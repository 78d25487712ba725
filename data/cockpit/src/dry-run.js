// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What a change would do, by asking the service to try it.
import { Service } from "./service.js";
import { SETTINGS, toBus } from "./setting.jsx";
import { variant } from "./variant.js";

const TYPES = { reset: "as", "check-logins": "as", "confirm-timeout": "u", "if-generation": "t" };
const options = given => Object.fromEntries(
  Object.entries(given).map(([name, value]) => [name, variant(TYPES[name] || "b", value)]));

export function send(service, request, extra) {
  const { reset, ...others } = { ...request.options, ...extra };
  const given = options({ ...others, ...(reset?.length && { reset }) });
  return request.method === "Revert"
    ? service.call("Revert", [request.generation, given])
    : service.call("Apply", [toBus(request.change), given]);
}

export async function dryRun(service, request, extra) {
  const people = await Service.people();
  const look = { "dry-run": true, "check-logins": people };
  const [after] = await send(service, request, { ...extra, ...look });
  // Today's answer takes the same permission to read on past an edit by hand.
  const past = { ...request.options, ...extra }["overwrite-edits"];
  const [before] = await send(service, { method: "Apply", change: {} },
                              { ...look, ...(past && { "overwrite-edits": true }) });
  return { ...after, before: before.logins || {} };
}

// Whether what the dry run names can keep somebody out; what replaces lines or units can.
export const isRisky = (result, request, extra) =>
  result.changed.some(name => SETTINGS[name]?.access) ||
  Object.values({ ...request.options, ...extra }).includes(true);
