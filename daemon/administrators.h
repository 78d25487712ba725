/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Who is in a position to administer the machine: root, and the members of sudo, wheel and admin.
 * Asks the name service: for worker threads. */

/* Root and those whom the groups list, so many at most, root first. all: whether these are all of
 * them. */
char **administrators_listed (guint most, gboolean *all);

/* Those who have one of the groups for their primary one, and other names of root. */
char **administrators_by_number (guint most, gboolean *all);
