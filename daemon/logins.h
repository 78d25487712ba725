/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Logins, as logind has them. */

typedef struct _Logins Logins;

/* started: a session has begun; path is logind's object for it. */
Logins *logins_new (GDBusConnection *bus,
                    void (*started) (const char *path, gpointer user_data),
                    gpointer user_data);

void logins_free (Logins *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Logins, logins_free)

/* Whether a session is a login of this user's over SSH, from another machine, that began after a
 * moment (µs of CLOCK_BOOTTIME): its leader too, so that a connection from before does not count.
 * Blocks: for worker threads. */
gboolean logins_is_from_outside (GDBusConnection *bus, const char *path, guint32 uid, gint64 after);
