/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "idle.h"

struct _Idle
{
  GDBusConnection *bus; /* (owned) */
  GCancellable *cancellable;
  IdleCalls calls;
  guint patience; /* ms */
  guint filter;
  guint timer;
  GMutex lock;         /* of what follows, which the bus's own thread writes */
  GHashTable *callers; /* (owned) (element-type utf8) who has called, as far as they may be there */
  GHashTable *pending; /* (owned) (element-type utf8) calls without an answer */
  gboolean called;     /* since the last look */
  gboolean armed;      /* there will be a look */
};

/* A call, by its caller and the number that the caller has given it. */
static char *
call_name (const char *caller, guint32 serial)
{
  return g_strdup_printf ("%s %u", caller, serial);
}

static gboolean on_timer (gpointer user_data);

static gboolean
arm (gpointer user_data)
{
  Idle *self = user_data;

  if (self->timer == 0)
    self->timer = g_timeout_add (self->patience, on_timer, self);
  return G_SOURCE_REMOVE;
}

/* With the lock. */
static void
note_call (Idle *self, GDBusMessage *message)
{
  const char *caller = g_dbus_message_get_sender (message);

  if (caller == NULL)
    return;
  g_hash_table_add (self->callers, g_strdup (caller));
  if (!(g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED))
    g_hash_table_add (self->pending, call_name (caller, g_dbus_message_get_serial (message)));
  self->called = TRUE;
  if (self->armed)
    return;
  self->armed = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, arm, self, NULL);
}

/* With the lock. */
static void
note_answer (Idle *self, GDBusMessage *message)
{
  const char *caller = g_dbus_message_get_destination (message);
  g_autofree char *name =
      caller ? call_name (caller, g_dbus_message_get_reply_serial (message)) : NULL;

  if (name != NULL)
    g_hash_table_remove (self->pending, name);
}

/* In the bus's own thread: so no call is missed that is on its way to the object. */
static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  Idle *self = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  if (incoming && type == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    note_call (self, message);
  else if (!incoming
           && (type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR))
    note_answer (self, message);
  return message;
}

static gboolean
is_gone (gpointer caller, gpointer value, gpointer names)
{
  return !g_hash_table_contains (names, caller);
}

/* Whether it goes on; whether there is to be another look. */
static gboolean
look (Idle *self, GHashTable *names, gboolean *again)
{
  gboolean needed = self->calls.is_needed (self->calls.user_data);
  gboolean stays = self->calls.stays (self->calls.user_data);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  g_hash_table_foreach_remove (self->callers, is_gone, names);
  *again = needed || self->called || g_hash_table_size (self->callers) > 0
           || g_hash_table_size (self->pending) > 0;
  self->called = FALSE;
  self->armed = *again;
  return *again || stays;
}

static GHashTable *
make_set (const char *const *names)
{
  GHashTable *set = g_hash_table_new (g_str_hash, g_str_equal);

  for (; *names != NULL; names++)
    g_hash_table_add (set, (gpointer) *names);
  return set;
}

static void
on_names (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree const char **names = NULL;
  g_autoptr (GHashTable) set = NULL;
  Idle *self = user_data;
  gboolean again;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer == NULL)
    {
      arm (self);
      return;
    }
  g_variant_get (answer, "(^a&s)", &names);
  set = make_set (names);
  if (!look (self, set, &again))
    self->calls.done (self->calls.user_data);
  else if (again)
    arm (self);
}

/* Asked now and then, instead of being told of everybody who comes and goes, or of each caller by a
 * rule of its own, of which there are few. */
static gboolean
on_timer (gpointer user_data)
{
  Idle *self = user_data;

  self->timer = 0;
  g_dbus_connection_call (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "ListNames", NULL, G_VARIANT_TYPE ("(as)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable, on_names, self);
  return G_SOURCE_REMOVE;
}

static void
destroy (gpointer user_data)
{
  Idle *self = user_data;

  g_hash_table_unref (self->callers);
  g_hash_table_unref (self->pending);
  g_mutex_clear (&self->lock);
  g_free (self);
}

Idle *
idle_new (GDBusConnection *bus, guint patience, const IdleCalls *calls)
{
  Idle *self = g_new0 (Idle, 1);

  self->bus = g_object_ref (bus);
  self->cancellable = g_cancellable_new ();
  self->calls = *calls;
  self->patience = patience;
  g_mutex_init (&self->lock);
  self->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->armed = TRUE;
  self->filter = g_dbus_connection_add_filter (bus, on_message, self, destroy);
  arm (self);
  return self;
}

void
idle_free (Idle *self)
{
  g_autoptr (GDBusConnection) bus = self->bus;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_dbus_connection_remove_filter (bus, self->filter);
}

gboolean
idle_has_calls (Idle *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return g_hash_table_size (self->pending) > 0;
}
