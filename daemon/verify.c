/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "verify-private.h"

#include <string.h>

#include "effective.h"
#include "holder.h"
#include "interfaces.h"
#include "truenas-ssh-error.h"

#define TIME_LIMIT (5 * G_USEC_PER_SEC)
#define INTERVAL   (10 * G_TIME_SPAN_MILLISECOND)
#define SETTLE     (50 * G_TIME_SPAN_MILLISECOND)

/* sshd opens its sockets one right after the other: so long after the first, no more will come. And
 * so long without any, it hangs over its configuration. */
#define BEGUN_LIMIT (1 * G_TIME_SPAN_SECOND)
#define DEAF_LIMIT  (3 * G_TIME_SPAN_SECOND)

/* Until systemd starts it again, or has noticed at all: it may let 42 s pass, or 90 s. */
#define ENDED_LIMIT (500 * G_TIME_SPAN_MILLISECOND)

#define MAX_RESTARTS 1

static GPtrArray *
read_own (const UnitState *unit, GError **error)
{
  g_autoptr (GPtrArray) all = listeners_read (error);

  return all ? verify_own (unit, all) : NULL;
}

static gboolean
matches (const Endpoint *endpoint, const Listener *listener)
{
  return endpoint->port == listener->port && g_str_equal (endpoint->address, listener->address)
         && g_strcmp0 (endpoint->interface, listener->interface) == 0;
}

static gboolean
is_among (const Listener *listener, const GPtrArray *endpoints)
{
  for (guint i = 0; i < endpoints->len; i++)
    if (matches (g_ptr_array_index (endpoints, i), listener))
      return TRUE;
  return FALSE;
}

GHashTable *
verify_sockets (const UnitState *unit, const GPtrArray *endpoints, GError **error)
{
  g_autoptr (GPtrArray) own = read_own (unit, error);
  GHashTable *inodes;

  if (own == NULL)
    return NULL;
  inodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < own->len; i++)
    {
      const Listener *listener = g_ptr_array_index (own, i);

      if (unit->socket_activated ? listeners_contain (unit->listen, listener)
                                 : is_among (listener, endpoints))
        g_hash_table_add (inodes, g_memdup2 (&listener->inode, sizeof listener->inode));
    }
  return inodes;
}

