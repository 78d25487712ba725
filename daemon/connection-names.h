/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What NetworkManager's active connections are called, by a few questions over the bus: to ask it
 * for everything takes it a quarter of a second with 1,000 interfaces. Blocks: for worker threads.
 *
 * names: interface → name of its connection; NULL: NetworkManager does not run, or hangs. FALSE: it
 * does not tell, or has so many connections that it is better asked for everything. */
gboolean connection_names_read (GDBusConnection *bus,
                                GHashTable **names,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
