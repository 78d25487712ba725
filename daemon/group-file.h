/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <grp.h>

G_BEGIN_DECLS

/* What is called for a group; FALSE: no more of them. */
typedef gboolean (*GroupFunc) (const struct group *group, gpointer user_data);

/* Calls it for each group of the machine's own file whose name begins with @prefix, and perhaps for
 * others. FALSE: the name service has more than this file, or it cannot be read, and nothing has
 * been called. root: "/". */
gboolean
group_file_enumerate (const char *root, const char *prefix, GroupFunc function, gpointer user_data);

G_END_DECLS
