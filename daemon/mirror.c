/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "mirror.h"

#include "admission.h"

struct _Mirror
{
  GDBusConnection *bus;             /* (owned) */
  GDBusInterfaceSkeleton *skeleton; /* (owned) */
  char *path;                       /* (owned) */
  gulong handler;
  guint filter;
  guint idle;
  GMutex lock;    /* of what follows, which the bus's own thread reads */
  GVariant *body; /* (owned) (nullable) (a{sv}); NULL: the object itself answers */
};

static void
set_body (Mirror *self, GVariant *body)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  g_clear_pointer (&self->body, g_variant_unref);
  self->body = body;
}

static GVariant *
dup_body (Mirror *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return self->body ? g_variant_ref (self->body) : NULL;
}

static gboolean
on_idle (gpointer user_data)
{
  Mirror *self = user_data;
  g_autoptr (GVariant) all = g_dbus_interface_skeleton_get_properties (self->skeleton);

  self->idle = 0;
  set_body (self, g_variant_ref_sink (g_variant_new ("(@a{sv})", all)));
  return G_SOURCE_REMOVE;
}

/* So it is never older than what was last told: until there is rest the object itself answers. */
static void
on_notify (GObject *object, GParamSpec *property, gpointer user_data)
{
  Mirror *self = user_data;

  set_body (self, NULL);
  if (self->idle == 0)
    self->idle = g_idle_add (on_idle, self);
}

static gboolean
is_ours (Mirror *self, GDBusMessage *message)
{
  GVariant *arguments = g_dbus_message_get_body (message);
  const char *interface;

  if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL
      || (g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED)
      || g_strcmp0 (g_dbus_message_get_member (message), "GetAll") != 0
      || g_strcmp0 (g_dbus_message_get_interface (message), "org.freedesktop.DBus.Properties") != 0
      || g_strcmp0 (g_dbus_message_get_path (message), self->path) != 0 || arguments == NULL
      || !g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(s)")))
    return FALSE;
  g_variant_get (arguments, "(&s)", &interface);
  return g_str_equal (interface, g_dbus_interface_skeleton_get_info (self->skeleton)->name);
}

/* In the bus's own thread. */
static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  Mirror *self = user_data;
  g_autoptr (GVariant) body = incoming && is_ours (self, message) ? dup_body (self) : NULL;
  g_autoptr (GDBusMessage) reply = NULL;

  if (body == NULL)
    return message;
  reply = g_dbus_message_new_method_reply (message);
  g_dbus_message_set_body (reply, body);
  admission_not_counted (reply);
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (message);
  return NULL;
}

static void
destroy (gpointer user_data)
{
  Mirror *self = user_data;

  g_clear_pointer (&self->body, g_variant_unref);
  g_mutex_clear (&self->lock);
  g_object_unref (self->skeleton);
  g_free (self->path);
  g_free (self);
}

Mirror *
mirror_new (GDBusConnection *bus, GDBusInterfaceSkeleton *skeleton, const char *path)
{
  Mirror *self = g_new0 (Mirror, 1);

  self->bus = g_object_ref (bus);
  self->skeleton = g_object_ref (skeleton);
  self->path = g_strdup (path);
  g_mutex_init (&self->lock);
  self->handler = g_signal_connect (skeleton, "notify", G_CALLBACK (on_notify), self);
  self->filter = g_dbus_connection_add_filter (bus, on_message, self, destroy);
  self->idle = g_idle_add (on_idle, self);
  return self;
}

void
mirror_free (Mirror *self)
{
  g_autoptr (GDBusConnection) bus = self->bus;

  g_clear_handle_id (&self->idle, g_source_remove);
  g_signal_handler_disconnect (self->skeleton, self->handler);
  g_dbus_connection_remove_filter (bus, self->filter);
}
