/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Questions about users' keys, and their answers, on their way between the service and the program
 * that may look at them: values behind their length. Blocks. */

#define KEY_WIRE_PATH "/run/truenas-ssh-keys"

/* Name, uid, gids, home, AuthorizedKeysFile, StrictModes; the answer is KEY_FILES_TYPE. */
#define KEY_WIRE_QUESTION "(ayuauayaayb)"

/* FALSE: the other end is gone, or slow. */
gboolean key_wire_send (int fd, GVariant *value);

/* NULL: the same, or it is not of this type. */
GVariant *key_wire_receive (int fd, const char *type);
