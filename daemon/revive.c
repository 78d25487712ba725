/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs when sshd's service, which is its argument, has failed. sshd ends where a device that it is
 * bound to has gone as it reads its configuration, and Debian's unit has systemd leave it at that.
 * Started anew, it has it written for the devices that there are. What is bound to none, or what
 * somebody has stopped, is left alone. */

#include "config.h"

#include "drop-in.h"
#include "journal.h"
#include "settings.h"
#include "store.h"
#include "systemctl.h"

static gboolean
has_interfaces (GVariant *settings)
{
  g_autofree const char **names = settings_get_strv (settings, SETTING_BIND_INTERFACES);

  return names[0] != NULL;
}

/* Or was, until a change that is under way. */
static gboolean
is_bound (GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (DropIn) drop_in = NULL;
  g_autoptr (Journal) journal = journal_read (NULL);

  if (!store_read (DROP_IN_PATH, &text, error))
    return FALSE;
  drop_in = drop_in_parse (text);
  return (!drop_in->edited && has_interfaces (drop_in->settings))
         || (journal != NULL && has_interfaces (journal->before));
}

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
  if (is_bound (&error) && has_ended (argv[1], &error))
    start (argv[1], &error);
  if (error == NULL)
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
