// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Who gets in now and would not any more.
const ways = answer => [...answer.methods, ...answer.possible];

export function losers(before, after) {
  return Object.keys(after).filter(user => before[user] && ways(before[user]).length && !ways(after[user]).length);
}

export function reasons(answer) {
  return [...new Set(answer.reasons.map(([, why]) => why))];
}
