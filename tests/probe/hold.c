/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loaded into the daemon or into prepare, it lets a test attach a tracer to the right thread,
 * always at the same place. A thread waits as long as a file of the right name is in the folder
 * that $TRUENAS_SSH_HOLD names: before it takes the journal's lock, which is how all that changes
 * files begins, one of the program's name; and once it has made a temporary file, one named as that
 * begins. It goes on, too, when it finds a file of its own number, which it takes away. It is
 * called "held" until then. */

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define INTERVAL 2000 /* µs */

int g_mkstemp_full (char *template, int flags, int mode);

/* By a call that no rig counts or lets fail. */
static int
exists (const char *path)
{
  struct statfs found;

  return statfs (path, &found) == 0;
}

static void
wait_at (const char *place, size_t length)
{
  const char *folder = getenv ("TRUENAS_SSH_HOLD");
  char name[16], hold[256], go[256];

  if (folder == NULL)
    return;
  snprintf (hold, sizeof hold, "%s/%.*s", folder, (int) length, place);
  snprintf (go, sizeof go, "%s/%d", folder, gettid ());
  if (!exists (hold))
    return;
  prctl (PR_GET_NAME, name);
  prctl (PR_SET_NAME, "held");
  while (exists (hold) && !exists (go))
    usleep (INTERVAL);
  prctl (PR_SET_NAME, name);
  unlink (go);
}

int
flock (int fd, int operation)
{
  wait_at (program_invocation_short_name, strlen (program_invocation_short_name));
  return (int) syscall (SYS_flock, fd, operation);
}

int
g_mkstemp_full (char *template, int flags, int mode)
{
  int (*next) (char *, int, int) = dlsym (RTLD_NEXT, "g_mkstemp_full");
  int fd = next (template, flags, mode);
  const char *name = strrchr (template, '/');
  const char *end = name ? strstr (name, ".truenas-ssh-") : NULL;

  if (end != NULL)
    wait_at (name + 1, (size_t) (end - name - 1));
  return fd;
}
