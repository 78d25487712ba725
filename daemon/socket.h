/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "socket-file.h"

/* The socket unit that listens in the place of sshd, as systemd knows it. Blocks: for worker
 * threads. */

/* (element-type Listener) Where the unit listens, or would; by what systemd has read last. */
GPtrArray *socket_listen (GDBusConnection *bus, const char *unit);

/* What our drop-in has to hold so that the unit listens on this port only. NULL with an error: it
 * cannot be done. Lines of an administrator's that open another port are a conflict, unless
 * replace_foreign allows them to lose their effect. wanted: (element-type Listener) (nullable)
 * (out) what it then opens. */
char *socket_derive (GDBusConnection *bus,
                     const char *unit,
                     guint16 port,
                     gboolean replace_foreign,
                     GPtrArray **wanted,
                     GError **error);

/* (element-type Listener) What the unit opens without our drop-in, and without what a generator may
 * say then. */
GPtrArray *socket_listen_without (GDBusConnection *bus, const char *unit, GError **error);
