/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "call.h"

#include "truenas-ssh-error.h"

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Call *call = user_data;

  g_cancellable_cancel (call->cancellable);
}

Call *
call_new (Service *service, GDBusConnection *bus, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->service = service;
  call->bus = bus;
  call->method = method_find (g_dbus_method_invocation_get_method_name (invocation));
  call->invocation = invocation;
  call->parameters = g_dbus_method_invocation_get_parameters (invocation);
  call->cancellable = g_cancellable_new ();
  return call;
}

void
call_watch (Call *call)
{
  call->watch = g_bus_watch_name_on_connection (
      call->bus, g_dbus_method_invocation_get_sender (call->invocation),
      G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished, call, NULL);
}

static void
call_free (Call *call)
{
  g_clear_handle_id (&call->watch, g_bus_unwatch_name);
  g_clear_pointer (&call->change, change_free);
  g_clear_pointer (&call->details, g_variant_unref);
  g_clear_pointer (&call->result, g_variant_unref);
  g_clear_error (&call->error);
  g_object_unref (call->cancellable);
  g_free (call);
}

void
call_reply (Call *call)
{
  if (call->error == NULL)
    {
      g_dbus_method_invocation_return_value (call->invocation, call->result);
      call_free (call);
      return;
    }
  /* A program's or a file's error has no name of its own on the bus. */
  if (call->error->domain != TRUENAS_SSH_ERROR && call->error->domain != G_DBUS_ERROR
      && call->error->domain != AUTHORITY_ERROR)
    {
      call->error->domain = TRUENAS_SSH_ERROR;
      call->error->code = TRUENAS_SSH_ERROR_FAILED;
    }
  g_dbus_method_invocation_return_gerror (call->invocation, call->error);
  call_free (call);
}

void
call_fail (Call *call, GError *error)
{
  call->error = error;
  call_reply (call);
}

/* The name of a file can be anything, what D-Bus carries is UTF-8. */
static void
make_valid (GError *error)
{
  char *message = g_utf8_make_valid (error->message, -1);

  g_free (error->message);
  error->message = message;
}

void
call_run (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Call *call = task_data;
  GVariant *result = call->method->run (call, &call->error);

  if (result != NULL)
    call->result = g_variant_ref_sink (result);
  if (call->error != NULL)
    make_valid (call->error);
  g_task_return_boolean (task, TRUE);
}
