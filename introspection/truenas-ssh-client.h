/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "truenas-ssh-extern.h"
#include "truenas-ssh-generated.h"

G_BEGIN_DECLS

#define TRUENAS_SSH_TYPE_CLIENT (truenas_ssh_client_get_type ())
TRUENAS_SSH_EXTERN
G_DECLARE_FINAL_TYPE (TruenasSshClient,
                      truenas_ssh_client,
                      TRUENAS_SSH,
                      CLIENT,
                      TruenasSshServiceProxy)

TRUENAS_SSH_EXTERN
TruenasSshClient *truenas_ssh_client_new (GCancellable *cancellable, GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_new_async (GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
TRUENAS_SSH_EXTERN
TruenasSshClient *truenas_ssh_client_new_for_connection (GDBusConnection *connection,
                                                         GCancellable *cancellable,
                                                         GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_new_for_connection_async (GDBusConnection *connection,
                                                  GCancellable *cancellable,
                                                  GAsyncReadyCallback callback,
                                                  gpointer user_data);
TRUENAS_SSH_EXTERN
TruenasSshClient *truenas_ssh_client_new_finish (GAsyncResult *result, GError **error);
TRUENAS_SSH_EXTERN
TruenasSshClient *
truenas_ssh_client_new_for_connection_finish (GAsyncResult *result, GError **error);

TRUENAS_SSH_EXTERN
gboolean truenas_ssh_client_get_interactive (TruenasSshClient *client);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_set_interactive (TruenasSshClient *client, gboolean interactive);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_get_settings (TruenasSshClient *client);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_refresh (TruenasSshClient *client, GCancellable *cancellable, GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_refresh_async (TruenasSshClient *client,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_refresh_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);

TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_apply (TruenasSshClient *client,
                                    GVariant *settings,
                                    GVariant *options,
                                    GCancellable *cancellable,
                                    GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_apply_async (TruenasSshClient *client,
                                     GVariant *settings,
                                     GVariant *options,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *
truenas_ssh_client_apply_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);
TRUENAS_SSH_EXTERN
gboolean truenas_ssh_client_confirm (TruenasSshClient *client,
                                     const char *token,
                                     GCancellable *cancellable,
                                     GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_confirm_async (TruenasSshClient *client,
                                       const char *token,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_confirm_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);
TRUENAS_SSH_EXTERN
gboolean truenas_ssh_client_rollback (TruenasSshClient *client,
                                      const char *token,
                                      GCancellable *cancellable,
                                      GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_rollback_async (TruenasSshClient *client,
                                        const char *token,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_rollback_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_revert (TruenasSshClient *client,
                                     guint64 generation,
                                     GVariant *options,
                                     GCancellable *cancellable,
                                     GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_revert_async (TruenasSshClient *client,
                                      guint64 generation,
                                      GVariant *options,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *
truenas_ssh_client_revert_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);

TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_start (TruenasSshClient *client, GCancellable *cancellable, GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_start_async (TruenasSshClient *client,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_start_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_stop (TruenasSshClient *client, GCancellable *cancellable, GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_stop_async (TruenasSshClient *client,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_stop_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_restart (TruenasSshClient *client, GCancellable *cancellable, GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_restart_async (TruenasSshClient *client,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
TRUENAS_SSH_EXTERN
gboolean
truenas_ssh_client_restart_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);
TRUENAS_SSH_EXTERN
gboolean truenas_ssh_client_set_start_on_boot (TruenasSshClient *client,
                                               gboolean enable,
                                               GCancellable *cancellable,
                                               GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_set_start_on_boot_async (TruenasSshClient *client,
                                                 gboolean enable,
                                                 GCancellable *cancellable,
                                                 GAsyncReadyCallback callback,
                                                 gpointer user_data);
TRUENAS_SSH_EXTERN
gboolean truenas_ssh_client_set_start_on_boot_finish (TruenasSshClient *client,
                                                      GAsyncResult *result,
                                                      GError **error);

TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_interfaces (TruenasSshClient *client,
                                              GCancellable *cancellable,
                                              GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_list_interfaces_async (TruenasSshClient *client,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_interfaces_finish (TruenasSshClient *client,
                                                     GAsyncResult *result,
                                                     GError **error);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_groups (TruenasSshClient *client,
                                          const char *prefix,
                                          guint limit,
                                          GCancellable *cancellable,
                                          GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_list_groups_async (TruenasSshClient *client,
                                           const char *prefix,
                                           guint limit,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_groups_finish (TruenasSshClient *client,
                                                 GAsyncResult *result,
                                                 GError **error);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_host_keys (TruenasSshClient *client,
                                             GCancellable *cancellable,
                                             GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_list_host_keys_async (TruenasSshClient *client,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_host_keys_finish (TruenasSshClient *client,
                                                    GAsyncResult *result,
                                                    GError **error);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_history (TruenasSshClient *client,
                                           GCancellable *cancellable,
                                           GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_list_history_async (TruenasSshClient *client,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_list_history_finish (TruenasSshClient *client,
                                                  GAsyncResult *result,
                                                  GError **error);

TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_check_login (TruenasSshClient *client,
                                          const char *user,
                                          const char *address,
                                          GVariant *options,
                                          GCancellable *cancellable,
                                          GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_check_login_async (TruenasSshClient *client,
                                           const char *user,
                                           const char *address,
                                           GVariant *options,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_check_login_finish (TruenasSshClient *client,
                                                 GAsyncResult *result,
                                                 GError **error);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_check_kerberos (TruenasSshClient *client,
                                             GCancellable *cancellable,
                                             GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_check_kerberos_async (TruenasSshClient *client,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *truenas_ssh_client_check_kerberos_finish (TruenasSshClient *client,
                                                    GAsyncResult *result,
                                                    GError **error);
TRUENAS_SSH_EXTERN
GVariant *
truenas_ssh_client_explain (TruenasSshClient *client, GCancellable *cancellable, GError **error);
TRUENAS_SSH_EXTERN
void truenas_ssh_client_explain_async (TruenasSshClient *client,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
TRUENAS_SSH_EXTERN
GVariant *
truenas_ssh_client_explain_finish (TruenasSshClient *client, GAsyncResult *result, GError **error);

G_END_DECLS
