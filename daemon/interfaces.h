/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The network interfaces that sshd can be bound to: those that receive packets themselves, so no
 * ports of a bond or bridge, and not the loopback, which is always bound. */

/* Asks the kernel, and NetworkManager, if it runs, over @bus in a worker thread, or on the main
 * context where it has to tell more than that its connections are called. The result is an aa{sv}
 * as ListInterfaces answers it, sorted by name; @bound are the names that get `bound`. */
void interfaces_list_async (GDBusConnection *bus,
                            const char *const *bound,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
GVariant *interfaces_list_finish (GAsyncResult *result, GError **error);

/* These ask the kernel only, and are cheap. */
gboolean interfaces_exists (const char *name);

/* TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE with the reason if not. */
gboolean interfaces_can_bind (const char *name, GError **error);

/* The families in which the interface has an address for others, but no way back to clients beyond
 * its own network: "IPv4", "IPv6", "IPv4 and IPv6"; NULL: none. */
const char *interfaces_no_way_back (const char *name);

/* Does the machine (NULL) or the interface speak IPv6? */
gboolean interfaces_have_ipv6 (const char *name);

G_END_DECLS
