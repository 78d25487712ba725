/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Groups as NSS tells them, which may mean a directory far away: everything here may block, call it
 * from a worker thread. A directory that fails is TRUENAS_SSH_ERROR_FAILED, where NSS does not pass
 * over it in silence. */

/* Does sshd know the group by this name? TRUENAS_SSH_ERROR_UNKNOWN_GROUP if not. */
gboolean groups_exists (const char *name, GError **error);

/* a(su), names and gids, sorted by name; at most @limit, 0 = 1000. A group whose whole name is
 * @prefix is found even in a directory that does not enumerate. */
GVariant *groups_list (const char *prefix, guint limit, GError **error);

/* The element for a quoted list of sshd's `Match Group` that matches this group and, as far as NSS
 * enumerates, no other; TRUENAS_SSH_ERROR_INVALID_SETTING where another would match. */
char *groups_pattern (const char *name, GError **error);

G_END_DECLS
