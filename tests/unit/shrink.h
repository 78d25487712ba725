/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Whether a text still does what the one did that is to be made smaller. */
typedef gboolean (*ShrinkTest) (const char *text, gpointer user_data);

/* A small part of the text that still does it: whole lines go first, then characters. UTF-8. */
char *shrink (const char *text, ShrinkTest test, gpointer user_data);
