/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* A socket unit and the service behind it: down, so that files can change, and up again. Only in
 * this order: a socket unit whose files have changed loses its sockets when systemd reads them, and
 * says that it listens; and systemd opens no socket while its service runs. Established sessions
 * stay. Blocks: for worker threads. */

gboolean
switch_down (GDBusConnection *bus, const char *socket, const char *service, GError **error);

/* What to start; NULL: not that one. Has systemd read its files first. */
gboolean switch_up (GDBusConnection *bus, const char *socket, const char *service, GError **error);

/* Writes down what starts at boot. Both have to be down. */
gboolean switch_boot (GDBusConnection *bus,
                      const char *socket,
                      gboolean socket_on_boot,
                      const char *service,
                      gboolean service_on_boot,
                      GError **error);