gboolean
verify_is_forgotten (const UnitState *unit, const GPtrArray *endpoints)
{
  g_autoptr (GPtrArray) all = listeners_read (NULL);

  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const Listener *listener = g_ptr_array_index (all, i);
      g_autofree char *cgroup = NULL;
      g_autofree char *name = NULL;

      if (listener->uid != geteuid () || !is_among (listener, endpoints))
        continue;
      cgroup = listeners_cgroup_path (listener->cgroup);
      name = cgroup ? holder_of_control_group (cgroup) : NULL;
      if (g_strcmp0 (name, unit->service) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_listener (const Endpoint *endpoint, const GPtrArray *own, GHashTable *before)
{
  for (guint i = 0; i < own->len; i++)
    {
      const Listener *listener = g_ptr_array_index (own, i);

      if (matches (endpoint, listener)
          && (before == NULL || !g_hash_table_contains (before, &listener->inode)))
        return TRUE;
    }
  return FALSE;
}

/* What there is no IPv6 for, sshd leaves out with a line in its log. */
static gboolean
is_possible (const Endpoint *endpoint)
{
  return strchr (endpoint->address, ':') == NULL || interfaces_have_ipv6 (endpoint->interface);
}

static gboolean
has_begun (const GPtrArray *own, const GPtrArray *endpoints, GHashTable *before)
{
  for (guint i = 0; i < endpoints->len; i++)
    if (has_listener (g_ptr_array_index (endpoints, i), own, before))
      return TRUE;
  return FALSE;
}

/* What is not as it should be yet, in English; NULL: nothing. */
static char *
find_fault (const UnitState *unit,
            const GPtrArray *own,
            const GPtrArray *endpoints,
            GHashTable *before)
{
  if (!g_str_equal (unit->service_active_state, "active"))
    return g_strdup_printf ("%s is %s", unit->service, unit->service_active_state);
  for (guint i = 0; i < endpoints->len; i++)
    {
      const Endpoint *endpoint = g_ptr_array_index (endpoints, i);

      if (is_possible (endpoint) && !has_listener (endpoint, own, before))
        return g_strdup_printf ("sshd does not listen on %s port %u%s%s", endpoint->address,
                                endpoint->port, endpoint->interface ? " of " : "",
                                endpoint->interface ? endpoint->interface : "");
    }
  for (guint i = 0; i < own->len; i++)
    {
      const Listener *listener = g_ptr_array_index (own, i);

      if (before != NULL && g_hash_table_contains (before, &listener->inode))
        return g_strdup_printf ("sshd still listens on %s port %u", listener->address,
                                listener->port);
    }
  return NULL;
}

static gboolean
is_among_own (const Listener *wanted, const GPtrArray *own, GHashTable *before)
{
  for (guint i = 0; i < own->len; i++)
    {
      const Listener *listener = g_ptr_array_index (own, i);

      if (listeners_same (wanted, listener)
          && (before == NULL || !g_hash_table_contains (before, &listener->inode)))
        return TRUE;
    }
  return FALSE;
}

/* The same for a socket unit. wanted: (nullable) what it is to listen on; NULL: what it says. */
static char *
find_socket_fault (const UnitState *unit,
                   const GPtrArray *own,
                   const GPtrArray *wanted,
                   GHashTable *before)
{
  if (!g_str_equal (unit->active_state, "active"))
    return g_strdup_printf ("%s is %s", unit->name, unit->active_state);
  for (guint i = 0; i < unit->listen->len; i++)
    {
      const Listener *listener = g_ptr_array_index (unit->listen, i);

      if (!is_among_own (listener, own, before))
        return g_strdup_printf ("%s does not listen on %s port %u", unit->name, listener->address,
                                listener->port);
      if (wanted != NULL && !listeners_contain (wanted, listener))
        return g_strdup_printf ("%s listens on %s port %u too", unit->name, listener->address,
                                listener->port);
    }
  for (guint i = 0; wanted != NULL && i < wanted->len; i++)
    {
      const Listener *listener = g_ptr_array_index (wanted, i);

      if (!listeners_contain (unit->listen, listener))
        return g_strdup_printf ("%s is not to listen on %s port %u", unit->name, listener->address,
                                listener->port);
    }
  return NULL;
}

static char *
find_left (const GPtrArray *all, GHashTable *before)
{
  for (guint i = 0; before != NULL && i < all->len; i++)
    {
      const Listener *listener = g_ptr_array_index (all, i);

      if (g_hash_table_contains (before, &listener->inode))
        return g_strdup_printf ("port %u is still open", listener->port);
    }
  return NULL;
}

/* What is to be seen. */
typedef struct
{
  const GPtrArray
      *endpoints;          /* (nullable) of sshd itself; NULL: it gets them from its socket unit */
  const GPtrArray *wanted; /* (nullable) by the socket unit */
  gboolean running;        /* sshd, behind the socket */
  GHashTable *before;      /* (nullable) */
} Expected;

static char *
find_fault_of (const UnitState *unit, const GPtrArray *all, const Expected *expected)
{
  g_autoptr (GPtrArray) own = verify_own (unit, all);
  char *fault;

  if (expected->endpoints != NULL)
    return find_fault (unit, own, expected->endpoints, expected->before);
  if (!unit->socket_activated)
    return g_strdup_printf ("%s does not listen", unit->socket ? unit->socket : "the socket unit");
  if (expected->running && !g_str_equal (unit->service_active_state, "active"))
    return g_strdup_printf ("%s is %s", unit->service, unit->service_active_state);
  fault = find_socket_fault (unit, own, expected->wanted, expected->before);
  return fault ? fault : find_left (all, expected->before);
}

/* How far a server has come. */
typedef enum
{
  UNCLEAR,
  ENDED, /* it is to be started again, or somebody has to see to that */
  DEAF,  /* it listens on nothing at all */
  BEGUN, /* on some of what it should */
} Progress;

static Progress
find_progress (const UnitState *unit, const GPtrArray *all, const Expected *expected)
{
  g_autoptr (GPtrArray) own = verify_own (unit, all);

  if (expected->endpoints != NULL && (unit_is_waiting (unit) || unit_is_lost (unit)))
    return ENDED;
  if (expected->endpoints == NULL || !g_str_equal (unit->service_active_state, "active"))
    return UNCLEAR;
  if (own->len == 0)
    return DEAF;
  return has_begun (own, expected->endpoints, expected->before) ? BEGUN : UNCLEAR;
}

/* One look at it all. */
typedef struct
{
  char *fault; /* (owned) (nullable) */
  guint32 main_pid;
  Progress progress;
  gboolean failed;  /* systemd has given it up */
  guint32 restarts; /* that systemd has taken */
} Sight;

static void
sight_clear (Sight *sight)
{
  g_clear_pointer (&sight->fault, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sight, sight_clear)

char *
verify_fault (const UnitState *unit, const GPtrArray *own, const GPtrArray *endpoints)
{
  return unit->socket_activated ? find_socket_fault (unit, own, NULL, NULL)
                                : find_fault (unit, own, endpoints, NULL);
}

static gboolean
look (GDBusConnection *bus, const Expected *expected, Sight *sight, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (bus, error);
  g_autoptr (GPtrArray) all = unit ? listeners_read (error) : NULL;

  if (all == NULL)
    return FALSE;
  sight_clear (sight);
  sight->fault = find_fault_of (unit, all, expected);
  sight->main_pid = unit->main_pid;
  sight->progress = find_progress (unit, all, expected);
  sight->failed = g_str_equal (unit->active_state, "failed")
                  || ((expected->endpoints != NULL || expected->running)
                      && g_str_equal (unit->service_active_state, "failed"));
  sight->restarts = unit->restarts;
  return TRUE;
}

/* What has been seen until now. */
typedef struct
{
  gint64 since;     /* when it came as far as it is */
  guint32 restarts; /* at first; whoever starts it has systemd begin again to count */
  guint ends;       /* how often it has ended */
} Course;

/* What it has ended over once may be what its files held before. */
static gboolean
is_hopeless (const Sight *now, const Course *course)
{
  gint64 passed = g_get_monotonic_time () - course->since;

  if (now->failed || now->restarts > course->restarts + MAX_RESTARTS || course->ends > MAX_RESTARTS)
    return TRUE;
  return now->fault != NULL
         && ((now->progress == BEGUN && passed > BEGUN_LIMIT)
             || (now->progress == DEAF && passed > DEAF_LIMIT)
             || (now->progress == ENDED && passed > ENDED_LIMIT));
}

/* Once everything is there, it has to be so still, by the same process, a moment later. */
static gboolean
wait_for (GDBusConnection *bus, const Expected *expected, GError **error)
{
  Course course = { .since = g_get_monotonic_time () };
  const gint64 deadline = course.since + TIME_LIMIT;
  g_auto (Sight) now = { 0 };

  if (!look (bus, expected, &now, error))
    return FALSE;
  course.restarts = now.restarts;
  course.ends = now.progress == ENDED;
  while (g_get_monotonic_time () < deadline && !is_hopeless (&now, &course))
    {
      const gboolean complete = now.fault == NULL;
      const Progress progress = now.progress;
      const guint32 main_pid = now.main_pid;

      g_usleep (complete ? SETTLE : INTERVAL);
      if (!look (bus, expected, &now, error))
        return FALSE;
      if (complete && now.fault == NULL && now.main_pid == main_pid)
        return TRUE;
      if (now.progress != progress || now.main_pid != main_pid)
        course.since = g_get_monotonic_time ();
      course.ends += now.progress == ENDED && progress != ENDED;
    }
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED, "%s",
               now.fault ? now.fault : "sshd restarts again and again");
  return FALSE;
}

gboolean
verify_listening (GDBusConnection *bus,
                  const GPtrArray *endpoints,
                  GHashTable *before,
                  GError **error)
{
  return wait_for (bus, &(Expected){ .endpoints = endpoints, .before = before }, error);
}

gboolean
verify_opened (GDBusConnection *bus,
               const GPtrArray *wanted,
               gboolean running,
               GHashTable *before,
               GError **error)
{
  return wait_for (bus, &(Expected){ .wanted = wanted, .running = running, .before = before },
                   error);
}
