/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Of a message that somebody sends us, whole. */
#define FRONT_MAX_BYTES 262144

/* (transfer full) (nullable) A connection to the system bus on which others may call us, and in
 * which messages that are too large have been replaced (checked-stream.h). */
GDBusConnection *front_connect (GError **error);
