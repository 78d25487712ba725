/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "caller.h"
#include "history.h"
#include "journal.h"

/* What becomes of changes, in the system's journal: messages that a program can find by their id,
 * and whose fields and text hold numbers, hashes and names of ours only, nothing that a caller has
 * worded. Any thread. */

/* by: (nullable) who has confirmed it or rolled it back. */
void audit_change (const Journal *journal, HistoryOutcome outcome, const Caller *by);

/* A change has replaced what somebody had made of the drop-in. generation, text: of the edit. */
void audit_edit (const Journal *journal, guint64 generation, const char *text);
