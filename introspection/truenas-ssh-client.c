/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

/**
 * SECTION:truenas-ssh-client
 * @title: TruenasSshClient
 * @short_description: the SSH server of a machine
 */

/**
 * TruenasSshClient:
 *
 * The settings and the state of a machine's SSH server, and what can be done about them.
 *
 * The settings and the state are properties, with the names and types of
 * #TruenasSshService: `tcp-port`, `listen-addresses` and so on. They can be read at any time
 * without waiting, and their changes are notified, also by #TruenasSshClient::changed, while a main
 * loop runs. Functions that wait for the answer (those without `_async`) leave them up to date;
 * truenas_ssh_client_refresh() does the same for a program that has no main loop.
 *
 * The service ends when it has nothing to do, and is started when it is called. A client outlives
 * that: it calls whoever has the name then, and its properties keep their values in between.
 * Making a client starts the service.
 *
 * Errors have the domain #TruenasSshError, and %G_DBUS_ERROR_ACCESS_DENIED for whoever may not do
 * what was asked, or would have to be asked for a password where nobody can be. Their messages
 * are as they are to be shown: where, what, what to do. Other domains tell of a bus that cannot be
 * reached.
 *
 * Dictionaries and lists are #GVariants, shaped as in the documentation of the D-Bus interface;
 * scripts unpack them (`unpack()` in Python, `recursiveUnpack()` in JavaScript).
 *
 * To cancel a call is to stop waiting for it: a change that has begun is finished all the same.
 *
 * Since: 0.1
 */
struct _TruenasSshClient
{
  TruenasSshServiceProxy parent_instance;

  gboolean interactive;
  GHashTable *known; /* (owned): property → value (owned), which outlives the service */
};

enum
{
  PROP_INTERACTIVE = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];
static guint changed_signal;

static GInitableIface *parent_initable;
static GAsyncInitableIface *parent_async_initable;

static void initable_init (GInitableIface *iface);
static void async_initable_init (GAsyncInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TruenasSshClient,
                               truenas_ssh_client,
                               TRUENAS_SSH_TYPE_SERVICE_PROXY,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_init)
                                   G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE,
                                                          async_initable_init))

/* Properties */

/* The proxy forgets every value when the service ends. The very same values are put back, not equal
 * ones: what the accessors have returned points into them. */
static void
put_back (TruenasSshClient *self)
{
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_dbus_proxy_set_cached_property (G_DBUS_PROXY (self), name, value);
}

/* Takes in new values; returns those that are other than before. */
static GVariant *
take_in (TruenasSshClient *self, GVariant *values)
{
  GVariantDict news;
  GVariantIter iter;
  const char *name = NULL;
  GVariant *value = NULL;

  g_variant_dict_init (&news, NULL);
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      GVariant *known = g_hash_table_lookup (self->known, name);

      if (known != NULL && g_variant_equal (known, value))
        continue;
      g_hash_table_replace (self->known, g_strdup (name), g_variant_ref (value));
      g_variant_dict_insert_value (&news, name, value);
    }

  put_back (self);
  return g_variant_ref_sink (g_variant_dict_end (&news));
}

static void
truenas_ssh_client_g_properties_changed (GDBusProxy *proxy,
                                         GVariant *changed,
                                         const char *const *invalidated)
{
  static const char *const none[] = { NULL };
  TruenasSshClient *self = TRUENAS_SSH_CLIENT (proxy);
  g_autoptr (GVariant) news = take_in (self, changed);

  if (g_variant_n_children (news) == 0)
    return;
  G_DBUS_PROXY_CLASS (truenas_ssh_client_parent_class)->g_properties_changed (proxy, news, none);
  g_signal_emit (self, changed_signal, 0, news);
}

/* Where the service ended before it told its properties, nothing else tells that they are gone. */
static void
on_name_owner (TruenasSshClient *self)
{
  put_back (self);
}

/* Making */

static gboolean
has_properties (TruenasSshClient *self)
{
  return g_hash_table_size (self->known) > 0;
}

/* A proxy is content where there is no service, or one that ends just then; asking for the
 * properties starts it, or tells why it cannot be. */
static gboolean
truenas_ssh_client_initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  TruenasSshClient *self = TRUENAS_SSH_CLIENT (initable);

  if (!parent_initable->init (initable, cancellable, error))
    return FALSE;
  return has_properties (self) || truenas_ssh_client_refresh (self, cancellable, error);
}

static void
initable_init (GInitableIface *iface)
{
  parent_initable = g_type_interface_peek_parent (iface);
  iface->init = truenas_ssh_client_initable_init;
}

