/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* What every target defines: libFuzzer calls it with bytes, and a crash, a leak or an assertion is
 * what it looks for. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The bytes as a file's text comes to a parser: up to the first NUL. */
static inline char *
fuzz_text (const guint8 *data, gsize size)
{
  return g_strndup ((const char *) data, size);
}
