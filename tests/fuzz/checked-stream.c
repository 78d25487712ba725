/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "checked-stream.h"

#define LIMIT 512

/* A message of which one is made from the bytes, with as many bytes more for its body. */
static void
add_message (GByteArray *all, const guint8 *data, gsize size)
{
  g_autofree char *text = g_utf8_make_valid ((const char *) data, (gssize) size);
  g_autoptr (GDBusMessage) message =
      g_dbus_message_new_method_call (NULL, "/path", "some.Interface", "Method");
  g_autofree guchar *blob = NULL;
  gsize length;

  g_dbus_message_set_serial (message, 7);
  g_dbus_message_set_sender (message, ":1.1");
  if (g_utf8_validate (text, -1, NULL))
    g_dbus_message_set_body (message, g_variant_new ("(s)", text));
  blob = g_dbus_message_to_blob (message, &length, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  if (blob != NULL)
    g_byte_array_append (all, blob, (guint) length);
}

static GBytes *
read_all (GBytes *bytes, gsize at_once)
{
  g_autoptr (GInputStream) base = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GInputStream) stream = checked_stream_new (G_POLLABLE_INPUT_STREAM (base), LIMIT);
  GByteArray *all = g_byte_array_new ();
  guint8 buffer[64];
  gboolean again;
  gssize got;

  g_assert_true (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (stream)));
  do
    {
      g_autoptr (GError) error = NULL;

      got = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer,
                                                      at_once, NULL, &error);
      if (got > 0)
        g_byte_array_append (all, buffer, (guint) got);
      again = got > 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
    }
  while (again);
  g_assert_cmpint (got, ==, 0);
  return g_byte_array_free_to_bytes (all);
}

static gboolean
is_answer (guint8 type)
{
  return type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR;
}

/* The length of the first message of what was read, if it is a whole one. */
static gsize
check_message (const guint8 *data, gsize size)
{
  gssize length = size < 16 ? -1 : g_dbus_message_bytes_needed ((guchar *) data, size, NULL);
  g_autoptr (GDBusMessage) message = NULL;

  if (length < 0 || (gsize) length > size)
    return size;
  if (is_answer (data[1]))
    return (gsize) length;
  message =
      g_dbus_message_new_from_blob ((guchar *) data, size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  g_assert_nonnull (message);
  g_assert_true (length <= LIMIT || checked_stream_complaint (message) != NULL);
  return (gsize) length;
}

/* First one of ours, then the bytes as they are: however it is read, the same comes out, all calls
 * in it can be read and are as large as they may be, and ours is there or another one for it. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GBytes) given = NULL;
  g_autoptr (GBytes) found = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GDBusMessage) first = NULL;
  const guint8 *bytes;
  gsize length, at = 0;

  add_message (all, data, size);
  g_byte_array_append (all, data, (guint) size);
  given = g_byte_array_free_to_bytes (g_steal_pointer (&all));
  found = read_all (given, 64);
  again = read_all (given, 1);
  g_assert_true (g_bytes_equal (found, again));

  bytes = g_bytes_get_data (found, &length);
  first =
      g_dbus_message_new_from_blob ((guchar *) bytes, length, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  g_assert_nonnull (first);
  g_assert_cmpuint (g_dbus_message_get_serial (first), ==, 7);
  g_assert_true (
      (checked_stream_complaint (first) != NULL)
      == (g_dbus_message_bytes_needed ((guchar *) g_bytes_get_data (given, NULL), 16, NULL)
          > LIMIT));
  while (at < length)
    at += check_message (bytes + at, length - at);
  return 0;
}
