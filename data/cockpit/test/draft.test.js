// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, changeOf, edit, isEmpty, overtaken, pin, rebase, toggleReset, valueOf } from "../src/draft.js";

const NOW = { TcpPort: 22, PasswordLoginGroups: ["a"], PasswordAuthentication: true, ManagedSettings: ["TcpPort"] };

test("what is typed stands in for the property", () => {
  const draft = edit(EMPTY, NOW, "TcpPort", 2222);
  assert.equal(valueOf(draft, NOW, "TcpPort"), 2222);
  assert.deepEqual(changeOf(draft, NOW), { TcpPort: 2222 });
});

test("typing it back leaves nothing to save", () => {
  assert.ok(isEmpty(edit(edit(EMPTY, NOW, "TcpPort", 2222), NOW, "TcpPort", 22)));
  assert.ok(isEmpty(edit(EMPTY, { ...NOW, PasswordLoginGroups: ["a", "b"] }, "PasswordLoginGroups", ["b", "a"])));
});

test("somebody else's change keeps what is typed, and is told of", () => {
  const draft = edit(EMPTY, NOW, "TcpPort", 2222);
  const later = { ...NOW, TcpPort: 2200 };
  assert.deepEqual(rebase(draft, later), draft);
  assert.deepEqual(overtaken(draft, later), ["TcpPort"]);
  assert.deepEqual(overtaken(edit(draft, later, "TcpPort", 2223), later), ["TcpPort"]);
});

test("somebody else's change to the same value ends the draft", () => {
  assert.ok(isEmpty(rebase(edit(EMPTY, NOW, "TcpPort", 2222), { ...NOW, TcpPort: 2222 })));
});

test("a setting is either set or given back", () => {
  const reset = toggleReset(edit(EMPTY, NOW, "TcpPort", 2222), "TcpPort");
  assert.deepEqual(reset, { edits: {}, resets: ["TcpPort"] });
  assert.deepEqual(edit(reset, NOW, "TcpPort", 2222).resets, []);
  assert.ok(isEmpty(toggleReset(reset, "TcpPort")));
  assert.ok(isEmpty(rebase(reset, { ...NOW, ManagedSettings: [] })));
});

test("a value can be set that is so already", () => {
  const now = { ...NOW, ManagedSettings: [] };
  const draft = pin(EMPTY, now, "TcpPort");
  assert.deepEqual(changeOf(draft, now), { TcpPort: 22 });
  assert.deepEqual(rebase(draft, now), draft);
  assert.ok(isEmpty(rebase(draft, NOW)));
  assert.ok(isEmpty(edit(draft, now, "TcpPort", 22)));
});

test("emptying the groups names the passwords that it opens", () => {
  const draft = edit(EMPTY, NOW, "PasswordLoginGroups", []);
  assert.deepEqual(changeOf(draft, NOW), { PasswordLoginGroups: [], PasswordAuthentication: true });
  assert.deepEqual(changeOf(draft, { ...NOW, PasswordAuthentication: false }), { PasswordLoginGroups: [] });
});
