/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "interfaces.h"

#include <gmodule.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection-names.h"
#include "links.h"
#include "network-manager.h"
#include "routes.h"
#include "truenas-ssh-error.h"

/* The next listing soon after costs little; after that the memory is worth more. */
#define KEEP_SECONDS 30

/* However many want a list, and however long NetworkManager takes: changes do not wait behind it.
 */
#define MAX_READERS 4

typedef struct
{
  char **bound;      /* (owned) */
  GPtrArray *links;  /* (owned) (nullable) (element-type Link) not read yet */
  GHashTable *names; /* (owned) (nullable) interface → name of its connection */
  gboolean complete; /* NetworkManager's objects have no more to tell */
} Listing;

/* NetworkManager's objects, and the listings that wait for them. Main context only. */
static const NetworkManager *manager; /* (nullable) not loaded yet */
static GObject *client;               /* (owned) (nullable) */
static GThreadPool *readers;          /* (owned) (nullable) */
static GPtrArray *waiting; /* (owned) (nullable) (element-type GTask); NULL = not asked for */

static void
listing_free (Listing *listing)
{
  g_strfreev (listing->bound);
  g_clear_pointer (&listing->links, g_ptr_array_unref);
  g_clear_pointer (&listing->names, g_hash_table_unref);
  g_free (listing);
}

/* A name can hold nearly anything; sshd's configuration cannot. */
static gboolean
is_expressible (const char *name)
{
  return strpbrk (name, "\"'\\#") == NULL && g_utf8_validate (name, -1, NULL);
}

/* An entry of the list. */

/* name: (nullable) what a person knows it by, type: (nullable), as NetworkManager tells. */
static GVariant *
entry_new (const Link *link, const char *name, const char *type, gboolean is_bound)
{
  const char *const *addresses = (const char *const *) link->addresses->pdata;
  GVariantDict dict;

  type = type ?: link->type;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "name", "s", link->name);
  g_variant_dict_insert (&dict, "description", "s", name ?: type);
  g_variant_dict_insert (&dict, "type", "s", type);
  g_variant_dict_insert_value (&dict, "addresses",
                               g_variant_new_strv (addresses, link->addresses->len));
  g_variant_dict_insert (&dict, "up", "b", link->up);
  g_variant_dict_insert (&dict, "bound", "b", is_bound);
  return g_variant_dict_end (&dict);
}

static GVariant *
listing_end (const Listing *listing)
{
  g_autoptr (GHashTable) devices =
      !listing->complete && client != NULL ? manager->read_devices (client) : NULL;
  g_autoptr (GHashTable) bound = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantBuilder builder;

  for (guint i = 0; listing->bound[i] != NULL; i++)
    g_hash_table_add (bound, listing->bound[i]);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < listing->links->len; i++)
    {
      const Link *link = listing->links->pdata[i];
      const NetworkDevice *device = devices ? g_hash_table_lookup (devices, link->name) : NULL;
      const char *name = listing->names ? g_hash_table_lookup (listing->names, link->name) : NULL;

      if (is_expressible (link->name))
        g_variant_builder_add_value (&builder,
                                     entry_new (link, device ? device->description : name,
                                                device ? device->type : NULL,
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

/* Does what the kernel tells, with the names of the connections, leave nothing open? */
static gboolean
is_complete (const Listing *listing)
{
  for (guint i = 0; i < listing->links->len; i++)
    {
      const Link *link = listing->links->pdata[i];

      if (!link->type_known
          || (link->hardware && !g_hash_table_contains (listing->names, link->name)))
        return FALSE;
    }
  return TRUE;
}

/* A function of a GThreadPool, whose data is a GTask. */
static void
read_listing (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  GDBusConnection *bus = g_task_get_source_object (task);
  Listing *listing = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) names_error = NULL;
  GError *error = NULL;

  listing->links = links_read (&error);
  if (listing->links == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (!connection_names_read (bus, &listing->names, cancellable, &names_error))
    g_debug ("interfaces: NetworkManager: %s", names_error->message);
  else
    listing->complete = listing->names == NULL || is_complete (listing);
  g_task_return_boolean (task, TRUE);
}

static void
on_client_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&waiting);
  g_autoptr (GError) error = NULL;

  /* Without NetworkManager the kernel's word is enough. */
  client = manager->connect_finish (result, &error);
  if (client != NULL)
    g_timeout_add_seconds (KEEP_SECONDS, on_drop, NULL);
  else
    g_debug ("interfaces: no NetworkManager: %s", error->message);
  for (guint i = 0; i < tasks->len; i++)
    finish (tasks->pdata[i]);
}

/* Never unloaded: types that are registered stay so. */
static gboolean
load_manager (void)
{
  GModule *module;
  gpointer symbol;

  if (manager != NULL)
    return TRUE;
  module = g_module_open (LIBEXECDIR "/" NETWORK_MANAGER_MODULE, G_MODULE_BIND_LOCAL);
  if (module == NULL || !g_module_symbol (module, NETWORK_MANAGER_SYMBOL, &symbol))
    {
      g_message ("interfaces: %s", g_module_error ());
      return FALSE;
    }
  g_module_make_resident (module);
  manager = symbol;
  return TRUE;
}

static void
on_listing_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Listing *listing = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (listing->complete || client != NULL || !load_manager ())
    {
      finish (task);
      return;
    }
  if (waiting == NULL)
    {
      waiting = g_ptr_array_new_with_free_func (g_object_unref);
      manager->connect_async (G_DBUS_CONNECTION (source), on_client_ready, NULL);
    }
  g_ptr_array_add (waiting, g_steal_pointer (&task));
}

void
interfaces_list_async (GDBusConnection *bus,
                       const char *const *bound,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GTask) reading = g_task_new (bus, cancellable, on_listing_read, task);
  Listing *listing = g_new0 (Listing, 1);

  if (readers == NULL)
    readers = g_thread_pool_new (read_listing, NULL, MAX_READERS, FALSE, NULL);
  g_task_set_source_tag (task, interfaces_list_async);
  g_task_set_source_tag (reading, read_listing);
  listing->bound = g_strdupv ((char **) bound);
  g_task_set_task_data (task, listing, (GDestroyNotify) listing_free);
  g_task_set_task_data (reading, listing, NULL);
  g_thread_pool_push (readers, g_steal_pointer (&reading), NULL);
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
