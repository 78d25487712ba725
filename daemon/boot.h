/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* What starts when the machine boots, through systemd. Blocks: for worker threads. */

/* Has the unit start at boot or not, and proves it. */
gboolean boot_set (GDBusConnection *bus, const char *name, gboolean start_on_boot, GError **error);

/* Only writes it down, for systemd's next reload. The unit must not run: see boot_set (). */
gboolean
boot_write (GDBusConnection *bus, const char *name, gboolean start_on_boot, GError **error);
