/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Which unit holds a port. Blocks: for worker threads. */

/* Whose is a port that PID 1 holds, that is the cgroup "/init.scope": the name of the socket unit,
 * (nullable). */
char *holder_of_socket_port (GDBusConnection *bus, guint16 port);

/* The unit that a cgroup belongs to: "/system.slice/ssh.service" gives "ssh.service"; (nullable).
 */
char *holder_of_control_group (const char *control_group);
