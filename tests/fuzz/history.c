/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "history.h"
#include "settings.h"

/* What the settings of an entry are good for: to be asked for once more. */
static void
go_back (GVariant *history, guint64 generation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) settings = history_find (history, generation, &error);
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr (GVariant) merged = NULL;

  g_assert_true ((settings == NULL) == (error != NULL));
  if (settings == NULL)
    return;
  merged = settings_merge (nothing, settings, NULL, &error);
  g_assert_true ((merged == NULL) == (error != NULL));
}

/* As it is, and with the right hash. Whatever is in the entries, all of them are listed, and none
 * stops another from being found. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *whole = fuzz_record ("truenas-ssh history 1", text);
  g_autoptr (GVariant) nothing G_GNUC_UNUSED = history_parse (text);
  g_autoptr (GVariant) value = history_parse (whole);
  g_autoptr (GVariant) history = NULL;
  g_autoptr (GVariant) list = NULL;

  if (value == NULL)
    return 0;

  history = g_variant_get_child_value (value, 1);
  list = history_list (history);
  g_assert_cmpuint (g_variant_n_children (list), ==, g_variant_n_children (history));
  for (guint64 generation = 0; generation < 10; generation++)
    go_back (history, generation);
  return 0;
}
