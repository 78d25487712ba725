/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* A timer of systemd's that starts the service when a change on probation has to be rolled back. It
 * outlives the service's end, whether by a stop, a crash or an upgrade. Blocks: for worker threads.
 */

/* seconds: from now. */
gboolean deadline_arm (GDBusConnection *bus, guint64 generation, guint seconds, GError **error);

/* Does nothing where there is none. */
void deadline_disarm (GDBusConnection *bus, guint64 generation);
