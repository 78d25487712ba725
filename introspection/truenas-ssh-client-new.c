/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

/**
 * truenas_ssh_client_new:
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Makes a client of this machine's SSH server.
 *
 * The service is started if it does not run. Errors: those of the bus;
 * %G_DBUS_ERROR_SERVICE_UNKNOWN where truenas-ssh is not installed.
 *
 * Returns: (transfer full): a client, or %NULL with an error
 *
 * Since: 0.1
 */
TruenasSshClient *
truenas_ssh_client_new (GCancellable *cancellable, GError **error)
{
  return g_initable_new (TRUENAS_SSH_TYPE_CLIENT, cancellable, error, "g-bus-type",
                         G_BUS_TYPE_SYSTEM, "g-name", BUS_NAME, "g-object-path", BUS_PATH,
                         "g-interface-name", BUS_NAME, NULL);
}

/**
 * truenas_ssh_client_new_async:
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_new() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_new_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_async_initable_new_async (TRUENAS_SSH_TYPE_CLIENT, G_PRIORITY_DEFAULT, cancellable, callback,
                              user_data, "g-bus-type", G_BUS_TYPE_SYSTEM, "g-name", BUS_NAME,
                              "g-object-path", BUS_PATH, "g-interface-name", BUS_NAME, NULL);
}

/**
 * truenas_ssh_client_new_for_connection:
 * @connection: a connection to a message bus
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Makes a client of the SSH server on whose machine's bus @connection is.
 *
 * The service is started if it does not run. Errors: those of the bus;
 * %G_DBUS_ERROR_SERVICE_UNKNOWN where truenas-ssh is not installed.
 *
 * Returns: (transfer full): a client, or %NULL with an error
 *
 * Since: 0.1
 */
TruenasSshClient *
truenas_ssh_client_new_for_connection (GDBusConnection *connection,
                                       GCancellable *cancellable,
                                       GError **error)
{
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  return g_initable_new (TRUENAS_SSH_TYPE_CLIENT, cancellable, error, "g-connection", connection,
                         "g-name", BUS_NAME, "g-object-path", BUS_PATH, "g-interface-name",
                         BUS_NAME, NULL);
}

/**
 * truenas_ssh_client_new_for_connection_async:
 * @connection: a connection to a message bus
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_new_for_connection() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_new_for_connection_async (GDBusConnection *connection,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data)
{
  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));
  g_async_initable_new_async (TRUENAS_SSH_TYPE_CLIENT, G_PRIORITY_DEFAULT, cancellable, callback,
                              user_data, "g-connection", connection, "g-name", BUS_NAME,
                              "g-object-path", BUS_PATH, "g-interface-name", BUS_NAME, NULL);
}

static TruenasSshClient *
finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) source = g_async_result_get_source_object (result);
  GObject *made = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, error);

  return made != NULL ? TRUENAS_SSH_CLIENT (made) : NULL;
}

/**
 * truenas_ssh_client_new_finish:
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_new_async().
 *
 * Returns: (transfer full): a client, or %NULL with an error
 *
 * Since: 0.1
 */
TruenasSshClient *
truenas_ssh_client_new_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  return finish (result, error);
}

/**
 * truenas_ssh_client_new_for_connection_finish:
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_new_for_connection_async().
 *
 * Returns: (transfer full): a client, or %NULL with an error
 *
 * Since: 0.1
 */
TruenasSshClient *
truenas_ssh_client_new_for_connection_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  return finish (result, error);
}
