/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

/**
 * truenas_ssh_client_start:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Starts the SSH unit, and returns when sshd listens where its configuration says. Does nothing
 * where it runs.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_INSTALLED, %TRUENAS_SSH_ERROR_BUSY and
 * %TRUENAS_SSH_ERROR_SERVICE_FAILED.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_start (TruenasSshClient *client, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_change_empty (client, "Start", NULL, cancellable, error);
}

/**
 * truenas_ssh_client_start_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_start() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_start_async (TruenasSshClient *client,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Start", NULL, CLIENT_NO_TIMEOUT, truenas_ssh_client_start_async,
                     cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_start_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_start_async().
 *
 * Returns: as truenas_ssh_client_start()
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_start_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_finish_empty (client, result, truenas_ssh_client_start_async, error);
}

/**
 * truenas_ssh_client_stop:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Stops the SSH unit. Sessions stay, and nobody can log in over SSH until it is started again.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_INSTALLED, %TRUENAS_SSH_ERROR_BUSY and
 * %TRUENAS_SSH_ERROR_SERVICE_FAILED.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_stop (TruenasSshClient *client, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_change_empty (client, "Stop", NULL, cancellable, error);
}

/**
 * truenas_ssh_client_stop_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_stop() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_stop_async (TruenasSshClient *client,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Stop", NULL, CLIENT_NO_TIMEOUT, truenas_ssh_client_stop_async,
                     cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_stop_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_stop_async().
 *
 * Returns: as truenas_ssh_client_stop()
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_stop_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_finish_empty (client, result, truenas_ssh_client_stop_async, error);
}

/**
 * truenas_ssh_client_restart:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Restarts the SSH unit, or starts it, and returns when sshd listens where its configuration
 * says. Sessions stay.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_INSTALLED, %TRUENAS_SSH_ERROR_BUSY and
 * %TRUENAS_SSH_ERROR_SERVICE_FAILED.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_restart (TruenasSshClient *client, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_change_empty (client, "Restart", NULL, cancellable, error);
}

/**
 * truenas_ssh_client_restart_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_restart() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_restart_async (TruenasSshClient *client,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Restart", NULL, CLIENT_NO_TIMEOUT, truenas_ssh_client_restart_async,
                     cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_restart_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_restart_async().
 *
 * Returns: as truenas_ssh_client_restart()
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_restart_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_finish_empty (client, result, truenas_ssh_client_restart_async, error);
}

/**
 * truenas_ssh_client_set_start_on_boot:
 * @client: a #TruenasSshClient
 * @enable: whether the SSH unit shall start when the machine boots
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Enables or disables the SSH unit. Whether it runs now does not change.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_INSTALLED, %TRUENAS_SSH_ERROR_BUSY and
 * %TRUENAS_SSH_ERROR_SERVICE_FAILED.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_set_start_on_boot (TruenasSshClient *client,
                                      gboolean enable,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_change_empty (client, "SetStartOnBoot", g_variant_new ("(b)", enable),
                                   cancellable, error);
}

/**
 * truenas_ssh_client_set_start_on_boot_async:
 * @client: a #TruenasSshClient
 * @enable: whether the SSH unit shall start when the machine boots
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_set_start_on_boot() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_set_start_on_boot_async (TruenasSshClient *client,
                                            gboolean enable,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "SetStartOnBoot", g_variant_new ("(b)", enable), CLIENT_NO_TIMEOUT,
                     truenas_ssh_client_set_start_on_boot_async, cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_set_start_on_boot_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_set_start_on_boot_async().
 *
 * Returns: as truenas_ssh_client_set_start_on_boot()
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_set_start_on_boot_finish (TruenasSshClient *client,
                                             GAsyncResult *result,
                                             GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_finish_empty (client, result, truenas_ssh_client_set_start_on_boot_async,
                                   error);
}
