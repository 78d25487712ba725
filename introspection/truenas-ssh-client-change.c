/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

/**
 * truenas_ssh_client_apply:
 * @client: a #TruenasSshClient
 * @settings: (nullable): an `a{sv}` of the settings to set, by the names and types of the D-Bus
 *   properties, such as `TcpPort` (q); or %NULL
 * @options: (nullable): an `a{sv}` of how to do it: `dry-run` (b), `check-logins` (as),
 *   `if-generation` (t), `reset` (as), `replace-foreign` (b), `overwrite-edits` (b),
 *   `confirm-timeout` (u, seconds), `confirm-on-login` (b), `allow-lockout` (b), `start` (b),
 *   `use-service` (b); or %NULL
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Changes settings, all or none, and returns when the running sshd has been seen to use them.
 * What is not named stays as it is. This takes up to half a minute, and as long as somebody is
 * asked to authenticate; it never gives up by itself.
 *
 * With `confirm-timeout` the change is on probation: unless truenas_ssh_client_confirm() keeps
 * it in time, it is undone, whatever becomes of this program.
 *
 * Errors: %TRUENAS_SSH_ERROR_INVALID_SETTING, %TRUENAS_SSH_ERROR_INVALID_OPTION,
 * %TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE, %TRUENAS_SSH_ERROR_UNKNOWN_GROUP,
 * %TRUENAS_SSH_ERROR_NOT_SUPPORTED, %TRUENAS_SSH_ERROR_NOT_INSTALLED,
 * %TRUENAS_SSH_ERROR_CONFIG_REJECTED, %TRUENAS_SSH_ERROR_PORT_IN_USE,
 * %TRUENAS_SSH_ERROR_LOCKOUT, %TRUENAS_SSH_ERROR_CONFLICT, %TRUENAS_SSH_ERROR_BUSY and
 * %TRUENAS_SSH_ERROR_FAILED leave everything as it was; %TRUENAS_SSH_ERROR_APPLY_FAILED says
 * that the previous settings are back, %TRUENAS_SSH_ERROR_ROLLBACK_FAILED that they are not.
 *
 * Returns: (transfer full): an `a{sv}`: `generation` (t), `changed` (as, names), `warnings`
 *   (`a(sa{sv})`, as the property); with `dry-run` `config` (s) and `diff` (s), with
 *   `check-logins` `logins` (`a{sa{sv}}`, as truenas_ssh_client_check_login() answers), with
 *   `confirm-timeout` `token` (s) and `deadline` (t, microseconds since the Epoch), or %NULL
 *   with an error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_apply (TruenasSshClient *client,
                          GVariant *settings,
                          GVariant *options,
                          GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_change (client, "Apply", client_pair (settings, options), cancellable, error);
}

/**
 * truenas_ssh_client_apply_async:
 * @client: a #TruenasSshClient
 * @settings: (nullable): an `a{sv}` of the settings to set, by the names and types of the D-Bus
 *   properties, such as `TcpPort` (q); or %NULL
 * @options: (nullable): an `a{sv}` of how to do it: `dry-run` (b), `check-logins` (as),
 *   `if-generation` (t), `reset` (as), `replace-foreign` (b), `overwrite-edits` (b),
 *   `confirm-timeout` (u, seconds), `confirm-on-login` (b), `allow-lockout` (b), `start` (b),
 *   `use-service` (b); or %NULL
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_apply() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_apply_async (TruenasSshClient *client,
                                GVariant *settings,
                                GVariant *options,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Apply", client_pair (settings, options), CLIENT_NO_TIMEOUT,
                     truenas_ssh_client_apply_async, cancellable, callback, user_data);
}

/**
 * truenas_ssh_client_apply_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_apply_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_apply()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_apply_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_apply_async, error);
}

/**
 * truenas_ssh_client_confirm:
 * @client: a #TruenasSshClient
 * @token: (nullable): what truenas_ssh_client_apply() answered with; or %NULL, to be allowed by
 *   who calls
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Keeps the change that is on probation.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_PENDING, %TRUENAS_SSH_ERROR_CONFLICT (without the token: another
 * change has become pending meanwhile), %TRUENAS_SSH_ERROR_BUSY and %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_confirm (TruenasSshClient *client,
                            const char *token,
                            GCancellable *cancellable,
                            GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_change_empty (
      client, "Confirm", g_variant_new ("(s)", token != NULL ? token : ""), cancellable, error);
}

/**
 * truenas_ssh_client_confirm_async:
 * @client: a #TruenasSshClient
 * @token: (nullable): what truenas_ssh_client_apply() answered with; or %NULL, to be allowed by
 *   who calls
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_confirm() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_confirm_async (TruenasSshClient *client,
                                  const char *token,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Confirm", g_variant_new ("(s)", token != NULL ? token : ""),
                     CLIENT_NO_TIMEOUT, truenas_ssh_client_confirm_async, cancellable, callback,
                     user_data);
}

/**
 * truenas_ssh_client_confirm_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_confirm_async().
 *
 * Returns: as truenas_ssh_client_confirm()
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_confirm_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_finish_empty (client, result, truenas_ssh_client_confirm_async, error);
}

/**
 * truenas_ssh_client_rollback:
 * @client: a #TruenasSshClient
 * @token: (nullable): what truenas_ssh_client_apply() answered with; or %NULL, to be allowed by
 *   who calls
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Ends the change that is on probation, and returns when the previous settings have been seen to
 * be back.
 *
 * Errors: %TRUENAS_SSH_ERROR_NOT_PENDING, %TRUENAS_SSH_ERROR_CONFLICT, %TRUENAS_SSH_ERROR_BUSY,
 * %TRUENAS_SSH_ERROR_ROLLBACK_FAILED and %TRUENAS_SSH_ERROR_FAILED.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_rollback (TruenasSshClient *client,
                             const char *token,
                             GCancellable *cancellable,
                             GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_change_empty (
      client, "Rollback", g_variant_new ("(s)", token != NULL ? token : ""), cancellable, error);
}

/**
 * truenas_ssh_client_rollback_async:
 * @client: a #TruenasSshClient
 * @token: (nullable): what truenas_ssh_client_apply() answered with; or %NULL, to be allowed by
 *   who calls
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_rollback() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_rollback_async (TruenasSshClient *client,
                                   const char *token,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Rollback", g_variant_new ("(s)", token != NULL ? token : ""),
                     CLIENT_NO_TIMEOUT, truenas_ssh_client_rollback_async, cancellable, callback,
                     user_data);
}

/**
 * truenas_ssh_client_rollback_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_rollback_async().
 *
 * Returns: as truenas_ssh_client_rollback()
 *
 * Since: 0.1
 */
