/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loaded before a program's own libraries: the clock that can be set is ahead for it, or behind, by
 * the seconds in the file that $TRUENAS_SSH_CLOCK names, whenever it looks. The others are as they
 * are. */

#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t
read_ahead (void)
{
  const char *path = getenv ("TRUENAS_SSH_CLOCK");
  int fd = path ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  char text[32] = "";
  ssize_t length = fd >= 0 ? read (fd, text, sizeof text - 1) : 0;

  if (fd >= 0)
    close (fd);
  return length > 0 ? strtol (text, NULL, 10) : 0;
}

time_t
time (time_t *now)
{
  struct timespec exact;

  clock_gettime (CLOCK_REALTIME, &exact);
  if (now != NULL)
    *now = exact.tv_sec;
  return exact.tv_sec;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec exact;
  int result = clock_gettime (CLOCK_REALTIME, &exact);

  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return result;
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  static int (*real) (clockid_t clock, struct timespec * now);
  int result;

  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "clock_gettime");
  result = real (clock, now);
  if (clock == CLOCK_REALTIME)
    now->tv_sec += read_ahead ();
  return result;
}
