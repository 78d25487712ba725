/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "call.h"

/* Whose turn it is: changes go one at a time, whether a caller's or the service's own, and however
 * many only want to read something, a change has its thread. Main loop. */

typedef struct _Turns Turns;

/* done: a call that changes things has run; its turn ends with turns_pass (). What reads has its
 * reply then. */
Turns *turns_new (void (*done) (Call *call, gpointer user_data), gpointer user_data);
void turns_free (Turns *self);

/* A call runs what its method does. During another change it fails with Busy, unless it ends what
 * is pending; after that, until the turn is passed on, while somebody only tries something out, and
 * during the service's own, of which no caller has to know, it waits. */
void turns_start (Turns *self, Call *call);

/* The service's own: FALSE, it is somebody's turn. When it is done there is turns_pass (), too. */
gboolean turns_claim (Turns *self);
void turns_end_own (Turns *self);

/* What has changed is known: those that have waited start. */
void turns_pass (Turns *self);

/* It is somebody's turn; something is being changed in it; some wait for it. */
gboolean turns_is_taken (const Turns *self);
gboolean turns_is_running (const Turns *self);
gboolean turns_is_awaited (const Turns *self);
