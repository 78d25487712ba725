/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "record.h"

#define TYPE "(tsxxsbbuuua{sv}a{sv}sa(ayaayus)(ssbbbb))"

/* As it is, and with the right hash. What is understood is written as the same again. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *whole = fuzz_record ("format", text);
  g_autoptr (GVariant) nothing G_GNUC_UNUSED = record_parse ("format", TYPE, text);
  g_autoptr (GVariant) value = record_parse ("format", TYPE, whole);
  g_autofree char *again = value ? record_compose ("format", value) : NULL;
  g_autoptr (GVariant) other = again ? record_parse ("format", TYPE, again) : NULL;

  g_assert_true (value == NULL || (other != NULL && g_variant_equal (value, other)));
  return 0;
}
