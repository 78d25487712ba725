/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "admission.h"

#include "bus.h"
#include "checked-stream.h"

/* Calls without an answer yet: of a user, and of root. The bus lets us have 1024 questions of our
 * own without an answer, and a call may take several. */
#define MAX_OF_USER 64
#define MAX_OF_ROOT 256

/* Of a caller whose user is not known yet, and of all of these: one user's 256 connections leave
 * room for others. */
#define MAX_OF_STRANGER       64
#define MAX_OF_STRANGERS      32768
#define MAX_BYTES_OF_STRANGER BUS_MAX_BYTES

/* Who has called lately is known still when he calls again. */
#define MAX_KNOWN 2048

#define UNKNOWN G_MAXUINT32

/* The mark of an answer. */
#define NOT_COUNTED "truenas-ssh-not-counted"

/* Less than the 25 s that callers wait by default, so that they hear why; in ms. */
#define PATIENCE 20000

typedef struct
{
  guint32 uid;
  guint calls;        /* under way */
  gsize bytes;        /* of their arguments */
  GPtrArray *waiting; /* (owned) (nullable) (element-type Question) */
} Caller;

/* A call that has been admitted. */
typedef struct
{
  gsize bytes;
  gboolean silent; /* nobody wants its answer */
} Guest;

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
  GMutex lock;         /* of what follows */
  GHashTable *callers; /* (owned) unique name → Caller */
  GHashTable *guests;  /* (owned) name of a call → Guest */
  GHashTable *users;   /* (owned) uid → number of calls under way */
};

/* Whose user an answer of the bus tells. */
typedef struct
{
  Admission *admission;
  char *caller; /* (owned) */
} Lookup;

/* Counting. All of this with the lock. */

static void
caller_free (gpointer data)
{
  Caller *self = data;

  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_free (self);
}

static guint
count_user (Admission *self, guint32 uid, int change)
{
  gpointer key = GUINT_TO_POINTER (uid);
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->users, key)) + (guint) change;

  if (number == 0)
    g_hash_table_remove (self->users, key);
  else
    g_hash_table_insert (self->users, key, GUINT_TO_POINTER (number));
  return number;
}

static gboolean
is_at_rest (gpointer name, gpointer value, gpointer user_data)
{
  const Caller *caller = value;

  return caller->calls == 0 && caller->waiting == NULL;
}

/* Names are never given to anybody else. */
static Caller *
find_caller (Admission *self, const char *name)
{
  Caller *caller = g_hash_table_lookup (self->callers, name);

  if (caller != NULL)
    return caller;
  if (g_hash_table_size (self->callers) >= MAX_KNOWN)
    g_hash_table_foreach_remove (self->callers, is_at_rest, NULL);
  caller = g_new0 (Caller, 1);
  caller->uid = UNKNOWN;
  g_hash_table_insert (self->callers, g_strdup (name), caller);
  return caller;
}

static gboolean
has_room (Admission *self, const Caller *caller, gsize bytes)
{
  guint calls = count_user (self, caller->uid, 0);

  if (caller->uid == UNKNOWN)
    return calls < MAX_OF_STRANGERS && caller->calls < MAX_OF_STRANGER
           && caller->bytes + bytes <= MAX_BYTES_OF_STRANGER;
  return calls < (caller->uid == 0 ? MAX_OF_ROOT : MAX_OF_USER);
}

