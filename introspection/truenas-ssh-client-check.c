/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

/**
 * truenas_ssh_client_check_login:
 * @client: a #TruenasSshClient
 * @user: the name of a user
 * @address: (nullable): the client's IP address; or %NULL for anywhere
 * @options: (nullable): an `a{sv}`: `interface` (s), through which the client comes in; or %NULL
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Tells whether somebody could log in now, by the configuration on disk.
 *
 * Errors: %TRUENAS_SSH_ERROR_INVALID_OPTION, %TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE,
 * %TRUENAS_SSH_ERROR_CONFIG_REJECTED, %TRUENAS_SSH_ERROR_NOT_INSTALLED and
 * %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: (transfer full): an `a{sv}`: `methods` (as) that let the user in, `possible` (as)
 *   that may, and `reasons` (`a(ss)`) of those that do not, or %NULL with an error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_check_login (TruenasSshClient *client,
                                const char *user,
                                const char *address,
                                GVariant *options,
                                GCancellable *cancellable,
                                GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call (client, "CheckLogin",
                      g_variant_new ("(ss@a{sv})", user, address != NULL ? address : "",
                                     options != NULL ? options : g_variant_new ("a{sv}", NULL)),
                      CLIENT_NO_TIMEOUT, cancellable, error);
}

/**
 * truenas_ssh_client_check_login_async:
 * @client: a #TruenasSshClient
 * @user: the name of a user
 * @address: (nullable): the client's IP address; or %NULL for anywhere
 * @options: (nullable): an `a{sv}`: `interface` (s), through which the client comes in; or %NULL
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_check_login() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_check_login_async (TruenasSshClient *client,
                                      const char *user,
                                      const char *address,
                                      GVariant *options,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "CheckLogin",
                     g_variant_new ("(ss@a{sv})", user, address != NULL ? address : "",
                                    options != NULL ? options : g_variant_new ("a{sv}", NULL)),
                     CLIENT_NO_TIMEOUT, truenas_ssh_client_check_login_async, cancellable, callback,
                     user_data);
}

/**
 * truenas_ssh_client_check_login_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_check_login_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_check_login()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_check_login_finish (TruenasSshClient *client,
                                       GAsyncResult *result,
                                       GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_check_login_async, error);
}

/**
 * truenas_ssh_client_check_kerberos:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Tells whether sshd could take Kerberos tickets. Takes up to five seconds where no server
 * answers.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_INSTALLED and %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: (transfer full): an `a{sv}`: `ready` (b) and `checks` (`a(sbs)`: name, whether it is
 *   fine, what was found), or %NULL with an error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_check_kerberos (TruenasSshClient *client,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call (client, "CheckKerberos", NULL, CLIENT_NO_TIMEOUT, cancellable, error);
}

/**
 * truenas_ssh_client_check_kerberos_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_check_kerberos() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_check_kerberos_async (TruenasSshClient *client,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "CheckKerberos", NULL, CLIENT_NO_TIMEOUT,
                     truenas_ssh_client_check_kerberos_async, cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_check_kerberos_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_check_kerberos_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_check_kerberos()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_check_kerberos_finish (TruenasSshClient *client,
                                          GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_check_kerberos_async, error);
}

/**
 * truenas_ssh_client_explain:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Tells who decides what sshd does.
 *
 * Errors: %TRUENAS_SSH_ERROR_CONFIG_REJECTED, %TRUENAS_SSH_ERROR_NOT_INSTALLED and
 * %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: (transfer full): an `aa{sv}`, for each setting `name` (s), `value` (v), `effective`
 *   (v), `file` (s), `line` (u) and `exceptions` (`a(su)`, file and line), or %NULL with an
 *   error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_explain (TruenasSshClient *client, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call (client, "Explain", NULL, CLIENT_NO_TIMEOUT, cancellable, error);
}

/**
 * truenas_ssh_client_explain_async:
 * @client: a #TruenasSshClient
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_explain() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_explain_async (TruenasSshClient *client,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Explain", NULL, CLIENT_NO_TIMEOUT, truenas_ssh_client_explain_async,
                     cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_explain_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_explain_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_explain()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_explain_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_explain_async, error);
}
