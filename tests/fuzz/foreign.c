/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "foreign.h"

/* Lines that are taken out come back byte for byte, whatever the file holds. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (GHashTable) lines = g_hash_table_new (NULL, NULL);
  g_autofree char *taken = NULL;
  g_autofree char *back = NULL;

  g_hash_table_insert (lines, GUINT_TO_POINTER (1), NULL);
  g_hash_table_insert (lines, GUINT_TO_POINTER (2), (gpointer) "Subsystem sftp /x");
  taken = foreign_take (text, lines);
  back = foreign_restore (taken, NULL);
  g_assert_cmpstr (back, ==, text);
  return 0;
}
