/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "config-tree.h"

/* Lines of files that are not ours, which have to go while a setting is managed, and come back byte
 * for byte. Pure text. */

/* The text as it was before. taken: (nullable) gets the numbers of the lines that had been taken
 * out. */
char *foreign_restore (const char *text, GHashTable *taken);

/* Where a line of the text as it was before stands in the text. */
guint foreign_line (const char *text, guint line);

/* Comments lines out, with a mark. lines: numbers to what is put in behind, or NULL. */
char *foreign_take (const char *text, GHashTable *lines);

/* The setting against which a global line stands, NULL where it can stay. own: a line of ours takes
 * its place, so that nothing is lost. */
const char *foreign_claim (const ConfigLine *line,
                           GVariant *settings,
                           gboolean replace_subsystem,
                           gboolean *own);

/* Whether a line is one of a Match block that allows something. */
gboolean foreign_opens (const ConfigLine *line);
