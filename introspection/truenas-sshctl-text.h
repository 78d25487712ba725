/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is shown: text that cannot do anything to a terminal, tables, JSON. */

#pragma once

#include <glib.h>

/* (transfer full): all of a file, or of standard input for NULL; NULL with an error. */
char *text_read (const char *path, GError **error);

/* Whether standard output shows colours. */
gboolean text_has_colours (void);

/* (transfer full): @text with a “?” in place of whatever is not for the eyes; of lines with
 * @lines. */
char *text_printable (const char *text, gboolean lines);

/* (transfer full): a value as `get` shows it; lists in one line. */
char *text_value (GVariant *value);

/* Prints rows (char **) in columns, the first of which is a heading. */
void text_table (GPtrArray *rows);

void text_json (GVariant *value);

/* Prints a unified diff. */
void text_diff (const char *diff);

/* (transfer full): how long @seconds are. */
char *text_duration (gint64 seconds);
