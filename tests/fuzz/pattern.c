/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "pattern.h"

/* A pattern, and behind a line break what it is compared with. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  const PatternClient nobody = { NULL, NULL };
  const PatternClient client = { "192.0.2.1", "client" };
  char *other = strchr (text, '\n');

  if (other == NULL)
    return 0;
  *other++ = '\0';
  pattern_matches (text, other);
  pattern_list_matches (text, other);
  pattern_list_matches_client (text, &nobody);
  pattern_matches_user (text, other, &client);
  return 0;
}
