/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "call.h"

/* Whose turn it is: changes go one at a time, whether a caller's or the service's own, and however
 * many only want to read something, a change has its thread. Main loop. */

typedef struct _Turns Turns;

/* done: a call that changes things has run, and the next one may. What reads has its reply then. */
Turns *turns_new (void (*done) (Call *call, gpointer user_data), gpointer user_data);
void turns_free (Turns *self);

/* A call runs what its method does. During another change it fails with Busy; during the service's
 * own, of which no caller has to know, it waits. */
void turns_start (Turns *self, Call *call);

/* The service's own: FALSE, a change is under way. Then those that have waited for it start. */
gboolean turns_claim (Turns *self);
void turns_release (Turns *self);

/* A change is under way; some wait for it. */
gboolean turns_is_taken (const Turns *self);
gboolean turns_is_awaited (const Turns *self);
