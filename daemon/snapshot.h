/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "journal.h"

/* The machine as it is now, in the words of the interface. Reads and asks much: for worker threads.
 */

typedef struct
{
  GVariant *settings;   /* (owned) a{sv}, the managed ones */
  GVariant *properties; /* (owned) a{sv}, every property that is read from outside */
  gboolean adrift;      /* sshd is bound to other devices than the interfaces are now */
  gboolean settled;     /* sshd listens where it is to: or else it may come to it any moment */
  Journal *journal;     /* (owned) (nullable) of a change that is pending, or has to be undone */
  GVariant *history;    /* (owned) as history_read () has it */
} Snapshot;

void snapshot_free (Snapshot *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Snapshot, snapshot_free)

/* Whether a socket unit listens in the place of sshd. */
gboolean snapshot_is_socket (const Snapshot *self);

/* Never fails: what cannot be told has a value that says so. renamed: a{ss}, interfaces that have
 * got another name, by the old one. stuck: what is due has been tried to undo, in vain so far. */
Snapshot *snapshot_take (GDBusConnection *bus, GVariant *renamed, gboolean stuck);
