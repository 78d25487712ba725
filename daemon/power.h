/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* The unit's own methods. Each returns when what it says has been seen. Blocks: for a worker
 * thread. */

gboolean power_start (GDBusConnection *bus, GError **error);
gboolean power_stop (GDBusConnection *bus, GError **error);
gboolean power_restart (GDBusConnection *bus, GError **error);
gboolean power_set_start_on_boot (GDBusConnection *bus, gboolean enable, GError **error);
