/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* What Explain () answers: aa{sv}, for each setting who has decided it. Blocks: for worker threads.
 */
GVariant *explain (GDBusConnection *bus, GCancellable *cancellable, GError **error);
