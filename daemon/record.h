/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* A value as the text of a file: a line that says what it is, one with the hash of the rest, and
 * the rest. Pure text. */
char *record_compose (const char *format, GVariant *value);

/* NULL: it is nothing of this format and type, or not whole. */
GVariant *record_parse (const char *format, const char *type, const char *text);
