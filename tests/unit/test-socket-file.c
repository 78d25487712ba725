/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "socket-file.h"

static GPtrArray *
read_lines (const char *first, const char *second)
{
  GPtrArray *lines = socket_lines_new ();

  socket_lines_add (lines, "/usr/lib/systemd/system/ssh.socket", first);
  if (second != NULL)
    socket_lines_add (lines, "/etc/systemd/system/ssh.socket.d/a.conf", second);
  return lines;
}

/* "key=value@line" for each. */
static char *
show (const GPtrArray *lines)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const SocketLine *line = g_ptr_array_index (lines, i);

      g_string_append_printf (text, "%s%s=%s@%u", i > 0 ? " " : "", line->key, line->value,
                              line->line);
    }
  return g_string_free (text, FALSE);
}

static void
test_read (void)
{
  static const struct
  {
    const char *first;
    const char *second;
    const char *expected;
  } cases[] = {
    { "", NULL, "" },
    { "[Socket]\nListenStream=22\n", NULL, "ListenStream=22@2" },
    { "[Socket]\n\n  ListenStream = 22  ", NULL, "ListenStream=22@3" },
    { "[Unit]\nListenStream=22\n[Socket]\nAccept=no\nListenStream=23\n[Install]\nListenStream=24\n",
      NULL, "ListenStream=23@5" },
    { "[Socket]\n#ListenStream=1\n;ListenStream=2\nListenStream=3\n", NULL, "ListenStream=3@4" },
    { "[Socket]\nListenStream=\\\n# in between\n22\n", NULL, "ListenStream=22@4" },
    { "[Socket]\nListenStream=22\n", "[Socket]\nListenStream=23\n",
      "ListenStream=22@2 ListenStream=23@2" },
    { "[Socket]\nListenStream=22\n", "[Socket]\nListenStream=\nListenStream=23\n",
      "ListenStream=23@3" },
    { "[Socket]\nListenStream=22\nListenFIFO=/run/x\n", "[Socket]\nListenDatagram=\n", "" },
    { "[Socket]\nListenStream=22\n", "ListenStream=\n", "ListenStream=22@2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) lines = read_lines (cases[i].first, cases[i].second);
      g_autofree char *shown = show (lines);

      g_assert_cmpstr (shown, ==, cases[i].expected);
    }
}

static void
test_listener (void)
{
  static const struct
  {
    const char *value;
    const char *address; /* NULL: no TCP port */
    guint port;
  } cases[] = {
    { "22", "::", 22 },
    { "0.0.0.0:22", "0.0.0.0", 22 },
    { "192.0.2.1:65535", "192.0.2.1", 65535 },
    { "[::]:22", "::", 22 },
    { "[2001:DB8:0::1]:22", "2001:db8::1", 22 },
    { "[fe80::1]:22%eth0", "fe80::1", 22 },
    { "0", NULL, 0 },
    { "65536", NULL, 0 },
    { "22x", NULL, 0 },
    { "", NULL, 0 },
    { "/run/ssh.sock", NULL, 0 },
    { "@abstract:22", NULL, 0 },
    { "vsock::22", NULL, 0 },
    { "vsock:2:22", NULL, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Listener) listener = socket_listener (cases[i].value, TRUE, FALSE);

      if (cases[i].address == NULL)
        {
          g_assert_null (listener);
          continue;
        }
      g_assert_nonnull (listener);
      g_assert_cmpstr (listener->address, ==, cases[i].address);
      g_assert_cmpuint (listener->port, ==, cases[i].port);
      g_assert_cmpint (listener->family, ==, strchr (cases[i].address, ':') ? AF_INET6 : AF_INET);
    }
}

static void
test_without_ipv6 (void)
{
  g_autoptr (Listener) listener = socket_listener ("22", FALSE, FALSE);

  g_assert_cmpstr (listener->address, ==, "0.0.0.0");
  g_assert_cmpint (listener->family, ==, AF_INET);
}

static void
test_render (void)
{
  static const struct
  {
    const char *base;
    const char *expected; /* NULL: there is no port to change */
  } cases[] = {
    { "[Socket]\nListenStream=22\n", "ListenStream=2222\n" },
    { "[Socket]\nListenStream=0.0.0.0:22\nListenStream=[::]:22\n",
      "ListenStream=0.0.0.0:2222\nListenStream=[::]:2222\n" },
    { "[Socket]\nListenStream=22\nListenStream=2200\n", "ListenStream=2222\n" },
    { "[Socket]\nListenStream=[fe80::1]:22%eth0\n", "ListenStream=[fe80::1]:2222%eth0\n" },
    { "[Socket]\nListenStream=/run/x\nListenStream=22\nListenFIFO=/run/y\n",
      "ListenStream=/run/x\nListenStream=2222\nListenFIFO=/run/y\n" },
    { "[Socket]\nListenStream=/run/x\n", NULL },
    { "[Socket]\nListenDatagram=22\n", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) lines = read_lines (cases[i].base, NULL);
      g_autofree char *text = socket_file_render (lines, 2222);
      const char *begin = text ? strstr (text, "[Socket]\nListenStream=\n") : NULL;

      if (cases[i].expected == NULL)
        {
          g_assert_null (text);
          continue;
        }
      g_assert_nonnull (begin);
      g_assert_cmpstr (begin + strlen ("[Socket]\nListenStream=\n"), ==, cases[i].expected);
    }
}

static void
test_path (void)
{
  g_autofree char *path = socket_file_path ("ssh.socket");

  g_assert_cmpstr (path, ==, "/etc/systemd/system/ssh.socket.d/zz-truenas.conf");
  g_assert_true (socket_file_is (path));
  g_assert_false (socket_file_is ("/etc/systemd/system/ssh.socket.d/override.conf"));
  g_assert_false (socket_file_is ("/etc/systemd/system/ssh.service.d/zz-truenas.conf"));
  g_assert_cmpstr (SOCKET_FILE_NAME, >, "addresses.conf");
  g_assert_cmpstr (SOCKET_FILE_NAME, >, "override.conf");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/socket-file/read", test_read);
  g_test_add_func ("/socket-file/listener", test_listener);
  g_test_add_func ("/socket-file/without-ipv6", test_without_ipv6);
  g_test_add_func ("/socket-file/render", test_render);
  g_test_add_func ("/socket-file/path", test_path);
  return g_test_run ();
}
