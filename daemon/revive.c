/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs when sshd's service, which is its argument, has failed. sshd ends where a device that it is
 * bound to has gone as it reads its configuration, and Debian's unit has systemd leave it at that.
 * Started anew, it has it written for the devices that there are. What is bound to none, or what
 * somebody has stopped, is left alone. */

#include "config.h"

#include "binding.h"
#include "systemctl.h"

/* Of itself: not because it was killed, or too often. */
static gboolean
has_ended (const char *service, GError **error)
{
  g_autofree char *result = systemctl ("show", "--property=Result", service, error);

  return g_strcmp0 (result, "Result=exit-code\n") == 0;
}

/* It may have done so a few times by now, which is not to keep anybody from starting it. */
static gboolean
start (const char *service, GError **error)
{
  g_autofree char *reset = systemctl ("reset-failed", NULL, service, error);
  g_autofree char *started = reset ? systemctl ("start", "--no-block", service, error) : NULL;

  return started != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 2)
    {
      g_printerr ("Usage: %s SERVICE\n", argv[0]);
      return 2;
    }
  if (binding_exists (&error) && has_ended (argv[1], &error))
    start (argv[1], &error);
  if (error == NULL)
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
