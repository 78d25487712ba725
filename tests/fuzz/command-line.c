/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "command-line.h"

/* A file of variables, of which the first line is what they are put into. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (GHashTable) variables =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) words = g_strsplit_set (text, " \n", 8);
  g_auto (GStrv) arguments = NULL;
  g_auto (GStrv) relevant = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  command_line_read_variables (variables, text);
  arguments = command_line_expand ((const char *const *) words, variables);
  relevant = command_line_relevant ((const char *const *) arguments, TRUE);
  command_line_config ((const char *const *) relevant);
  return 0;
}
