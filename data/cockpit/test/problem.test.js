// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { losers } from "../src/logins.js";
import { problem } from "../src/problem.js";
import { plain, same } from "../src/variant.js";

const ours = (kind, message) => problem({ name: `org.truenas.SSH.Error.${kind}`, message }, ["TcpPort", "AuxiliaryParameters"]);

test("an error names its setting and line", () => {
  assert.deepEqual(ours("InvalidSetting", "AuxiliaryParameters:2: no: such"),
                   { kind: "InvalidSetting", setting: "AuxiliaryParameters", line: 2, text: "no: such" });
  assert.deepEqual(ours("PortInUse", "TcpPort: taken"), { kind: "PortInUse", setting: "TcpPort", line: undefined, text: "taken" });
  assert.deepEqual(ours("Conflict", "Other: x"), { kind: "Conflict", text: "Other: x" });
});

test("both words for a missing permission are one", () => {
  for (const name of ["AccessDenied", "InteractiveAuthorizationRequired"])
    assert.equal(problem({ name: `org.freedesktop.DBus.Error.${name}`, message: "" }).kind, "denied");
});

test("a traceback of the bridge is not shown", () => {
  assert.deepEqual(problem({ name: "python.error", message: "Traceback" }), { kind: "unknown", text: "" });
});

test("no answer, no service and no connection are told apart", () => {
  assert.equal(problem({ name: "org.freedesktop.DBus.Error.NoReply", message: "" }).kind, "slow");
  assert.equal(problem({ problem: "timeout", message: "" }).kind, "slow");
  assert.equal(problem({ problem: "not-found", message: "" }).kind, "missing");
  assert.equal(problem({ problem: "disconnected", message: "" }).kind, "gone");
});

test("variants are unwrapped at any depth", () => {
  assert.deepEqual(plain([{ a: { t: "aa{sv}", v: [{ b: { t: "q", v: 1 } }] } }]), [{ a: [{ b: 1 }] }]);
  assert.ok(same(["a", "b"], ["b", "a"]));
  assert.ok(!same(22, 23));
});

test("who loses is who had a way in and has none", () => {
  const way = { methods: ["publickey"], possible: [] };
  const maybe = { methods: [], possible: ["password"] };
  const none = { methods: [], possible: [] };
  assert.deepEqual(losers({ a: way, b: way, c: none, d: way }, { a: none, b: maybe, c: none, d: way }), ["a"]);
});
