/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "checked-stream.h"

#include <string.h>

/* A call that is here instead of another one says why by what it is a call of. Who calls this
 * himself is refused as well. */
#define INTERFACE  "org.truenas.SSH.Refused"
#define TOO_LARGE  "TooLarge"
#define UNREADABLE "Unreadable"

/* How a message begins: enough to know its type and its length, which is that of its head and its
 * body. */
#define BEGINNING    16
#define TYPE_AT      1
#define BODY_SIZE_AT 4

/* Nobody needs so large a head to call one of our methods; who sends one gets no answer. */
#define MAX_HEAD 65536

/* What is left out does not keep the thread from its other connections for longer, in µs. */
#define PATIENCE (10 * G_TIME_SPAN_MILLISECOND)

/* The field of a head that tells the body's types, as it begins, and a code that means nothing. */
static const guint8 signature_field[] = { 8, 1, 'g', 0 };
#define NO_FIELD 255

struct _CheckedStream
{
  GFilterInputStream parent;
  gsize limit;
  GByteArray *start; /* (owned) of the message that is being looked at, as far as it has come */
  gsize wanted;      /* of it */
  GBytes *ready;     /* (owned) (nullable) to be read before anything that comes */
  gsize given;       /* of that */
  gsize passing;     /* bytes that go through */
  gsize skipping;    /* that do not */
};

#define TYPE_CHECKED_STREAM (checked_stream_get_type ())
G_DECLARE_FINAL_TYPE (CheckedStream, checked_stream, CHECKED, STREAM, GFilterInputStream)

static void implement (GPollableInputStreamInterface *interface);

G_DEFINE_TYPE_WITH_CODE (CheckedStream,
                         checked_stream,
                         G_TYPE_FILTER_INPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, implement))

static GPollableInputStream *
base_of (CheckedStream *self)
{
  return G_POLLABLE_INPUT_STREAM (G_FILTER_INPUT_STREAM (self)->base_stream);
}

/* Heads. */

static gsize
find_body_size (const GByteArray *head)
{
  guint32 size;

  memcpy (&size, head->data + BODY_SIZE_AT, sizeof size);
  return head->data[0] == 'B' ? GUINT32_FROM_BE (size) : GUINT32_FROM_LE (size);
}

/* (nullable) The message without its body; of which it must not tell the types either. Fields begin
 * at multiples of 8, and what else may look like this one there is in no head that the bus makes,
 * or makes it one that is not valid. */
