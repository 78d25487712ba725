/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "journal.h"

/* Sees to the end of a change: undoes it when its time is up, keeps it when its login comes, and
 * tries again where undoing has failed. What there is to see to stands in the journal on disk. */
typedef struct _Keeper Keeper;

/* claim: may it change things now? done: it has; outcome: (nullable) for LastChange. */
Keeper *keeper_new (GDBusConnection *bus,
                    gboolean (*claim) (gpointer user_data),
                    void (*done) (const char *outcome, const char *reason, gpointer user_data),
                    gpointer user_data);

void keeper_free (Keeper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Keeper, keeper_free)

/* Undoes what an earlier life of the service has left. */
void keeper_recover (Keeper *self);

/* Whether it has tried to undo what is due, in vain so far. */
gboolean keeper_is_stuck (const Keeper *self);

/* journal: (nullable) as it is now. */
void keeper_update (Keeper *self, const Journal *journal);
