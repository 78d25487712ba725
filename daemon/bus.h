/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Of a message that somebody sends us, whole. */
#define BUS_MAX_BYTES 262144

/* (transfer full) (nullable) A connection to the system bus, of which no message does harm
 * (checked-stream.h): anybody may send a signal to any connection, also where nobody may call. */
GDBusConnection *bus_connect (GError **error);
