/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "listeners.h"

/* Overlaps: "family address ifindex v6only" of two listeners on one port. */

static Listener
parse (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 4);

  return (Listener){
    .family = g_str_equal (words[0], "4") ? AF_INET : AF_INET6,
    .address = g_strdup (words[1]),
    .ifindex = (guint) g_ascii_strtoull (words[2], NULL, 10),
    .port = 22,
    .v6only = g_str_equal (words[3], "only"),
  };
}

static void
check_overlap (const char *first, const char *second, gboolean expected)
{
  Listener a = parse (first);
  Listener b = parse (second);

  g_test_message ("%s / %s", first, second);
  g_assert_cmpint (listeners_overlap (&a, &b), ==, expected);
  g_assert_cmpint (listeners_overlap (&b, &a), ==, expected);
  b.port = 23;
  g_assert_false (listeners_overlap (&a, &b));
  g_free (a.address);
  g_free (b.address);
}

static void
test_overlap (void)
{
  check_overlap ("4 0.0.0.0 0 -", "4 0.0.0.0 0 -", TRUE);
  check_overlap ("4 0.0.0.0 0 -", "4 192.0.2.1 0 -", TRUE);
  check_overlap ("4 192.0.2.1 0 -", "4 192.0.2.1 0 -", TRUE);
  check_overlap ("4 192.0.2.1 0 -", "4 192.0.2.2 0 -", FALSE);
  check_overlap ("6 :: 0 only", "6 2001:db8::1 0 -", TRUE);
  check_overlap ("6 2001:db8::2 0 -", "6 2001:db8::1 0 -", FALSE);
}

static void
test_overlap_families (void)
{
  check_overlap ("6 :: 0 -", "4 0.0.0.0 0 -", TRUE);
  check_overlap ("6 :: 0 -", "4 192.0.2.1 0 -", TRUE);
  check_overlap ("6 :: 0 only", "4 0.0.0.0 0 -", FALSE);
  check_overlap ("6 :: 0 only", "4 192.0.2.1 0 -", FALSE);
  check_overlap ("6 2001:db8::1 0 -", "4 0.0.0.0 0 -", FALSE);
}

static void
test_overlap_devices (void)
{
  check_overlap ("4 0.0.0.0 2 -", "4 0.0.0.0 0 -", TRUE);
  check_overlap ("4 0.0.0.0 2 -", "4 192.0.2.1 0 -", TRUE);
  check_overlap ("4 0.0.0.0 2 -", "4 0.0.0.0 2 -", TRUE);
  check_overlap ("4 0.0.0.0 2 -", "4 0.0.0.0 3 -", FALSE);
  check_overlap ("6 :: 0 -", "4 192.0.2.1 2 -", TRUE);
  check_overlap ("6 :: 2 -", "4 0.0.0.0 3 -", FALSE);
}

/* The kernel's sockets. */

static int
listen_on (int family, const char *address, int v6only)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
  struct sockaddr_in in = { .sin_family = AF_INET };
  gboolean is_v6 = family == AF_INET6;
  int fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || inet_pton (family, address, is_v6 ? (void *) &in6.sin6_addr : &in.sin_addr) != 1
      || (is_v6 && setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof v6only) < 0)
      || bind (fd, is_v6 ? (void *) &in6 : (void *) &in, is_v6 ? sizeof in6 : sizeof in) < 0
      || listen (fd, 1) < 0)
    {
      if (fd >= 0)
        close (fd);
      return -1;
    }
  return fd;
}

/* The listener that is the socket. */
static Listener *
find (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) listeners = listeners_read (&error);
  struct stat status;

  g_assert_no_error (error);
  g_assert_cmpint (fstat (fd, &status), ==, 0);
  for (guint i = 0; i < listeners->len; i++)
    {
      const Listener *listener = listeners->pdata[i];

      if (listener->inode == status.st_ino)
        return listener_copy (listener);
    }
  g_assert_not_reached ();
}

static guint16
port_of (int fd)
{
  struct sockaddr_in6 address = { 0 };
  socklen_t length = sizeof address;

  g_assert_cmpint (getsockname (fd, (void *) &address, &length), ==, 0);
  return ntohs (address.sin6_port); /* in the same place in both families */
}

