/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Measures calls over the system bus, of several services in turn:
 *
 *   probe-latency ROUNDS CALLS DEPTH NAME PATH INTERFACE [NAME PATH INTERFACE]...
 *
 * A call is GetAll of the interface, or Peer.Ping where that is "-". With DEPTH 1 each line of the
 * output is the nanoseconds that each call of a round took; else so many calls are on their way at
 * a time, and a line is the nanoseconds that the whole round took. Lines come in the order of
 * rounds, and in each in the order of the services. */

#include "config.h"

#include "measure.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

typedef struct
{
  const char *name, *path, *interface;
} Target;

typedef struct
{
  sd_bus *bus;
  const Target *target;
  guint to_send;
  guint to_come;
} Flight;

static sd_bus_message *
make_call (sd_bus *bus, const Target *target)
{
  gboolean is_ping = g_str_equal (target->interface, "-");
  sd_bus_message *call = NULL;

  need (sd_bus_message_new_method_call (bus, &call, target->name, target->path,
                                        is_ping ? "org.freedesktop.DBus.Peer"
                                                : "org.freedesktop.DBus.Properties",
                                        is_ping ? "Ping" : "GetAll"),
        "call");
  if (!is_ping)
    need (sd_bus_message_append (call, "s", target->interface), "argument");
  return call;
}

static void
call_one_by_one (sd_bus *bus, const Target *target, guint calls)
{
  for (guint i = 0; i < calls; i++)
    {
      gint64 began = now ();
      sd_bus_message *call = make_call (bus, target);
      sd_bus_message *reply = NULL;

      need (sd_bus_call (bus, call, 0, NULL, &reply), target->name);
      g_print ("%s%" G_GINT64_FORMAT, i > 0 ? " " : "", now () - began);
      sd_bus_message_unref (call);
      sd_bus_message_unref (reply);
    }
  g_print ("\n");
}

static int on_reply (sd_bus_message *reply, void *user_data, sd_bus_error *error);

static void
send_next (Flight *flight)
{
  sd_bus_message *call = make_call (flight->bus, flight->target);

  need (sd_bus_call_async (flight->bus, NULL, call, on_reply, flight, 0), "send");
  sd_bus_message_unref (call);
  flight->to_send--;
}

static int
on_reply (sd_bus_message *reply, void *user_data, sd_bus_error *error)
{
  Flight *flight = user_data;

  need (-sd_bus_message_get_errno (reply), flight->target->name);
  flight->to_come--;
  if (flight->to_send > 0)
    send_next (flight);
  return 0;
}

static void
call_many (sd_bus *bus, const Target *target, guint calls, guint depth)
{
  Flight flight = { bus, target, calls, calls };
  gint64 began = now ();

  for (guint i = 0; i < depth && flight.to_send > 0; i++)
    send_next (&flight);
  while (flight.to_come > 0)
    {
      int done = sd_bus_process (bus, NULL);

      need (done, "process");
      if (done == 0)
        need (sd_bus_wait (bus, UINT64_MAX), "wait");
    }
  g_print ("%" G_GINT64_FORMAT "\n", now () - began);
}

int
main (int argc, char **argv)
{
  guint rounds, calls, depth;
  sd_bus *bus = NULL;

  if (argc < 7 || (argc - 4) % 3 != 0)
    return 2;
  rounds = (guint) g_ascii_strtoull (argv[1], NULL, 10);
  calls = (guint) g_ascii_strtoull (argv[2], NULL, 10);
  depth = (guint) g_ascii_strtoull (argv[3], NULL, 10);
  need (sd_bus_open_system (&bus), "bus");
  for (guint i = 0; i < rounds; i++)
    for (int j = 4; j < argc; j += 3)
      {
        const Target target = { argv[j], argv[j + 1], argv[j + 2] };

        if (depth > 1)
          call_many (bus, &target, calls, depth);
        else
          call_one_by_one (bus, &target, calls);
      }
  sd_bus_unref (bus);
  return 0;
}
