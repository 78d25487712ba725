/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "effective.h"
#include "unit.h"

/* What sshd really does, as the kernel and systemd have it. Blocks: for worker threads. */

/* The inodes of those sockets of the unit's processes that are endpoints (element-type Endpoint);
 * the others may be ports that users forward. A socket unit has no others. (element-type guint64)
 */
GHashTable *verify_sockets (const UnitState *unit, const GPtrArray *endpoints, GError **error);

/* Whether a server of a unit that systemd takes for stopped listens on one of the endpoints. */
gboolean verify_is_forgotten (const UnitState *unit, const GPtrArray *endpoints);

/* (element-type Listener) What the unit's processes listen on, without the ports that users
 * forward, which are theirs; a socket unit's are systemd's. NULL: the kernel does not say. */
GPtrArray *verify_listeners (const UnitState *unit);

/* What is not as it should be with these listeners of the unit, in English; NULL: nothing. */
char *verify_fault (const UnitState *unit, const GPtrArray *listeners, const GPtrArray *endpoints);

/* Whether one of these listeners is bound to a device that is no more, though there may be another
 * one of its name. */
gboolean verify_is_stale (const GPtrArray *listeners);

/* (element-type Listener) The sockets that sshd opens for endpoints (element-type Endpoint). */
GPtrArray *verify_wanted (const GPtrArray *endpoints);

/* Whether nobody else has a socket where one of these (element-type Listener) is to be. */
gboolean
verify_free (GDBusConnection *bus, const UnitState *unit, const GPtrArray *wanted, GError **error);

/* Waits, at most five seconds, until the unit runs and listens on these endpoints; not for those
 * that have not come a second after others, nor for a server that hangs or ends. before:
 * (nullable) its sockets from before the change: none of them may be left, which proves that sshd
 * has read its configuration again. */
gboolean verify_listening (GDBusConnection *bus,
                           const GPtrArray *endpoints,
                           GHashTable *before,
                           GError **error);

/* The same for a socket unit, which listens in the place of sshd. wanted: (element-type Listener)
 * (nullable) that and nothing else; NULL: what it says itself. running: so does sshd. */
gboolean verify_opened (GDBusConnection *bus,
                        const GPtrArray *wanted,
                        gboolean running,
                        GHashTable *before,
                        GError **error);
