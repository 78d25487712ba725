/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "drop-in.h"

/* One that nobody has edited says what it was made of, once more. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (DropIn) drop_in = drop_in_parse (text);
  guint n_header;
  g_autofree char *again = drop_in_compose (drop_in->settings, 7, drop_in_config (text), &n_header);
  g_autoptr (DropIn) other = drop_in_parse (again);

  g_assert_true (other->edited || g_variant_equal (drop_in->settings, other->settings));
  g_assert_true (!other->edited || !g_utf8_validate (text, -1, NULL));
  return 0;
}
