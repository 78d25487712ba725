/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "connection-names.h"

#define SERVICE   "org.freedesktop.NetworkManager"
#define PATH      "/org/freedesktop/NetworkManager"
#define CALL_MSEC (2 * 1000)

/* Each takes two questions, of half a millisecond. */
#define MAX_CONNECTIONS 50

/* Reading properties, without starting it. */
static GVariant *
call (GDBusConnection *bus,
      const char *path,
      const char *method,
      GVariant *parameters,
      const char *reply_type,
      GCancellable *cancellable,
      GError **error)
{
  return g_dbus_connection_call_sync (
      bus, SERVICE, path, "org.freedesktop.DBus.Properties", method, parameters,
      G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MSEC, cancellable, error);
}

static GVariant *
read_object (GDBusConnection *bus,
             const char *path,
             const char *interface,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GVariant) reply =
      call (bus, path, "GetAll", g_variant_new ("(s)", interface), "(a{sv})", cancellable, error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* The devices that have it as their connection: that of a VPN names the one that it goes through,
 * too. */
static gboolean
add_connection (GDBusConnection *bus,
                const char *path,
                GHashTable *names,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GVariant) connection =
      read_object (bus, path, SERVICE ".Connection.Active", cancellable, error);
  g_autofree const char **devices = NULL;
  const char *id = "";

  if (connection == NULL)
    return FALSE;
  g_variant_lookup (connection, "Id", "&s", &id);
  g_variant_lookup (connection, "Devices", "^a&o", &devices);
  for (gsize i = 0; devices != NULL && devices[i] != NULL; i++)
    {
      g_autoptr (GVariant) device =
          read_object (bus, devices[i], SERVICE ".Device", cancellable, error);
      const char *interface = "", *active = "";

      if (device == NULL)
        return FALSE;
      g_variant_lookup (device, "Interface", "&s", &interface);
      g_variant_lookup (device, "ActiveConnection", "&o", &active);
      if (g_str_equal (active, path) && *id != '\0')
        g_hash_table_insert (names, g_strdup (interface), g_strdup (id));
    }
  return TRUE;
}

/* One that hangs has as little to say about anything else. */
static gboolean
is_absence (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

gboolean
connection_names_read (GDBusConnection *bus,
                       GHashTable **names,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GError) call_error = NULL;
  g_autoptr (GVariant) reply =
      call (bus, PATH, "Get", g_variant_new ("(ss)", SERVICE, "ActiveConnections"), "(v)",
            cancellable, &call_error);
  g_autoptr (GVariant) connections = NULL;

  if (reply == NULL && is_absence (call_error))
    {
      *names = NULL;
      return TRUE;
    }
  if (reply == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&call_error));
      return FALSE;
    }
  g_variant_get (reply, "(v)", &connections);
  if (!g_variant_is_of_type (connections, G_VARIANT_TYPE_OBJECT_PATH_ARRAY)
      || g_variant_n_children (connections) > MAX_CONNECTIONS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "too many connections");
      return FALSE;
    }
  for (gsize i = 0; i < g_variant_n_children (connections); i++)
    {
      const char *path;

      g_variant_get_child (connections, i, "&o", &path);
      if (add_connection (bus, path, found, cancellable, &call_error))
        continue;
      if (is_absence (call_error))
        {
          *names = NULL;
          return TRUE;
        }
      g_propagate_error (error, g_steal_pointer (&call_error));
      return FALSE;
    }
  *names = g_steal_pointer (&found);
  return TRUE;
}
