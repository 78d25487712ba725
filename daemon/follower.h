/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "snapshot.h"

/* Keeps sshd bound to the interfaces that are to be bound, as they come and go: looks when the
 * kernel tells of one, and has it done in a worker. */
typedef struct _Follower Follower;

/* changed: look at the machine again. claim, done: around what the follower does, which is one of
 * the things that go one at a time; claim returns FALSE when something else is under way. */
typedef struct
{
  void (*changed) (gpointer user_data);
  gboolean (*claim) (gpointer user_data);
  void (*done) (gpointer user_data);
  gpointer user_data;
} FollowerCalls;

Follower *follower_new (GDBusConnection *bus, const FollowerCalls *calls);

/* The machine as it is seen now. */
void follower_update (Follower *self, const Snapshot *snapshot);

/* a{ss}: interfaces that have got another name, by the old one. (transfer full) */
GVariant *follower_renamed (const Follower *self);

void follower_free (Follower *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Follower, follower_free)
