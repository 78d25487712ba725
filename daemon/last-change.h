/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "journal.h"
#include "snapshot.h"
#include "truenas-ssh-generated.h"

/* The property LastChange: what became of the last change while this service runs. Main loop. */

void last_change_set (TruenasSshService *skeleton, const char *outcome, const char *reason);

/* By how a call went. outcome: (nullable) it changes no settings. error: (nullable) */
void last_change_set_result (TruenasSshService *skeleton, const char *outcome, const GError *error);

/* By the machine, where nobody has told: of what was pending before, somebody else may have seen to
 * the end, as a change that came before the keeper, or prepare; and an earlier life of the service
 * may have put something on probation. before: (nullable) */
void last_change_update (TruenasSshService *skeleton, const Journal *before, const Snapshot *now);
