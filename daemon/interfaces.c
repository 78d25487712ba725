/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "interfaces.h"

#include <NetworkManager.h>
#include <string.h>
#include <unistd.h>

#include "links.h"
#include "routes.h"
#include "truenas-ssh-error.h"

/* The next listing soon after costs little; after that the memory is worth more. */
#define KEEP_SECONDS 30

typedef struct
{
  char **bound;     /* (owned) */
  GPtrArray *links; /* (owned) (element-type Link) */
} Listing;

/* NetworkManager's objects, and the listings that wait for them. Main context only. */
static NMClient *client;   /* (owned) (nullable) */
static GPtrArray *waiting; /* (owned) (nullable) (element-type GTask); NULL = not asked for */

static void
listing_free (Listing *listing)
{
  g_strfreev (listing->bound);
  g_clear_pointer (&listing->links, g_ptr_array_unref);
  g_free (listing);
}

/* A name can hold nearly anything; sshd's configuration cannot. */
static gboolean
is_expressible (const char *name)
{
  return strpbrk (name, "\"'\\#") == NULL && g_utf8_validate (name, -1, NULL);
}

/* An entry of the list. */

static void
add_ip_config (GPtrArray *addresses, NMIPConfig *config)
{
  GPtrArray *list = config != NULL ? nm_ip_config_get_addresses (config) : NULL;

  for (guint i = 0; list != NULL && i < list->len; i++)
    g_ptr_array_add (addresses, (gpointer) nm_ip_address_get_address (list->pdata[i]));
}

/* NetworkManager's addresses where it looks after the interface and has some, or else the kernel's.
 */
static GVariant *
entry_addresses (const Link *link, NMDevice *device)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();

  if (device != NULL && nm_device_get_managed (device))
    {
      add_ip_config (addresses, nm_device_get_ip4_config (device));
      add_ip_config (addresses, nm_device_get_ip6_config (device));
    }
  if (addresses->len == 0)
    g_ptr_array_extend (addresses, link->addresses, NULL, NULL);
  return g_variant_new_strv ((const char *const *) addresses->pdata, addresses->len);
}

/* What a person knows it by: its connection, or what is printed on the card. */
static char *
entry_description (NMDevice *device, const char *type)
{
  NMActiveConnection *active = device != NULL ? nm_device_get_active_connection (device) : NULL;
  const char *id = active != NULL ? nm_active_connection_get_id (active) : NULL;
  const char *product = device != NULL && id == NULL ? nm_device_get_product (device) : NULL;
  const char *vendor = product != NULL ? nm_device_get_vendor (device) : NULL;

  if (id != NULL && *id != '\0')
    return g_strdup (id);
  if (product != NULL && *product != '\0')
    return g_strdup_printf ("%s%s%s", vendor ?: "", vendor != NULL && *vendor ? " " : "", product);
  return g_strdup (type);
}

static GVariant *
entry_new (const Link *link, NMDevice *device, gboolean is_bound)
{
  const char *known = device != NULL ? nm_device_get_type_description (device) : NULL;
  const char *type = known ?: link->type;
  g_autofree char *description = entry_description (device, type);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "name", "s", link->name);
  g_variant_dict_insert (&dict, "description", "s", description);
  g_variant_dict_insert (&dict, "type", "s", type);
  g_variant_dict_insert_value (&dict, "addresses", entry_addresses (link, device));
  g_variant_dict_insert (&dict, "up", "b", link->up);
  g_variant_dict_insert (&dict, "bound", "b", is_bound);
  return g_variant_dict_end (&dict);
}

/* Name → NMDevice; the packets of some come in on a second one, such as ppp0. */
static GHashTable *
index_devices (void)
{
  GHashTable *devices = g_hash_table_new (g_str_hash, g_str_equal);
  const GPtrArray *list = NULL;

  if (client != NULL && nm_client_get_nm_running (client))
    list = nm_client_get_devices (client);
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      NMDevice *device = list->pdata[i];
      const char *name = nm_device_get_iface (device);
      const char *ip_name = nm_device_get_ip_iface (device);

      if (name != NULL)
        g_hash_table_insert (devices, (gpointer) name, device);
      if (ip_name != NULL && !g_hash_table_contains (devices, ip_name))
        g_hash_table_insert (devices, (gpointer) ip_name, device);
    }
  return devices;
}

