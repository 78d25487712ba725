/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <pwd.h>

#include "verdict.h"

/* All users that NSS lists. May block: for worker threads. */

/* Calls the function for one after the other, until it returns FALSE. FALSE: not all could be
 * seen. */
gboolean users_each (gboolean (*function) (const struct passwd *user, gpointer user_data),
                     gpointer user_data);

/* Whether the owner is the one member of a group, by list and by primary group, as Debian's sshd
 * asks about a file that the group may write to. */
Answer users_only_member (gid_t group, uid_t user, uid_t owner);
