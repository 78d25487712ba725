/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose the kernel's sockets are: the unit's, or somebody else's that stands in the way. */

#include "config.h"

#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "holder.h"
#include "settings.h"
#include "truenas-ssh-error.h"
#include "verify-private.h"

/* Of the process 1, which opens what socket units listen on. */
#define SYSTEMD_CGROUP "/init.scope"

/* Whose sockets are the unit's: its service's, and where it is a socket, systemd's. */
typedef struct
{
  guint64 service; /* cgroups; 0: none */
  guint64 systemd;
  const GPtrArray *listen; /* which of systemd's */
} Owner;

static Owner
find_owner (const UnitState *unit)
{
  return (Owner){ .service = listeners_cgroup_id (unit->control_group),
                  .systemd = unit->socket_activated ? listeners_cgroup_id (SYSTEMD_CGROUP) : 0,
                  .listen = unit->listen };
}

static gboolean
is_own (const Owner *owner, const Listener *listener)
{
  if (listener->cgroup == 0)
    return FALSE;
  return listener->cgroup == owner->service
         || (listener->cgroup == owner->systemd && listeners_contain (owner->listen, listener));
}

/* Of the unit's processes, which may have others' forwarded ports among them. */
GPtrArray *
verify_own (const UnitState *unit, const GPtrArray *all)
{
  const Owner owner = find_owner (unit);
  GPtrArray *own = g_ptr_array_new_with_free_func ((GDestroyNotify) listener_free);

  for (guint i = 0; i < all->len; i++)
    {
      const Listener *listener = g_ptr_array_index (all, i);

      if (is_own (&owner, listener))
        g_ptr_array_add (own, listener_copy (listener));
    }
  return own;
}

GPtrArray *
verify_listeners (const UnitState *unit)
{
  g_autoptr (GPtrArray) all = listeners_read (NULL);
  g_autoptr (GPtrArray) own = all ? verify_own (unit, all) : NULL;

  for (guint i = 0; own != NULL && i < own->len;)
    {
      const Listener *listener = g_ptr_array_index (own, i);

      if (listener->uid == geteuid ())
        i++;
      else
        g_ptr_array_remove_index (own, i);
    }
  return g_steal_pointer (&own);
}

gboolean
verify_is_stale (const GPtrArray *listeners)
{
  for (guint i = 0; i < listeners->len; i++)
    {
      const Listener *listener = g_ptr_array_index (listeners, i);

      if (listener->ifindex != 0 && g_str_equal (listener->interface, LISTENER_NO_INTERFACE))
        return TRUE;
    }
  return FALSE;
}

/* sshd's IPv6 sockets take no IPv4. */
static Listener *
as_listener (const Endpoint *endpoint)
{
  Listener *listener = g_new0 (Listener, 1);

  listener->family = strchr (endpoint->address, ':') ? AF_INET6 : AF_INET;
  listener->address = g_strdup (endpoint->address);
  listener->port = endpoint->port;
  listener->interface = g_strdup (endpoint->interface);
  listener->ifindex = endpoint->interface ? if_nametoindex (endpoint->interface) : 0;
  listener->v6only = TRUE;
  return listener;
}

static char *
holder (GDBusConnection *bus, const Listener *listener)
{
  g_autofree char *cgroup = listeners_cgroup_path (listener->cgroup);
  char *unit = NULL;

  if (cgroup != NULL && g_str_has_suffix (cgroup, "/init.scope"))
    unit = holder_of_socket_port (bus, listener->port);
  else if (cgroup != NULL)
    unit = holder_of_control_group (cgroup);
  return unit ? unit : g_strdup ("another program");
}

static gboolean
check_free (GDBusConnection *bus,
            const Listener *wanted,
            const GPtrArray *all,
            const Owner *owner,
            GError **error)
{
  for (guint i = 0; i < all->len; i++)
    {
      const Listener *other = g_ptr_array_index (all, i);
      g_autofree char *name = NULL;

      if (is_own (owner, other) || !listeners_overlap (wanted, other))
        continue;
      name = holder (bus, other);
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_PORT_IN_USE,
                   SETTING_TCP_PORT ": %s listens on port %u (%s); stop it, or choose another port",
                   name, other->port, other->address);
      return FALSE;
    }
  return TRUE;
}

gboolean
verify_free (GDBusConnection *bus, const UnitState *unit, const GPtrArray *wanted, GError **error)
{
  g_autoptr (GPtrArray) all = listeners_read (error);
  const Owner owner = find_owner (unit);

  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < wanted->len; i++)
    if (!check_free (bus, g_ptr_array_index (wanted, i), all, &owner, error))
      return FALSE;
  return TRUE;
}

GPtrArray *
verify_wanted (const GPtrArray *endpoints)
{
  GPtrArray *wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) listener_free);

  for (guint i = 0; i < endpoints->len; i++)
    g_ptr_array_add (wanted, as_listener (g_ptr_array_index (endpoints, i)));
  return wanted;
}
