/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-client-private.h"

#define BUS_NAME  "org.truenas.SSH"
#define BUS_PATH  "/org/truenas/SSH"
#define NOT_ASKED "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"

void
client_error_clean (GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  g_dbus_error_strip_remote_error (error);
  if (g_strcmp0 (name, NOT_ASKED) == 0)
    {
      error->domain = G_DBUS_ERROR;
      error->code = G_DBUS_ERROR_ACCESS_DENIED;
    }
}

static GDBusCallFlags
call_flags (TruenasSshClient *self)
{
  return truenas_ssh_client_get_interactive (self)
             ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
             : G_DBUS_CALL_FLAGS_NONE;
}

/* (nullable) (transfer full): the value of an answer that has one. */
static GVariant *
reply_value (GVariant *reply)
{
  return g_variant_n_children (reply) > 0 ? g_variant_get_child_value (reply, 0) : NULL;
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    {
      client_error_clean (error);
      g_task_return_error (task, error);
      return;
    }
  g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
}

/* By the well-known name, never by that of a process: the service may end when it is idle, and
 * whoever calls it then starts it again. */
void
client_call_async (TruenasSshClient *self,
                   const char *method,
                   GVariant *arguments,
                   int timeout_ms,
                   gpointer tag,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  GDBusConnection *connection = g_dbus_proxy_get_connection (G_DBUS_PROXY (self));
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_dbus_connection_call (connection, BUS_NAME, BUS_PATH, BUS_NAME, method, arguments, NULL,
                          call_flags (self), timeout_ms, cancellable, on_called, task);
}

GVariant *
client_call_finish (TruenasSshClient *self, GAsyncResult *result, gpointer tag, GError **error)
{
  g_autoptr (GVariant) reply = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), NULL);
  reply = g_task_propagate_pointer (G_TASK (result), error);
  return reply != NULL ? reply_value (reply) : NULL;
}

gboolean
client_call_finish_empty (TruenasSshClient *self,
                          GAsyncResult *result,
                          gpointer tag,
                          GError **error)
{
  g_autoptr (GVariant) reply = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), FALSE);
  reply = g_task_propagate_pointer (G_TASK (result), error);
  return reply != NULL;
}

/* (transfer full) (nullable): the whole answer. */
static GVariant *
call_sync (TruenasSshClient *self,
           const char *method,
           GVariant *arguments,
           int timeout_ms,
           GCancellable *cancellable,
           GError **error)
{
  GDBusConnection *connection = g_dbus_proxy_get_connection (G_DBUS_PROXY (self));
  GError *problem = NULL;
  GVariant *reply =
      g_dbus_connection_call_sync (connection, BUS_NAME, BUS_PATH, BUS_NAME, method, arguments,
                                   NULL, call_flags (self), timeout_ms, cancellable, &problem);

  if (reply == NULL)
    {
      client_error_clean (problem);
      g_propagate_error (error, problem);
    }
  return reply;
}

GVariant *
client_call (TruenasSshClient *self,
             const char *method,
             GVariant *arguments,
             int timeout_ms,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GVariant) reply = NULL;

  reply = call_sync (self, method, arguments, timeout_ms, cancellable, error);
  return reply != NULL ? reply_value (reply) : NULL;
}

/* The news of what has changed waits for a main loop that may never run; and not to get it makes
 * nothing undone. */
static GVariant *
call_change (TruenasSshClient *self,
             const char *method,
             GVariant *arguments,
             GCancellable *cancellable,
             GError **error)
{
  GVariant *reply = NULL;

  reply = call_sync (self, method, arguments, CLIENT_NO_TIMEOUT, cancellable, error);
  if (reply != NULL)
    truenas_ssh_client_refresh (self, cancellable, NULL);
  return reply;
}

GVariant *
client_call_change (TruenasSshClient *self,
                    const char *method,
                    GVariant *arguments,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GVariant) reply = call_change (self, method, arguments, cancellable, error);

  return reply != NULL ? reply_value (reply) : NULL;
}

gboolean
client_call_change_empty (TruenasSshClient *self,
                          const char *method,
                          GVariant *arguments,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GVariant) reply = call_change (self, method, arguments, cancellable, error);

  return reply != NULL;
}

GVariant *
client_pair (GVariant *first, GVariant *second)
{
  GVariant *both[] = {
    first != NULL ? first : g_variant_new ("a{sv}", NULL),
    second != NULL ? second : g_variant_new ("a{sv}", NULL),
  };

  return g_variant_new_tuple (both, G_N_ELEMENTS (both));
}
