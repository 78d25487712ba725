/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "caller.h"
#include "change.h"
#include "journal.h"

/* A change after its proof: kept once it is confirmed, else undone. The journal on disk is all its
 * state, so that it survives the service. Blocks: for a worker thread, one at a time. */

/* Puts a change on probation, for as long as it asks for. token: what confirms it or rolls it back;
 * the journal has its hash only. */
gboolean probation_begin (Journal *journal, const Change *change, char **token, GError **error);

/* Ends what is pending. token: "" if the caller does without it; granted: what the caller may do
 * then. */
gboolean probation_confirm (GDBusConnection *bus,
                            const char *token,
                            const Caller *caller,
                            guint granted,
                            GError **error);
gboolean probation_roll_back (GDBusConnection *bus,
                              const char *token,
                              const Caller *caller,
                              guint granted,
                              GError **error);

/* Keeps it if a new session is the login that confirms it. FALSE without an error: it is not. */
gboolean probation_confirm_by_login (GDBusConnection *bus, const char *session, GError **error);

/* Undoes what is due: a change that was never finished, or that nobody has confirmed. reason: why,
 * in English; NULL: there was nothing to undo. */
gboolean probation_recover (GDBusConnection *bus, char **reason, GError **error);

/* The same, under a lock that the caller has. */
gboolean probation_recover_locked (GDBusConnection *bus, char **reason, GError **error);