gboolean
truenas_ssh_client_rollback_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), FALSE);
  return client_call_finish_empty (client, result, truenas_ssh_client_rollback_async, error);
}

/**
 * truenas_ssh_client_revert:
 * @client: a #TruenasSshClient
 * @generation: one that truenas_ssh_client_list_history() names; 0: when nothing was set
 * @options: (nullable): an `a{sv}`, as for truenas_ssh_client_apply(), but without `reset`; or
 *   %NULL
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: where to put what went wrong
 *
 * Brings back the settings that the change of this generation has left, as an ordinary change.
 *
 * Errors: as truenas_ssh_client_apply(); %TRUENAS_SSH_ERROR_CONFLICT where the history does not
 * have it, or has no settings of it.
 *
 * Returns: (transfer full): as truenas_ssh_client_apply(), or %NULL with an error
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_revert (TruenasSshClient *client,
                           guint64 generation,
                           GVariant *options,
                           GCancellable *cancellable,
                           GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_change (client, "Revert",
                             client_pair (g_variant_new_uint64 (generation), options), cancellable,
                             error);
}

/**
 * truenas_ssh_client_revert_async:
 * @client: a #TruenasSshClient
 * @generation: one that truenas_ssh_client_list_history() names; 0: when nothing was set
 * @options: (nullable): an `a{sv}`, as for truenas_ssh_client_apply(), but without `reset`; or
 *   %NULL
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: for @callback
 *
 * Does what truenas_ssh_client_revert() does, and does not wait for it.
 *
 * Since: 0.1
 */
void
truenas_ssh_client_revert_async (TruenasSshClient *client,
                                 guint64 generation,
                                 GVariant *options,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (TRUENAS_SSH_IS_CLIENT (client));
  client_call_async (client, "Revert", client_pair (g_variant_new_uint64 (generation), options),
                     CLIENT_NO_TIMEOUT, truenas_ssh_client_revert_async, cancellable, callback,
                     user_data);
}

/**
 * truenas_ssh_client_revert_finish:
 * @client: a #TruenasSshClient
 * @result: what @callback was given
 * @error: where to put what went wrong
 *
 * Ends truenas_ssh_client_revert_async().
 *
 * Returns: (transfer full): as truenas_ssh_client_revert()
 *
 * Since: 0.1
 */
GVariant *
truenas_ssh_client_revert_finish (TruenasSshClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TRUENAS_SSH_IS_CLIENT (client), NULL);
  return client_call_finish (client, result, truenas_ssh_client_revert_async, error);
}
