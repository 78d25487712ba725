/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <stdlib.h>
#include <time.h>

/* What the probes that measure have in common: ns, and an end where something cannot be done. */

static inline gint64
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

static inline void
need (int result, const char *doing)
{
  if (result >= 0)
    return;
  g_printerr ("%s: %s\n", doing, g_strerror (-result));
  exit (1);
}
