/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "record.h"

#include "literal.h"

char *
record_compose (const char *format, GVariant *value)
{
  g_autofree char *printed = g_variant_print (value, TRUE);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, printed, -1);

  return g_strdup_printf ("%s\n%s\n%s\n", format, sum, printed);
}

GVariant *
record_parse (const char *format, const char *type, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 4);
  g_autofree char *sum = NULL;

  if (g_strv_length (lines) != 4 || *lines[3] != '\0' || !g_str_equal (lines[0], format))
    return NULL;
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lines[2], -1);
  if (!g_str_equal (sum, lines[1]))
    return NULL;
  return literal_parse (G_VARIANT_TYPE (type), lines[2], NULL);
}
