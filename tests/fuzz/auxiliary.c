/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "auxiliary.h"

/* What the bus lets through is UTF-8. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (GHashTable) exceptions = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  exceptions = auxiliary_exceptions (text);
  g_assert_cmpint (auxiliary_actions (text, text), ==, ACTION_NONE);
  auxiliary_actions ("", text);
  auxiliary_check (text, TRUE, NULL);
  return 0;
}
