/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "socket-file.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>

#define FOLDER "/etc/systemd/system/"
#define STREAM "ListenStream"

static const char header[] =
    "# truenas-ssh has written this for the setting TcpPort, and writes it again with the next\n"
    "# change. Reset the setting to do without it.\n"
    "[Socket]\n" STREAM "=\n";

char *
socket_file_path (const char *unit)
{
  return g_strdup_printf (FOLDER "%s.d/" SOCKET_FILE_NAME, unit);
}

gboolean
socket_file_is (const char *path)
{
  return g_str_has_prefix (path, FOLDER) && g_str_has_suffix (path, ".socket.d/" SOCKET_FILE_NAME);
}

char *
socket_file_unit (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (folder);

  name[strlen (name) - strlen (".d")] = '\0';
  return g_steal_pointer (&name);
}

/* Reading. */

static void
line_free (SocketLine *self)
{
  g_free (self->key);
  g_free (self->value);
  g_free (self->path);
  g_free (self);
}

GPtrArray *
socket_lines_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) line_free);
}

/* One assignment of the section [Socket]. */
static void
take (GPtrArray *lines, const char *path, guint number, const char *text)
{
  const char *equals = strchr (text, '=');
  g_autofree char *key = equals ? g_strndup (text, (gsize) (equals - text)) : NULL;
  g_autofree char *value = equals ? g_strstrip (g_strdup (equals + 1)) : NULL;
  SocketLine *line;

  if (key == NULL || !g_str_has_prefix (g_strstrip (key), "Listen"))
    return;
  /* Whichever kind: systemd then forgets them all. */
  if (*value == '\0')
    {
      g_ptr_array_set_size (lines, 0);
      return;
    }
  line = g_new0 (SocketLine, 1);
  line->key = g_steal_pointer (&key);
  line->value = g_steal_pointer (&value);
  line->path = g_strdup (path);
  line->line = number;
  g_ptr_array_add (lines, line);
}

void
socket_lines_add (GPtrArray *lines, const char *path, const char *text)
{
  g_auto (GStrv) rows = g_strsplit (text, "\n", -1);
  g_autoptr (GString) whole = g_string_new (NULL);
  gboolean in_section = FALSE;

  for (guint i = 0; rows[i] != NULL; i++)
    {
      const char *row = g_strstrip (rows[i]);
      gsize length = strlen (row);

      /* Comments may stand between the parts of a line. */
      if (*row == '#' || *row == ';')
        continue;
      g_string_append (whole, row);
      if (length > 0 && row[length - 1] == '\\')
        {
          whole->str[whole->len - 1] = ' ';
          continue;
        }
      if (*whole->str == '[')
        in_section = g_str_equal (whole->str, "[Socket]");
      else if (in_section)
        take (lines, path, i + 1, whole->str);
      g_string_truncate (whole, 0);
    }
}

/* Addresses. */

/* "22", "192.0.2.1:22", "[2001:db8::1]:22", "[fe80::1]:22%eth0". Tells where the port stands. */
static gboolean
find_port (const char *value, gsize *begin, gsize *end, guint16 *port)
{
  const char *colon = strrchr (value, ':');
  const char *number = colon ? colon + 1 : value;
  gsize length = strspn (number, "0123456789");
  g_autofree char *digits = g_strndup (number, length);
  guint64 parsed;

  if (colon != NULL && value[0] == '[' && (colon - value < 3 || colon[-1] != ']'))
    return FALSE;
  if (colon != NULL && value[0] != '[' && !g_ascii_isdigit (value[0]))
    return FALSE;
  if ((number[length] != '\0' && (colon == NULL || number[length] != '%'))
      || !g_ascii_string_to_unsigned (digits, 10, 1, G_MAXUINT16, &parsed, NULL))
    return FALSE;
  *begin = (gsize) (number - value);
  *end = *begin + length;
  *port = (guint16) parsed;
  return TRUE;
}

/* As the kernel's are written. */
static void
normalize (char **address)
{
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (*address);

  if (parsed == NULL)
    return;
  g_free (*address);
  *address = g_inet_address_to_string (parsed);
}

Listener *
socket_listener (const char *value, gboolean ipv6, gboolean v6only)
{
  gsize begin, end;
  guint16 port;
  Listener *listener;

  if (!find_port (value, &begin, &end, &port))
    return NULL;
  listener = g_new0 (Listener, 1);
  if (begin == 0)
    listener->address = g_strdup (ipv6 ? "::" : "0.0.0.0");
  else if (value[0] == '[')
    listener->address = g_strndup (value + 1, begin - 3);
  else
    listener->address = g_strndup (value, begin - 1);
  normalize (&listener->address);
  listener->family = strchr (listener->address, ':') ? AF_INET6 : AF_INET;
  listener->port = port;
  listener->v6only = v6only;
  return listener;
}

GPtrArray *
socket_lines_listeners (const GPtrArray *lines, gboolean ipv6, gboolean v6only)
{
  GPtrArray *listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) listener_free);

  for (guint i = 0; i < lines->len; i++)
    {
      const SocketLine *line = g_ptr_array_index (lines, i);
      Listener *listener =
          g_str_equal (line->key, STREAM) ? socket_listener (line->value, ipv6, v6only) : NULL;

      if (listener != NULL)
        g_ptr_array_add (listeners, listener);
    }
  return listeners;
}

/* Writing. */

static char *
with_port (const char *value, guint16 port, gboolean *is_tcp)
{
  gsize begin, end;
  guint16 old;

  *is_tcp = find_port (value, &begin, &end, &old);
  return *is_tcp ? g_strdup_printf ("%.*s%u%s", (int) begin, value, port, value + end)
                 : g_strdup (value);
}

char *
socket_file_render (const GPtrArray *lines, guint16 port)
{
  g_autoptr (GString) text = g_string_new (header);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean any = FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      const SocketLine *line = g_ptr_array_index (lines, i);
      gboolean is_tcp = FALSE;
      g_autofree char *value = g_str_equal (line->key, STREAM)
                                   ? with_port (line->value, port, &is_tcp)
                                   : g_strdup (line->value);
      g_autofree char *row = g_strdup_printf ("%s=%s\n", line->key, value);

      any = any || is_tcp;
      /* Several ports of one address come to be one. */
      if (g_hash_table_add (seen, g_strdup (row)))
        g_string_append (text, row);
    }
  return any ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
