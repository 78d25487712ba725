/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* The number of the settings, which never repeats. Blocks: for worker threads. */

/* The highest generation that was ever used. */
gboolean generation_read (guint64 *generation, GError **error);

/* Before it is used. */
gboolean generation_set (guint64 generation, GError **error);

/* The generation of the drop-in as it is: one more than before, the first time that it is seen as
 * somebody else has made it, changed it, put it back or taken it away. text: (nullable); own: the
 * generation that it names, 0 where it is not ours. Not while a change is under way. */
gboolean
generation_note_drop_in (const char *text, guint64 own, guint64 *generation, GError **error);
