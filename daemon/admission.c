/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "admission.h"

#include "bus.h"
#include "checked-stream.h"
#include "quota.h"

#define UNKNOWN G_MAXUINT32

/* The mark of an answer. */
#define NOT_COUNTED "truenas-ssh-not-counted"

/* Less than the 25 s that callers wait by default, so that they hear why; in ms. */
#define PATIENCE 20000

/* A call that waits for its caller's user to be known. */
typedef struct
{
  void (*answer) (gboolean admitted, guint32 uid, gpointer user_data);
  gpointer user_data;
} Question;

struct _Admission
{
  GDBusConnection *front; /* (owned) */
  GDBusConnection *bus;   /* (owned) */
  GCancellable *cancellable;
  guint filter;
  Quota *quota;        /* (owned) */
  GHashTable *waiting; /* (owned) (element-type GPtrArray) unique name → Questions; main loop */
};

/* Whose user an answer of the bus tells. */
typedef struct
{
  Admission *admission;
  char *caller; /* (owned) */
} Lookup;

/* The bus's thread. */

static gboolean
is_silent (GDBusMessage *message)
{
  return (g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0;
}

void
admission_not_counted (GDBusMessage *answer)
{
  g_object_set_data (G_OBJECT (answer), NOT_COUNTED, answer);
}

static void
refuse (Admission *self, GDBusMessage *message, const char *why)
{
  g_autoptr (GDBusMessage) reply = NULL;

  if (is_silent (message))
    return;
  reply = g_dbus_message_new_method_error_literal (
      message, "org.freedesktop.DBus.Error.LimitsExceeded", why);
  admission_not_counted (reply);
  g_dbus_connection_send_message (self->front, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

/* (nullable) Why it is refused. */
static const char *
count_in (Admission *self, const char *caller, GDBusMessage *message)
{
  const char *complaint = checked_stream_complaint (message);
  GVariant *body = g_dbus_message_get_body (message);
  gsize bytes = body ? g_variant_get_size (body) : 0;

  if (complaint != NULL)
    return complaint;
  if (bytes > BUS_MAX_BYTES)
    return "The arguments take more than 256 KiB; send less";
  /* As one block, they take many times less than their parts did. */
  if (body != NULL)
    g_variant_get_data (body);
  return quota_take (self->quota, caller, g_dbus_message_get_serial (message), bytes,
                     is_silent (message));
}

/* A call that wants no answer is made to have one, so that its end can be seen. */
static GDBusMessage *
let_in (Admission *self, const char *caller, GDBusMessage *message /* (transfer full) */)
{
  g_autoptr (GDBusMessage) owned G_GNUC_UNUSED = message;
  GDBusMessage *call =
      is_silent (message) ? g_dbus_message_copy (message, NULL) : g_object_ref (message);
  const char *why = call ? count_in (self, caller, message) : NULL;

  if (why != NULL)
    {
      refuse (self, message, why);
      g_clear_object (&call);
    }
  else if (call != NULL && is_silent (call))
    g_dbus_message_set_flags (call, g_dbus_message_get_flags (call)
                                        & ~G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  return call;
}

/* The answer to a silent call goes nowhere. */
static GDBusMessage *
let_out (Admission *self, const char *caller, GDBusMessage *message /* (transfer full) */)
{
  if (g_object_get_data (G_OBJECT (message), NOT_COUNTED) != NULL
      || !quota_give_back (self->quota, caller, g_dbus_message_get_reply_serial (message)))
    return message;
  g_object_unref (message);
  return NULL;
}

static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  Admission *self = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  const char *caller =
      incoming ? g_dbus_message_get_sender (message) : g_dbus_message_get_destination (message);

  if (caller == NULL)
    return message;
  if (incoming && type == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return let_in (self, caller, message);
  if (!incoming && (type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR))
    return let_out (self, caller, message);
  return message;
}

/* The main loop. */

static void
lookup_free (Lookup *self)
{
  g_free (self->caller);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Lookup, lookup_free)

/* Of a caller that has gone nothing is known, and nothing more comes. */
static void
on_uid (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Lookup) lookup = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GPtrArray) waiting = NULL;
  g_autofree char *name = NULL;
  Admission *self = lookup->admission;
  guint32 uid = UNKNOWN;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer != NULL)
    g_variant_get (answer, "(u)", &uid);
  if (uid != UNKNOWN)
    quota_learn (self->quota, lookup->caller, uid);
  g_hash_table_steal_extended (self->waiting, lookup->caller, (gpointer *) &name,
                               (gpointer *) &waiting);
  for (guint i = 0; waiting != NULL && i < waiting->len; i++)
    {
      const Question *question = g_ptr_array_index (waiting, i);

      question->answer (quota_holds (self->quota, uid), uid, question->user_data);
    }
}

/* Whether it is the first of them. */
static gboolean
wait_in_line (Admission *self, const char *caller, const Question *question)
{
  GPtrArray *line = g_hash_table_lookup (self->waiting, caller);
  gboolean first = line == NULL;

  if (first)
    {
      line = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (self->waiting, g_strdup (caller), line);
    }
  g_ptr_array_add (line, g_memdup2 (question, sizeof *question));
  return first;
}

void
admission_ask (Admission *self,
               const char *caller,
               void (*answer) (gboolean admitted, guint32 uid, gpointer user_data),
               gpointer user_data)
{
  const Question question = { .answer = answer, .user_data = user_data };
  guint32 uid = quota_user (self->quota, caller);
  Lookup *lookup;

  if (uid != UNKNOWN)
    {
      answer (quota_holds (self->quota, uid), uid, user_data);
      return;
    }
  if (!wait_in_line (self, caller, &question))
    return;
  lookup = g_new0 (Lookup, 1);
  lookup->admission = self;
  lookup->caller = g_strdup (caller);
  g_dbus_connection_call (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixUser",
                          g_variant_new ("(s)", caller), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, PATIENCE, self->cancellable, on_uid, lookup);
}

static void
destroy (gpointer user_data)
{
  Admission *self = user_data;

  quota_free (self->quota);
  g_hash_table_unref (self->waiting);
  g_object_unref (self->bus);
  g_free (self);
}

Admission *
admission_new (GDBusConnection *front, GDBusConnection *bus)
{
  Admission *self = g_new0 (Admission, 1);

  self->front = g_object_ref (front);
  self->bus = g_object_ref (bus);
  self->cancellable = g_cancellable_new ();
  self->quota = quota_new ();
  self->waiting =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->filter = g_dbus_connection_add_filter (front, on_message, self, destroy);
  return self;
}

void
admission_free (Admission *self)
{
  g_autoptr (GDBusConnection) front = self->front;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_dbus_connection_remove_filter (front, self->filter);
}
