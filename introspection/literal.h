/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* A value from its text, as g_variant_print () writes it and people type it. type: (nullable) what
 * it must be of. Whatever the text: a value, or an error. */
GVariant *literal_parse (const GVariantType *type, const char *text, GError **error);
