/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bus of another machine, over SSH. */

#pragma once

#include <gio/gio.h>

/* (transfer full): a connection to the bus of @host, which is as for ssh(1); NULL with an error. */
GDBusConnection *remote_connect (const char *host, GError **error);
