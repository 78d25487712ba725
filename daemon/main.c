/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib-unix.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "bus.h"
#include "idle.h"
#include "service.h"

#define BUS_NAME "org.truenas.SSH"

/* How long a call that changes nothing yet, as one that waits for a person, holds up the end. */
#define PATIENCE (5 * G_USEC_PER_SEC)

/* How long the process stays after the last who needed it, in ms; tests cannot wait so long. */
#define IDLE          60000
#define IDLE_VARIABLE "TRUENAS_SSH_IDLE"

/* What is larger goes back to the system as soon as it is freed. By itself glibc raises that to the
 * size of the largest message that anybody has sent. */
#define KEPT_BLOCK (256 * 1024)

typedef struct
{
  GMainLoop *loop;
  GDBusConnection *front;
  Service *service;
  Idle *idle;
  guint owner;
  gboolean ready;  /* the name is ours */
  gboolean ending; /* but that is not wanted any more */
  gint64 deadline; /* of calls, once we are to end */
} Main;

static void end (gpointer user_data);

static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Main *self = user_data;

  g_message ("%s is not ours to have", name);
  g_main_loop_quit (self->loop);
}

/* Somebody may have called meanwhile: the bus hands it over together with the name. */
static void
on_name_acquired (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Main *self = user_data;

  self->ready = TRUE;
  if (self->ending)
    end (self);
}

static void
on_ready (gpointer user_data)
{
  Main *self = user_data;

  self->owner = g_bus_own_name_on_connection (self->front, BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                              on_name_acquired, on_name_lost, self, NULL);
}

static gboolean
on_drained (gpointer user_data)
{
  Main *self = user_data;

  if (service_is_busy (self->service)
      || (idle_has_calls (self->idle) && g_get_monotonic_time () < self->deadline))
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* What is under way is finished first; new calls go to the next instance. Without the name systemd
 * takes the unit for one that stops, and starts it anew afterwards where it is called again. */
static void
end (gpointer user_data)
{
  Main *self = user_data;

  self->ending = TRUE;
  if (!self->ready || self->deadline != 0)
    return;
  g_clear_handle_id (&self->owner, g_bus_unown_name);
  self->deadline = g_get_monotonic_time () + PATIENCE;
  g_timeout_add (20, on_drained, self);
}

/* It may come once more: systemd sends it to a unit that stops, for which it takes one that has
 * given its name back. */
static gboolean
on_signal (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_needed (gpointer user_data)
{
  Main *self = user_data;

  return service_is_needed (self->service);
}

static gboolean
stays (gpointer user_data)
{
  Main *self = user_data;

  return service_stays (self->service);
}

static guint
find_patience (void)
{
  const char *given = g_getenv (IDLE_VARIABLE);
  guint64 ms;

  if (given == NULL || !g_ascii_string_to_unsigned (given, 10, 1, G_MAXINT, &ms, NULL))
    return IDLE;
  return (guint) ms;
}

/* Without the bus nothing can be finished and nobody be answered. A worker may be in the midst of
 * something: the next instance sees to that, as after a crash. */
static void
on_closed (GDBusConnection *bus, gboolean remote, GError *error, gpointer user_data)
{
  g_message ("The bus is gone: %s", error ? error->message : "the connection was closed");
  _exit (EXIT_FAILURE);
}

/* Calls come in over one connection, and what they make us ask goes out over another one, on which
 * nobody may call us: its answers do not wait behind a flood of calls. */
int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = bus_connect (&error);
  g_autoptr (GDBusConnection) front = bus ? bus_connect (&error) : NULL;
  g_autoptr (Service) service = NULL;
  g_autoptr (Idle) idle = NULL;
  Main self = { .loop = loop, .front = front };
  const IdleCalls calls = { is_needed, stays, end, &self };

  mallopt (M_MMAP_THRESHOLD, KEPT_BLOCK);
  if (front == NULL)
    {
      g_printerr ("No system bus: %s\n", error->message);
      return 1;
    }
  g_signal_connect (bus, "closed", G_CALLBACK (on_closed), NULL);
  g_signal_connect (front, "closed", G_CALLBACK (on_closed), NULL);
  g_unix_signal_add (SIGTERM, on_signal, &self);
  g_unix_signal_add (SIGINT, on_signal, &self);
  idle = idle_new (front, find_patience (), &calls);
  self.idle = idle;
  service = service_new (front, bus, on_ready, &self);
  self.service = service;
  g_main_loop_run (loop);
  g_clear_handle_id (&self.owner, g_bus_unown_name);
  g_dbus_connection_flush_sync (front, NULL, NULL);
  return 0;
}
