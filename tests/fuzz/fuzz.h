/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <string.h>

/* What every target defines: libFuzzer calls it with bytes, and a crash, a leak or an assertion is
 * what it looks for. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The bytes as a file's text comes to a parser: up to the first NUL. */
static inline char *
fuzz_text (const guint8 *data, gsize size)
{
  return g_strndup ((const char *) data, size);
}

/* Its first line as a record whose hash is right, which alone gets further. */
static inline char *
fuzz_record (const char *format, const char *text)
{
  g_autofree char *line = g_strndup (text, strcspn (text, "\n"));
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, line, -1);

  return g_strdup_printf ("%s\n%s\n%s\n", format, sum, line);
}
