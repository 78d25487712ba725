/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "journal.h"

/* As it is, and with the right hash. What is understood is written as the same again, and can be
 * asked whatever a journal is asked. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *whole = fuzz_record ("truenas-ssh journal 1", text);
  g_autoptr (Journal) nothing G_GNUC_UNUSED = journal_parse (text);
  g_autoptr (Journal) journal = journal_parse (whole);
  g_autoptr (Journal) other = NULL;
  g_autofree char *written = NULL;
  g_autofree char *again = NULL;

  if (journal == NULL)
    return 0;

  written = journal_compose (journal);
  other = journal_parse (written);
  g_assert_nonnull (other);
  again = journal_compose (other);
  g_assert_cmpstr (again, ==, written);
  g_assert_cmpuint (other->files->len, ==, journal->files->len);
  g_assert_true (journal_has_socket (journal) || !journal->moves);
  g_assert_true (journal_is_due (journal) || journal->verified > 0);
  g_assert_true (journal_drop_in (journal) == NULL || journal->files->len > 0);
  journal_deadline_realtime (journal);
  return 0;
}
