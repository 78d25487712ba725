/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "directive.h"

/* An argument in quotes comes back as it was, if a line can hold it. */
static void
check_quote (const char *text)
{
  g_autofree char *quoted = directive_quote (text);
  g_autofree char *line = g_strconcat ("x ", quoted, NULL);
  g_autoptr (Directive) directive = directive_parse (line);

  g_assert_nonnull (directive);
  g_assert_nonnull (directive->args);
  g_assert_cmpstr (directive->args[0], ==, text);
  g_assert_null (directive->args[1]);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (Directive) directive G_GNUC_UNUSED = directive_parse (text);

  check_quote (text);
  return 0;
}
