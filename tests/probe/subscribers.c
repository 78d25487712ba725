/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many clients in one process, each with a connection of its own to the system bus, all of which
 * wait for the change of a property:
 *
 *   probe-subscribers COUNT SENDER PATH PROPERTY
 *
 * It says "ready", and each time that all of them have been told of a change the monotonic clock's
 * nanoseconds at the first and at the last. */

#include "config.h"

#include "measure.h"

#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <time.h>

typedef struct
{
  const char *property;
  guint count;
  guint told;
  gint64 first;
} Watchers;

static gboolean
tells_of (sd_bus_message *signal, const char *property)
{
  const char *name;

  need (sd_bus_message_skip (signal, "s"), "interface");
  need (sd_bus_message_enter_container (signal, 'a', "{sv}"), "properties");
  while (sd_bus_message_enter_container (signal, 'e', "sv") > 0)
    {
      need (sd_bus_message_read (signal, "s", &name), "name");
      if (g_str_equal (name, property))
        return TRUE;
      need (sd_bus_message_skip (signal, "v"), "value");
      need (sd_bus_message_exit_container (signal), "entry");
    }
  return FALSE;
}

static int
on_signal (sd_bus_message *signal, void *user_data, sd_bus_error *error)
{
  Watchers *watchers = user_data;

  if (!tells_of (signal, watchers->property))
    return 0;
  if (watchers->told == 0)
    watchers->first = now ();
  if (++watchers->told < watchers->count)
    return 0;
  g_print ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", watchers->first, now ());
  watchers->told = 0;
  return 0;
}

static sd_bus *
subscribe (Watchers *watchers, const char *sender, const char *path)
{
  sd_bus *bus = NULL;

  need (sd_bus_open_system (&bus), "bus");
  need (sd_bus_match_signal (bus, NULL, sender, path, "org.freedesktop.DBus.Properties",
                             "PropertiesChanged", on_signal, watchers),
        "match");
  return bus;
}

int
main (int argc, char **argv)
{
  Watchers watchers = { 0 };
  g_autofree sd_bus **buses = NULL;
  g_autofree struct pollfd *files = NULL;

  if (argc != 5)
    return 2;
  watchers.count = (guint) g_ascii_strtoull (argv[1], NULL, 10);
  watchers.property = argv[4];
  buses = g_new0 (sd_bus *, watchers.count);
  files = g_new0 (struct pollfd, watchers.count);
  for (guint i = 0; i < watchers.count; i++)
    {
      buses[i] = subscribe (&watchers, argv[2], argv[3]);
      files[i].fd = sd_bus_get_fd (buses[i]);
      files[i].events = POLLIN;
    }
  g_print ("ready\n");
  for (;;)
    {
      for (guint i = 0; i < watchers.count; i++)
        while (files[i].revents != 0 && sd_bus_process (buses[i], NULL) > 0)
          ;
      poll (files, watchers.count, -1);
    }
}
