/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

/**
 * truenas_ssh_client_list_interfaces:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Lists the network interfaces that the setting `BindInterfaces` can name, sorted by name.
 * Anybody may.
 *
 * Error: %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: (transfer full): an `aa{sv}`, for each `name` (s), `description` (s), `type` (s),
 *   `addresses` (as, numeric), `up` (b) and `bound` (b), or %NULL with an error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_interfaces (TruenasSshClient *client,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call (client, "ListInterfaces", NULL, CLIENT_LIST_TIMEOUT, cancellable, error);
}

/**
 * truenas_ssh_client_list_interfaces_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_list_interfaces() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_list_interfaces_async (TruenasSshClient *client,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "ListInterfaces", NULL, CLIENT_LIST_TIMEOUT,
                     truenas_ssh_client_list_interfaces_async, cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_list_interfaces_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_list_interfaces_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_list_interfaces()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_interfaces_finish (TruenasSshClient *client,
                                           GAsyncResult *result,
                                           GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_list_interfaces_async, error);
}

/**
 * truenas_ssh_client_list_groups:
 * @client: a #TruenasSshClient
 * @prefix: (nullable): what the names begin with; or %NULL
 * @limit: at most so many; 0 means 1000
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Lists groups that the setting `PasswordLoginGroups` can name, sorted by name. A directory may
 * not let its groups be listed: one whose whole name is @prefix is found all the same. Anybody
 * may.
 *
 * Error: %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: (transfer full): an `a(su)` of names and numeric ids, or %NULL with an error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_groups (TruenasSshClient *client,
                                const char *prefix,
                                guint limit,
                                GCancellable *cancellable,
                                GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call (client, "ListGroups",
                      g_variant_new ("(su)", prefix != NULL ? prefix : "", limit),
                      CLIENT_LIST_TIMEOUT, cancellable, error);
}

/**
 * truenas_ssh_client_list_groups_async:
 * @client: a #TruenasSshClient
 * @prefix: (nullable): what the names begin with; or %NULL
 * @limit: at most so many; 0 means 1000
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_list_groups() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_list_groups_async (TruenasSshClient *client,
                                      const char *prefix,
                                      guint limit,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (
      client, "ListGroups", g_variant_new ("(su)", prefix != NULL ? prefix : "", limit),
      CLIENT_LIST_TIMEOUT, truenas_ssh_client_list_groups_async, cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_list_groups_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_list_groups_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_list_groups()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_groups_finish (TruenasSshClient *client,
                                       GAsyncResult *result,
                                       GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_list_groups_async, error);
}

/**
 * truenas_ssh_client_list_host_keys:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Lists the public host keys that sshd uses. Anybody may.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_INSTALLED, %TRUENAS_SSH_ERROR_CONFIG_REJECTED and
 * %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: (transfer full): an `aa{sv}`, for each `type` (s), `bits` (u), `fingerprint` (s,
 *   SHA256) and `known-hosts` (s, key type and key as in a known_hosts file), or %NULL with an
 *   error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_host_keys (TruenasSshClient *client,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call (client, "ListHostKeys", NULL, CLIENT_LIST_TIMEOUT, cancellable, error);
}

/**
 * truenas_ssh_client_list_host_keys_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_list_host_keys() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_list_host_keys_async (TruenasSshClient *client,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "ListHostKeys", NULL, CLIENT_LIST_TIMEOUT,
                     truenas_ssh_client_list_host_keys_async, cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_list_host_keys_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_list_host_keys_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_list_host_keys()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_host_keys_finish (TruenasSshClient *client,
                                          GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_list_host_keys_async, error);
}

/**
 * truenas_ssh_client_list_history:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Lists the last changes, the newest first.
 *
 * Error: %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: (transfer full): an `aa{sv}`, for each `generation` (t), `time` (t, microseconds
 *   since the Epoch), `uid` (u) and `login-uid` (u), both 4294967295 where nobody can tell,
 *   `outcome` (s), `changed` (as, names) and `diff` (s), or %NULL with an error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_history (TruenasSshClient *client,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call (client, "ListHistory", NULL, CLIENT_NO_TIMEOUT, cancellable, error);
}

/**
 * truenas_ssh_client_list_history_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_list_history() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_list_history_async (TruenasSshClient *client,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "ListHistory", NULL, CLIENT_NO_TIMEOUT,
                     truenas_ssh_client_list_history_async, cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_list_history_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_list_history_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_list_history()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_list_history_finish (TruenasSshClient *client,
                                        GAsyncResult *result,
                                        GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_list_history_async, error);
}