static GVariant *
listing_end (const Listing *listing)
{
  g_autoptr (GHashTable) devices = index_devices ();
  g_autoptr (GHashTable) bound = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantBuilder builder;

  for (guint i = 0; listing->bound[i] != NULL; i++)
    g_hash_table_add (bound, listing->bound[i]);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < listing->links->len; i++)
    {
      const Link *link = listing->links->pdata[i];

      if (is_expressible (link->name))
        g_variant_builder_add_value (&builder,
                                     entry_new (link, g_hash_table_lookup (devices, link->name),
                                                g_hash_table_contains (bound, link->name)));
    }
  return g_variant_builder_end (&builder);
}

/* The steps of a listing, in their order. */

static gboolean
on_drop (gpointer user_data)
{
  g_clear_object (&client);
  return G_SOURCE_REMOVE;
}

static void
finish (GTask *task)
{
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, g_variant_ref_sink (listing_end (g_task_get_task_data (task))),
                           (GDestroyNotify) g_variant_unref);
}

static void
read_links (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *links = links_read (&error);

  if (links != NULL)
    g_task_return_pointer (task, links, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
on_client_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&waiting);
  g_autoptr (GError) error = NULL;

  /* Without NetworkManager the kernel's word is enough. */
  client = nm_client_new_finish (result, &error);
  if (client != NULL)
    g_timeout_add_seconds (KEEP_SECONDS, on_drop, NULL);
  else
    g_debug ("interfaces: no NetworkManager: %s", error->message);
  for (guint i = 0; i < tasks->len; i++)
    finish (tasks->pdata[i]);
}

static void
on_links_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Listing *listing = g_task_get_task_data (task);
  GError *error = NULL;

  listing->links = g_task_propagate_pointer (G_TASK (result), &error);
  if (listing->links == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (client != NULL)
    {
      finish (task);
      return;
    }
  if (waiting == NULL)
    {
      waiting = g_ptr_array_new_with_free_func (g_object_unref);
      nm_client_new_async (NULL, on_client_ready, NULL);
    }
  g_ptr_array_add (waiting, g_steal_pointer (&task));
}

void
interfaces_list_async (const char *const *bound,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GTask) reading = g_task_new (NULL, cancellable, on_links_read, task);
  Listing *listing = g_new0 (Listing, 1);

  g_task_set_source_tag (task, interfaces_list_async);
  g_task_set_source_tag (reading, read_links);
  listing->bound = g_strdupv ((char **) bound);
  g_task_set_task_data (task, listing, (GDestroyNotify) listing_free);
  g_task_run_in_thread (reading, read_links);
}

GVariant *
interfaces_list_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, interfaces_list_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Questions. */

gboolean
interfaces_exists (const char *name)
{
  return links_exists (name);
}

gboolean
interfaces_can_bind (const char *name, GError **error)
{
  const char *problem = NULL;

  if (!links_exists (name))
    problem = "there is no such interface; ListInterfaces tells which can be named";
  else if (links_is_loopback (name))
    problem = "loopback is always bound; leave it out";
  else if (links_is_port (name))
    problem = "it is a port of a bond or bridge and receives nothing itself; name that one instead";
  else if (!is_expressible (name))
    problem = "sshd's configuration cannot carry this name; rename the interface";
  if (problem == NULL)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE,
               "BindInterfaces: “%s”: %s", name, problem);
  return FALSE;
}

static gboolean
lacks_way_back (const char *name, int family)
{
  return links_have_address (name, family) && !routes_have_default (name, family);
}

const char *
interfaces_no_way_back (const char *name)
{
  gboolean beyond = !links_is_loopback (name);
  gboolean ipv4 = beyond && lacks_way_back (name, AF_INET);
  gboolean ipv6 = beyond && lacks_way_back (name, AF_INET6);

  if (ipv4 && ipv6)
    return "IPv4 and IPv6";
  return ipv4 ? "IPv4" : ipv6 ? "IPv6" : NULL;
}

gboolean
interfaces_have_ipv6 (const char *name)
{
  return links_have_ipv6 (name);
}
