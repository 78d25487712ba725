/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "network-manager.h"

#include <NetworkManager.h>
#include <gmodule.h>

static void
device_free (NetworkDevice *self)
{
  g_free (self->type);
  g_free (self->description);
  g_free (self);
}

/* Its connection, or what is printed on the card. Where there is no card, libnm would look for one
 * through half of /sys, on the main context. */
static char *
read_description (NMDevice *device)
{
  NMActiveConnection *active = nm_device_get_active_connection (device);
  const char *id = active != NULL ? nm_active_connection_get_id (active) : NULL;
  const char *product =
      id == NULL && !nm_device_is_software (device) ? nm_device_get_product (device) : NULL;
  const char *vendor = product != NULL ? nm_device_get_vendor (device) : NULL;

  if (id != NULL && *id != '\0')
    return g_strdup (id);
  if (product != NULL && *product != '\0')
    return g_strdup_printf ("%s%s%s", vendor ?: "", vendor != NULL && *vendor ? " " : "", product);
  return NULL;
}

static NetworkDevice *
device_new (NMDevice *device)
{
  NetworkDevice *self = g_new0 (NetworkDevice, 1);

  self->type = g_strdup (nm_device_get_type_description (device));
  self->description = read_description (device);
  return self;
}

/* The packets of some come in on a second one, such as ppp0. */
static GHashTable *
read_devices (GObject *object)
{
  GHashTable *devices =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) device_free);
  NMClient *client = NM_CLIENT (object);
  const GPtrArray *list = NULL;

  if (nm_client_get_nm_running (client))
    list = nm_client_get_devices (client);
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      NMDevice *device = list->pdata[i];
      const char *name = nm_device_get_iface (device);
      const char *ip_name = nm_device_get_ip_iface (device);

      if (name != NULL)
        g_hash_table_replace (devices, g_strdup (name), device_new (device));
      if (ip_name != NULL && !g_hash_table_contains (devices, ip_name))
        g_hash_table_insert (devices, g_strdup (ip_name), device_new (device));
    }
  return devices;
}

static void
connect_async (GDBusConnection *bus, GAsyncReadyCallback callback, gpointer user_data)
{
  g_async_initable_new_async (NM_TYPE_CLIENT, G_PRIORITY_DEFAULT, NULL, callback, user_data,
                              NM_CLIENT_DBUS_CONNECTION, bus, NULL);
}

static GObject *
connect_finish (GAsyncResult *result, GError **error)
{
  return (GObject *) nm_client_new_finish (result, error);
}

G_MODULE_EXPORT const NetworkManager network_manager = { connect_async, connect_finish,
                                                         read_devices };
