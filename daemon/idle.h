/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Who calls, and whether anybody who has called is still there. */

typedef struct _Idle Idle;

/* What it asks and tells; on the main context. */
typedef struct
{
  gboolean (*is_needed) (gpointer user_data); /* for a while, whoever calls */
  gboolean (*stays) (gpointer user_data);     /* whether it goes on without anybody */
  void (*done) (gpointer user_data);          /* nobody needs it any more */
  gpointer user_data;
} IdleCalls;

/* Done is called once, when for a while (in ms) nobody has called and nobody who did is on the bus.
 */
Idle *idle_new (GDBusConnection *bus, guint patience, const IdleCalls *calls);

void idle_free (Idle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Idle, idle_free)

/* Whether a call that has arrived has not been answered; of any kind, from its arrival on. */
gboolean idle_has_calls (Idle *self);
