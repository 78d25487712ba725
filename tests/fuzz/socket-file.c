/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "socket-file.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (GPtrArray) lines = socket_lines_new ();
  g_autoptr (GPtrArray) listeners = NULL;
  g_autofree char *rendered = NULL;

  socket_lines_add (lines, "/file", text);
  listeners = socket_lines_listeners (lines, TRUE, FALSE);
  rendered = socket_file_render (lines, 2222);
  g_assert_true (listeners->len == 0 || rendered != NULL);
  return 0;
}