/* A call, by its caller and the number that the caller has given it. */
static char *
call_name (const char *caller, guint32 serial)
{
  return g_strdup_printf ("%s %u", caller, serial);
}

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
count_in (Admission *self, const char *name, GDBusMessage *message)
{
  const char *complaint = checked_stream_complaint (message);
  GVariant *body = g_dbus_message_get_body (message);
  gsize bytes = body ? g_variant_get_size (body) : 0;
  g_autofree char *call = call_name (name, g_dbus_message_get_serial (message));
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;
  Caller *caller;
  Guest *guest;

  if (complaint != NULL)
    return complaint;
  if (bytes > BUS_MAX_BYTES)
    return "The arguments take more than 256 KiB; send less";
  /* As one block, they take many times less than their parts did. */
  if (body != NULL)
    g_variant_get_data (body);

  locker = g_mutex_locker_new (&self->lock);
  if (g_hash_table_contains (self->guests, call))
    return "A call with the same number is under way";
  caller = find_caller (self, name);
  if (!has_room (self, caller, bytes))
    return "Too many calls are under way; wait until some of them are answered";
  count_user (self, caller->uid, 1);
  caller->calls++;
  caller->bytes += bytes;
  guest = g_new0 (Guest, 1);
  guest->bytes = bytes;
  guest->silent = is_silent (message);
  g_hash_table_insert (self->guests, g_steal_pointer (&call), guest);
  return NULL;
}

/* Whether the answer goes nowhere. */
static gboolean
count_out (Admission *self, const char *name, guint32 serial)
{
  g_autofree char *call = call_name (name, serial);
  g_autofree char *key = NULL;
  g_autofree Guest *guest = NULL;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Caller *caller;

  if (!g_hash_table_steal_extended (self->guests, call, (gpointer *) &key, (gpointer *) &guest))
    return FALSE;
  caller = g_hash_table_lookup (self->callers, name);
  count_user (self, caller->uid, -1);
  caller->calls--;
  caller->bytes -= guest->bytes;
  return guest->silent;
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

static GDBusMessage *
let_out (Admission *self, const char *caller, GDBusMessage *message /* (transfer full) */)
{
  if (g_object_get_data (G_OBJECT (message), NOT_COUNTED) != NULL
      || !count_out (self, caller, g_dbus_message_get_reply_serial (message)))
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

/* Its calls are its user's from now on. */
static void
learn (Admission *self, Caller *caller, guint32 uid)
{
  count_user (self, caller->uid, -(int) caller->calls);
  caller->uid = uid;
  count_user (self, caller->uid, (int) caller->calls);
}

/* Those that came while the user was not known may be too many. */
static gboolean
is_within (Admission *self, guint32 uid)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return uid == UNKNOWN || count_user (self, uid, 0) <= (uid == 0 ? MAX_OF_ROOT : MAX_OF_USER);
}

static GPtrArray *
take_waiting (Admission *self, const char *name, guint32 uid)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Caller *caller = find_caller (self, name);

  if (uid != UNKNOWN)
    learn (self, caller, uid);
  return g_steal_pointer (&caller->waiting);
}

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
  guint32 uid = UNKNOWN;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer != NULL)
    g_variant_get (answer, "(u)", &uid);
  waiting = take_waiting (lookup->admission, lookup->caller, uid);
  for (guint i = 0; waiting != NULL && i < waiting->len; i++)
    {
      const Question *question = g_ptr_array_index (waiting, i);

      question->answer (is_within (lookup->admission, uid), uid, question->user_data);
    }
}

/* The user, or the question joins those that wait; whether it is the first of them. */
static gboolean
find_uid (Admission *self, const char *name, Question *question, guint32 *uid)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Caller *caller = find_caller (self, name);
  gboolean first = caller->waiting == NULL;

  *uid = caller->uid;
  if (*uid != UNKNOWN)
    return FALSE;
  if (first)
    caller->waiting = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (caller->waiting, g_memdup2 (question, sizeof *question));
  return first;
}

void
admission_ask (Admission *self,
               const char *caller,
               void (*answer) (gboolean admitted, guint32 uid, gpointer user_data),
               gpointer user_data)
{
  Question question = { .answer = answer, .user_data = user_data };
  Lookup *lookup;
  guint32 uid;

  if (!find_uid (self, caller, &question, &uid))
    {
      if (uid != UNKNOWN)
        answer (is_within (self, uid), uid, user_data);
      return;
    }
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

  g_hash_table_unref (self->callers);
  g_hash_table_unref (self->guests);
  g_hash_table_unref (self->users);
  g_mutex_clear (&self->lock);
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
  g_mutex_init (&self->lock);
  self->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, caller_free);
  self->guests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->users = g_hash_table_new (NULL, NULL);
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
