/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bus.h"

#include <gio/gunixoutputstream.h>
#include <string.h>
#include <unistd.h>

#include "checked-stream.h"

#define STREAM_KEY "truenas-ssh-stream"

/* The bus's whole answer, "OK", its identity and the end of the line. */
#define MAX_ANSWER 256

static gboolean
write_text (GIOStream *stream, const char *text, gsize size, GError **error)
{
  return g_output_stream_write_all (g_io_stream_get_output_stream (stream), text, size, NULL, NULL,
                                    error);
}

/* Nothing follows it until we begin. */
static gboolean
read_answer (GIOStream *stream, GError **error)
{
  GInputStream *input = g_io_stream_get_input_stream (stream);
  char answer[MAX_ANSWER + 1] = "";

  for (gsize i = 0; i < MAX_ANSWER && strchr (answer, '\n') == NULL; i++)
    {
      gssize got = g_input_stream_read (input, answer + i, 1, NULL, error);

      if (got < 0)
        return FALSE;
      if (got == 0)
        break;
    }
  if (g_str_has_prefix (answer, "OK "))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "the bus does not let us in: “%s”",
               g_strchomp (answer));
  return FALSE;
}

/* Who we are the kernel tells. GDBus would do this itself, but for a stream that it knows to be a
 * Unix socket alone, and of such a one it does not leave the reading to us. */
static gboolean
authenticate (GIOStream *stream, GError **error)
{
  static const char begin[] = "BEGIN\r\n";
  g_autofree char *uid = g_strdup_printf ("%u", (guint) getuid ());
  g_autoptr (GString) line = g_string_new_len ("", 1); /* a NUL comes first */

  g_string_append (line, "AUTH EXTERNAL ");
  for (const char *digit = uid; *digit != '\0'; digit++)
    g_string_append_printf (line, "%x", (guint) *digit);
  g_string_append (line, "\r\n");
  return write_text (stream, line->str, line->len, error) && read_answer (stream, error)
         && write_text (stream, begin, strlen (begin), error);
}

static GDBusConnection *
speak (GIOStream *socket, GError **error)
{
  int fd = g_socket_get_fd (g_socket_connection_get_socket (G_SOCKET_CONNECTION (socket)));
  g_autoptr (GInputStream) input = checked_stream_new (
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (socket)), BUS_MAX_BYTES);
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (fd, FALSE);
  g_autoptr (GIOStream) stream = g_simple_io_stream_new (input, output);

  g_object_set_data_full (G_OBJECT (stream), STREAM_KEY, g_object_ref (socket), g_object_unref);
  return g_dbus_connection_new_sync (stream, NULL, G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, NULL, error);
}

GDBusConnection *
bus_connect (GError **error)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  g_autoptr (GIOStream) socket =
      address ? g_dbus_address_get_stream_sync (address, NULL, NULL, error) : NULL;

  if (socket == NULL || !authenticate (socket, error))
    return NULL;
  return speak (socket, error);
}
