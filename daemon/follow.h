/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Binds sshd to the interfaces as they are now: writes the drop-in for them, and has sshd read it
 * if that is another text, or if a device is another one of the same name. The settings and their
 * generation stay. revive: whether an sshd that has failed is to come back, as it has failed over a
 * device that is gone; kept from call to call. Blocks: for a worker thread. TRUENAS_SSH_ERROR_BUSY
 * while a change is under way. */
gboolean follow (GDBusConnection *bus, gboolean *revive, GError **error);

G_END_DECLS
