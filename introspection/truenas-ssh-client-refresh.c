/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

#define BUS_NAME   "org.truenas.SSH"
#define BUS_PATH   "/org/truenas/SSH"
#define PROPERTIES "org.freedesktop.DBus.Properties"

/* Takes in what the service answered (owned), as if the bus had told of it. */
static gboolean
take_reply (TruenasSshClient *client, GVariant *reply, GError *problem, GError **error)
{
  static const char *const none[] = { NULL };
  g_autoptr (GVariant) owned = reply;
  g_autoptr (GVariant) values = NULL;

  if (owned == NULL)
    {
      client_error_clean (problem);
      g_propagate_error (error, problem);
      return FALSE;
    }

  values = g_variant_get_child_value (owned, 0);
  g_signal_emit_by_name (client, "g-properties-changed", values, none);
  return TRUE;
}

/**
 * truenas_ssh_client_refresh:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Asks the service for all properties anew, which starts it. While a main loop runs there is no
 * need to: the properties follow by themselves.
 *
 * Errors: those of the bus.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_refresh (TruenasSshClient *client, GCancellable *cancellable, GError **error)
{
  GDBusConnection *connection = NULL;
  GVariant *reply = NULL;
  GError *problem = NULL;

  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  connection = g_dbus_proxy_get_connection (G_DBUS_PROXY (client));
  reply = g_dbus_connection_call_sync (connection, BUS_NAME, BUS_PATH, PROPERTIES, "GetAll",
                                       g_variant_new ("(s)", BUS_NAME), G_VARIANT_TYPE ("(a{sv})"),
                                       G_DBUS_CALL_FLAGS_NONE, -1, cancellable, &problem);
  return take_reply (client, reply, problem, error);
}

static void
on_properties (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *problem = NULL;
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &problem);

  if (take_reply (g_task_get_source_object (task), reply, problem, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * truenas_ssh_client_refresh_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_refresh() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_refresh_async (TruenasSshClient *client,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = NULL;

  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  task = g_task_new (client, cancellable, callback, user_data);
  g_task_set_source_tag (task, truenas_ssh_client_refresh_async);
  g_dbus_connection_call (g_dbus_proxy_get_connection (G_DBUS_PROXY (client)), BUS_NAME, BUS_PATH,
                          PROPERTIES, "GetAll", g_variant_new ("(s)", BUS_NAME),
                          G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable,
                          on_properties, task);
}

/**
 * truenas_ssh_client_refresh_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_refresh_async().
 *
 * Returns: as truenas_ssh_client_refresh()
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_refresh_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
