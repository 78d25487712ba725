/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "socket.h"

#include "settings.h"
#include "store.h"
#include "systemd.h"
#include "truenas-ssh-error.h"

/* As systemd finds out whether a port alone means IPv6 too. */
static gboolean
have_ipv6 (void)
{
  return g_file_test ("/proc/net/if_inet6", G_FILE_TEST_EXISTS);
}

static gboolean
is_v6only (GVariant *details)
{
  const char *word = systemd_text (details, "BindIPv6Only");
  g_autofree char *text = NULL;

  if (!g_str_equal (word, "default"))
    return g_str_equal (word, "ipv6-only");
  return g_file_get_contents ("/proc/sys/net/ipv6/bindv6only", &text, NULL, NULL) && text[0] == '1';
}

GPtrArray *
socket_listen (GDBusConnection *bus, const char *unit)
{
  g_autoptr (GVariant) details = systemd_properties (bus, unit, SYSTEMD_SOCKET, NULL);
  g_autoptr (GVariantIter) iter = NULL;
  GPtrArray *listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) listener_free);
  const char *type, *address;

  if (details == NULL || !g_variant_lookup (details, "Listen", "a(ss)", &iter))
    return listeners;
  while (g_variant_iter_next (iter, "(&s&s)", &type, &address))
    {
      Listener *listener = g_str_equal (type, "Stream")
                               ? socket_listener (address, have_ipv6 (), is_v6only (details))
                               : NULL;

      if (listener != NULL)
        g_ptr_array_add (listeners, listener);
    }
  return listeners;
}

static gboolean
read_file (GPtrArray *lines, const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (!store_read (path, &text, error))
    return FALSE;
  if (text != NULL)
    socket_lines_add (lines, path, text);
  return TRUE;
}

/* systemd sorts drop-ins by name, whichever folder they are in. Behind ours only what says nothing
 * about listening can stay. */
static gboolean
check_behind (const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GPtrArray) lines = socket_lines_new ();
  const SocketLine *line;

  if (g_strcmp0 (name, SOCKET_FILE_NAME) <= 0)
    return TRUE;
  if (!read_file (lines, path, error))
    return FALSE;
  if (lines->len == 0)
    return TRUE;
  line = g_ptr_array_index (lines, 0);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
               SETTING_TCP_PORT ": %s:%u comes behind " SOCKET_FILE_NAME
                                " and decides; take that line out, or give the file another name",
               path, line->line);
  return FALSE;
}

/* Made anew at each reload, by what sshd's configuration says then. */
static gboolean
is_generated (const char *path)
{
  return g_str_has_prefix (path, "/run/systemd/generator");
}

/* (element-type SocketLine) Of all its files but ours. */
static GPtrArray *
read_lines (GDBusConnection *bus, const char *unit, gboolean ours_comes, GError **error)
{
  g_autoptr (GVariant) properties = systemd_properties (bus, unit, SYSTEMD_UNIT, error);
  g_autoptr (GPtrArray) lines = socket_lines_new ();
  g_autofree const char **drop_ins = NULL;

  if (properties == NULL || !read_file (lines, systemd_text (properties, "FragmentPath"), error))
    return NULL;
  g_variant_lookup (properties, "DropInPaths", "^a&s", &drop_ins);
  for (gsize i = 0; drop_ins != NULL && drop_ins[i] != NULL; i++)
    {
      if (socket_file_is (drop_ins[i]) || (!ours_comes && is_generated (drop_ins[i])))
        continue;
      if ((ours_comes && !check_behind (drop_ins[i], error))
          || !read_file (lines, drop_ins[i], error))
        return NULL;
    }
  return g_steal_pointer (&lines);
}

static GPtrArray *
find_listeners (GDBusConnection *bus, const char *unit, const GPtrArray *lines, GError **error)
{
  g_autoptr (GVariant) details = systemd_properties (bus, unit, SYSTEMD_SOCKET, error);

  return details ? socket_lines_listeners (lines, have_ipv6 (), is_v6only (details)) : NULL;
}

GPtrArray *
socket_listen_without (GDBusConnection *bus, const char *unit, GError **error)
{
  g_autoptr (GPtrArray) lines = read_lines (bus, unit, FALSE, error);

  return lines ? find_listeners (bus, unit, lines, error) : NULL;
}

/* What a distribution or a generator has put there is nobody's wish. */
static gboolean
is_wish (const SocketLine *line)
{
  return g_str_has_prefix (line->path, "/etc/")
         || g_str_has_prefix (line->path, "/run/systemd/system/");
}

static gboolean
check_wishes (const GPtrArray *lines, guint16 port, GError **error)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const SocketLine *line = g_ptr_array_index (lines, i);
      g_autoptr (Listener) listener = socket_listener (line->value, TRUE, FALSE);

      if (listener == NULL || listener->port == port || !is_wish (line))
        continue;
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
                   SETTING_TCP_PORT ": the line “%s” at %s:%u stands against it; take it out, or "
                                    "allow that with replace-foreign",
                   line->key, line->path, line->line);
      return FALSE;
    }
  return TRUE;
}

char *
socket_derive (GDBusConnection *bus,
               const char *unit,
               guint16 port,
               gboolean replace_foreign,
               GPtrArray **wanted,
               GError **error)
{
  g_autoptr (GPtrArray) lines = read_lines (bus, unit, TRUE, error);
  g_autoptr (GPtrArray) own = socket_lines_new ();
  g_autofree char *text = NULL;

  if (lines == NULL || (!replace_foreign && !check_wishes (lines, port, error)))
    return NULL;
  text = socket_file_render (lines, port);
  if (text == NULL)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_SUPPORTED,
                   SETTING_TCP_PORT ": %s listens on no TCP port", unit);
      return NULL;
    }
  socket_lines_add (own, SOCKET_FILE_NAME, text);
  *wanted = find_listeners (bus, unit, own, error);
  return *wanted ? g_steal_pointer (&text) : NULL;
}
