/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "trial.h"

/* What a program prints is made UTF-8 before anybody reads it. A complaint has a file and words,
 * and is about the file that was copied. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *bytes = fuzz_text (data, size);
  g_autofree char *text = g_utf8_make_valid (bytes, -1);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) complaints = NULL;

  g_hash_table_insert (names, (gpointer) "/run/copy", (gpointer) "/etc/ssh/sshd_config");
  complaints = trial_parse_complaints (names, text);
  for (guint i = 0; i < complaints->len; i++)
    {
      const Complaint *complaint = g_ptr_array_index (complaints, i);

      g_assert_true (*complaint->path != '\0' && complaint->message != NULL && !complaint->own);
      g_assert_cmpstr (complaint->path, !=, "/run/copy");
    }
  return 0;
}