static void
on_first_refresh (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (truenas_ssh_client_refresh_finish (TRUENAS_SSH_CLIENT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_parent_init (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  TruenasSshClient *self = TRUENAS_SSH_CLIENT (source);
  GError *error = NULL;

  if (!parent_async_initable->init_finish (G_ASYNC_INITABLE (source), result, &error))
    g_task_return_error (task, error);
  else if (has_properties (self))
    g_task_return_boolean (task, TRUE);
  else
    truenas_ssh_client_refresh_async (self, g_task_get_cancellable (task), on_first_refresh,
                                      g_steal_pointer (&task));
}

static void
truenas_ssh_client_init_async (GAsyncInitable *initable,
                               int priority,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (initable, cancellable, callback, user_data);

  g_task_set_source_tag (task, truenas_ssh_client_init_async);
  g_task_set_priority (task, priority);
  parent_async_initable->init_async (initable, priority, cancellable, on_parent_init, task);
}

static gboolean
truenas_ssh_client_init_finish (GAsyncInitable *initable, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, initable), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
async_initable_init (GAsyncInitableIface *iface)
{
  parent_async_initable = g_type_interface_peek_parent (iface);
  iface->init_async = truenas_ssh_client_init_async;
  iface->init_finish = truenas_ssh_client_init_finish;
}

/* The object */

static void
truenas_ssh_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_INTERACTIVE:
      truenas_ssh_client_set_interactive (TRUENAS_SSH_CLIENT (object), g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
truenas_ssh_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_INTERACTIVE:
      g_value_set_boolean (value, TRUENAS_SSH_CLIENT (object)->interactive);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
truenas_ssh_client_finalize (GObject *object)
{
  TruenasSshClient *self = TRUENAS_SSH_CLIENT (object);

  g_hash_table_unref (self->known);
  G_OBJECT_CLASS (truenas_ssh_client_parent_class)->finalize (object);
}

static void
truenas_ssh_client_class_init (TruenasSshClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = truenas_ssh_client_set_property;
  object_class->get_property = truenas_ssh_client_get_property;
  object_class->finalize = truenas_ssh_client_finalize;
  G_DBUS_PROXY_CLASS (klass)->g_properties_changed = truenas_ssh_client_g_properties_changed;

  /**
   * TruenasSshClient:interactive:
   *
   * Whether a call may ask somebody to authenticate, which takes a polkit agent: a desktop has
   * one, in a terminal pkttyagent(1) is one. Without it %G_DBUS_ERROR_ACCESS_DENIED comes at once.
   *
   * Since: 0.1
   */
  properties[PROP_INTERACTIVE] =
      g_param_spec_boolean ("interactive", NULL, NULL, TRUE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * TruenasSshClient::changed:
   * @client: the client
   * @properties: a `a{sv}` of the D-Bus properties that have changed, such as `TcpPort`, and their
   *   new values
   *
   * Settings or state of the SSH server have changed, whoever did it. Emitted once for what changed
   * together, after the notifications of the properties.
   *
   * Since: 0.1
   */
  changed_signal = g_signal_new ("changed", TRUENAS_SSH_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
}

static void
truenas_ssh_client_init (TruenasSshClient *self)
{
  self->interactive = TRUE;
  self->known =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  g_signal_connect (self, "notify::g-name-owner", G_CALLBACK (on_name_owner), NULL);
}

/**
 * truenas_ssh_client_get_interactive:
 * @client: a #TruenasSshClient
 *
 * Gets #TruenasSshClient:interactive.
 *
 * Returns: whether calls may ask somebody to authenticate
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_get_interactive (TruenasSshClient *client)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client->interactive;
}

/**
 * truenas_ssh_client_set_interactive:
 * @client: a #TruenasSshClient
 * @interactive: whether calls may ask somebody to authenticate
 *
 * Sets #TruenasSshClient:interactive, for the calls from now on.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_set_interactive (TruenasSshClient *client, gboolean interactive)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  if (client->interactive == !!interactive)
    return;
  client->interactive = !!interactive;
  g_object_notify_by_pspec (G_OBJECT (client), properties[PROP_INTERACTIVE]);
}

/**
 * truenas_ssh_client_get_settings:
 * @client: a #TruenasSshClient
 *
 * Gets all settings at once, as last told by the service, without waiting; those that nobody has
 * set here too.
 *
 * Returns: (transfer full): an `a{sv}` of settings by the names of the D-Bus properties, such as
 *   `TcpPort`
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_get_settings (TruenasSshClient *client)
{
  GDBusPropertyInfo **all = truenas_ssh_service_interface_info ()->properties;
  GVariantBuilder builder;

  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (; *all != NULL; all++)
    {
      GVariant *value = g_hash_table_lookup (client->known, (*all)->name);

      if (value != NULL
          && g_dbus_annotation_info_lookup ((*all)->annotations, "org.truenas.SSH.Setting") != NULL)
        g_variant_builder_add (&builder, "{sv}", (*all)->name, value);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