static GDBusMessage *
parse_head (GByteArray *head)
{
  memset (head->data + BODY_SIZE_AT, 0, sizeof (guint32));
  for (gsize i = BEGINNING; i + sizeof signature_field <= head->len; i += 8)
    {
      if (memcmp (head->data + i, signature_field, sizeof signature_field) == 0)
        head->data[i] = NO_FIELD;
    }
  return g_dbus_message_new_from_blob (head->data, head->len, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
}

/* (nullable) What is read instead of a call with this head. */
static GBytes *
make_substitute (GByteArray *head, const char *why)
{
  g_autoptr (GDBusMessage) refused = parse_head (head);
  const char *sender = refused ? g_dbus_message_get_sender (refused) : NULL;
  g_autoptr (GDBusMessage) call = NULL;
  guchar *blob;
  gsize size;

  if (sender == NULL || !g_dbus_is_name (sender)
      || g_dbus_message_get_message_type (refused) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return NULL;
  call = g_dbus_message_new_method_call (NULL, "/", INTERFACE, why);
  g_dbus_message_set_sender (call, sender);
  g_dbus_message_set_flags (call, g_dbus_message_get_flags (refused));
  g_dbus_message_set_serial (call, g_dbus_message_get_serial (refused));
  blob = g_dbus_message_to_blob (call, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  return blob ? g_bytes_new_take (blob, size) : NULL;
}

/* What GDBus has an answer to or, of those that are none, can read. */
static gboolean
is_readable_message (const GByteArray *all)
{
  g_autoptr (GDBusMessage) message =
      g_dbus_message_new_from_blob (all->data, all->len, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  GDBusMessageType type =
      message ? g_dbus_message_get_message_type (message) : G_DBUS_MESSAGE_TYPE_INVALID;

  return type == G_DBUS_MESSAGE_TYPE_METHOD_CALL || type == G_DBUS_MESSAGE_TYPE_SIGNAL;
}

/* Reading. */

static void
give (CheckedStream *self, GBytes *bytes /* (transfer full) (nullable) */)
{
  self->ready = bytes;
  self->given = 0;
  g_byte_array_set_size (self->start, 0);
  self->wanted = BEGINNING;
}

static void
give_start (CheckedStream *self)
{
  give (self, g_bytes_new (self->start->data, self->start->len));
}

static gboolean
is_answer (guint8 type)
{
  return type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR;
}

/* All of it is there. */
static void
check (CheckedStream *self, gsize head)
{
  if (is_readable_message (self->start))
    {
      give_start (self);
      return;
    }
  g_byte_array_set_size (self->start, (guint) head);
  give (self, make_substitute (self->start, UNREADABLE));
}

/* Its beginning, or all that is to be looked at, is there. What is no message is for others to
 * complain about. */
static void
decide (CheckedStream *self)
{
  gssize needed = g_dbus_message_bytes_needed (self->start->data, self->start->len, NULL);
  gsize size = (gsize) MAX (needed, (gssize) self->start->len);
  gsize head = size - find_body_size (self->start);

  if (needed < 0 || is_answer (self->start->data[TYPE_AT]))
    {
      self->passing = size - self->start->len;
      give_start (self);
    }
  else if (size == self->start->len)
    check (self, head);
  else if (size <= self->limit)
    self->wanted = size;
  else if (self->start->len < head && head <= MAX_HEAD)
    self->wanted = head;
  else
    self->skipping = size - self->start->len;
}

static gssize
read_ready (CheckedStream *self, void *buffer, gsize count)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (self->ready, &size);
  gsize given = MIN (count, size - self->given);

  memcpy (buffer, data + self->given, given);
  self->given += given;
  if (self->given == size)
    g_clear_pointer (&self->ready, g_bytes_unref);
  return (gssize) given;
}

static gssize
read_base (CheckedStream *self, void *buffer, gsize count, GError **error)
{
  return g_pollable_input_stream_read_nonblocking (base_of (self), buffer, count, NULL, error);
}

static gssize
read_passing (CheckedStream *self, void *buffer, gsize count, GError **error)
{
  gssize got = read_base (self, buffer, MIN (count, self->passing), error);

  self->passing -= (gsize) MAX (got, 0);
  return got;
}

static gssize
read_skipped (CheckedStream *self, GError **error)
{
  guint8 scrap[16384];
  gssize got = read_base (self, scrap, MIN (sizeof scrap, self->skipping), error);

  self->skipping -= (gsize) MAX (got, 0);
  if (self->skipping == 0)
    give (self, make_substitute (self->start, TOO_LARGE));
  return got;
}

static gssize
read_start (CheckedStream *self, GError **error)
{
  guint had = self->start->len;
  gssize got;

  g_byte_array_set_size (self->start, (guint) self->wanted);
  got = read_base (self, self->start->data + had, self->wanted - had, error);
  g_byte_array_set_size (self->start, had + (guint) MAX (got, 0));
  if (self->start->len == self->wanted)
    decide (self);
  return got;
}

static gssize
read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  CheckedStream *self = CHECKED_STREAM (stream);
  const gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gssize got;

  do
    {
      if (self->ready != NULL)
        return read_ready (self, buffer, count);
      if (self->passing > 0)
        return read_passing (self, buffer, count, error);
      got = self->skipping > 0 ? read_skipped (self, error) : read_start (self, error);
    }
  while (got > 0 && (self->ready != NULL || g_get_monotonic_time () < deadline));
  if (got <= 0)
    return got;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "others come first");
  return -1;
}

static gboolean
is_readable (GPollableInputStream *stream)
{
  CheckedStream *self = CHECKED_STREAM (stream);

  return self->ready != NULL || g_pollable_input_stream_is_readable (base_of (self));
}

/* Reading comes first, and waits only for what is not here yet. */
static GSource *
create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) base =
      g_pollable_input_stream_create_source (base_of (CHECKED_STREAM (stream)), cancellable);

  return g_pollable_source_new_full (stream, base, NULL);
}

static void
implement (GPollableInputStreamInterface *interface)
{
  interface->is_readable = is_readable;
  interface->create_source = create_source;
  interface->read_nonblocking = read_nonblocking;
}

static void
finalize (GObject *object)
{
  CheckedStream *self = CHECKED_STREAM (object);

  g_byte_array_unref (self->start);
  g_clear_pointer (&self->ready, g_bytes_unref);
  G_OBJECT_CLASS (checked_stream_parent_class)->finalize (object);
}

static void
checked_stream_class_init (CheckedStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = finalize;
}

static void
checked_stream_init (CheckedStream *self)
{
  self->start = g_byte_array_new ();
  self->wanted = BEGINNING;
}

GInputStream *
checked_stream_new (GPollableInputStream *base, gsize limit)
{
  CheckedStream *self = g_object_new (TYPE_CHECKED_STREAM, "base-stream", base, NULL);

  self->limit = limit;
  return G_INPUT_STREAM (self);
}

const char *
checked_stream_complaint (GDBusMessage *message)
{
  if (g_strcmp0 (g_dbus_message_get_interface (message), INTERFACE) != 0)
    return NULL;
  if (g_strcmp0 (g_dbus_message_get_member (message), TOO_LARGE) == 0)
    return "The call is larger than 256 KiB; send less";
  return "The call's arguments cannot be read: GDBus does not take such a message";
}