static void
check_socket (int family, const char *address, int v6only, int seen_family, const char *seen)
{
  g_autoptr (Listener) listener = NULL;
  int fd = listen_on (family, address, v6only);

  if (fd < 0 && family == AF_INET6)
    {
      g_test_message ("no IPv6 here");
      return;
    }
  g_assert_cmpint (fd, >=, 0);
  listener = find (fd);
  g_assert_cmpint (listener->family, ==, seen_family);
  g_assert_cmpstr (listener->address, ==, seen);
  g_assert_cmpint (listener->port, ==, port_of (fd));
  g_assert_cmpint (listener->v6only, ==, v6only);
  g_assert_cmpint (listener->ifindex, ==, 0);
  g_assert_null (listener->interface);
  close (fd);
}

static void
test_read (void)
{
  check_socket (AF_INET, "127.0.0.1", 0, AF_INET, "127.0.0.1");
  check_socket (AF_INET, "0.0.0.0", 0, AF_INET, "0.0.0.0");
  check_socket (AF_INET6, "::", 0, AF_INET6, "::");
  check_socket (AF_INET6, "::", 1, AF_INET6, "::");
  check_socket (AF_INET6, "::1", 1, AF_INET6, "::1");
  check_socket (AF_INET6, "::ffff:127.0.0.1", 0, AF_INET, "127.0.0.1");
}

static void
test_read_device (void)
{
  g_autoptr (Listener) listener = NULL;
  int fd = listen_on (AF_INET, "127.0.0.1", 0);

  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), ==, 0);
  listener = find (fd);
  g_assert_cmpstr (listener->interface, ==, "lo");
  g_assert_cmpint (listener->ifindex, !=, 0);
  close (fd);
}

/* More of them than one packet of the kernel's answer holds. */
static void
test_read_many (void)
{
  int fds[600];

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = listen_on (AF_INET, "127.0.0.1", 0);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i += 50)
    {
      g_autoptr (Listener) listener = find (fds[i]);

      g_assert_cmpint (listener->port, ==, port_of (fds[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

/* Whose they are. */

static char *
own_cgroup (void)
{
  g_autofree char *text = NULL;
  const char *start;

  g_assert_true (g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL));
  start = strstr (text, "0::");
  return start != NULL ? g_strndup (start + 3, strcspn (start + 3, "\n")) : NULL;
}

static void
test_cgroup (void)
{
  g_autofree char *own = own_cgroup ();
  g_autofree char *path = NULL;
  g_autoptr (Listener) listener = NULL;
  guint64 id = own != NULL ? listeners_cgroup_id (own) : 0;
  int fd = listen_on (AF_INET, "127.0.0.1", 0);

  listener = find (fd);
  close (fd);
  if (id == 0)
    {
      g_test_message ("no cgroup of the unified hierarchy that we can see");
      return;
    }
  g_assert_cmpuint (listener->cgroup, ==, id);
  path = listeners_cgroup_path (id);
  g_assert_cmpstr (path, ==, own);
}

static void
test_no_cgroup (void)
{
  g_assert_cmpuint (listeners_cgroup_id (""), ==, 0);
  g_assert_cmpuint (listeners_cgroup_id ("/../.."), ==, 0);
  g_assert_cmpuint (listeners_cgroup_id ("/there/is/no/such.slice"), ==, 0);
  g_assert_null (listeners_cgroup_path (0));
  g_assert_null (listeners_cgroup_path (G_MAXUINT64));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/listeners/overlap", test_overlap);
  g_test_add_func ("/listeners/overlap/families", test_overlap_families);
  g_test_add_func ("/listeners/overlap/devices", test_overlap_devices);
  g_test_add_func ("/listeners/read", test_read);
  g_test_add_func ("/listeners/read/device", test_read_device);
  g_test_add_func ("/listeners/read/many", test_read_many);
  g_test_add_func ("/listeners/cgroup", test_cgroup);
  g_test_add_func ("/listeners/cgroup/none", test_no_cgroup);
  return g_test_run ();
}
