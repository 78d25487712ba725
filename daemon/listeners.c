/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "listeners.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "truenas-ssh-error.h"

/* No machine has so many cgroups; a walk that finds more is lost. */
#define MAX_CGROUPS 50000

Listener *
listener_copy (const Listener *listener)
{
  Listener *copy = g_new (Listener, 1);

  *copy = *listener;
  copy->address = g_strdup (listener->address);
  copy->interface = g_strdup (listener->interface);
  return copy;
}

void
listener_free (Listener *listener)
{
  g_free (listener->address);
  g_free (listener->interface);
  g_free (listener);
}

/* The kernel. */

static int
diag_open (GError **error)
{
  /* The kernel answers at once; the time limit is for a kernel that does not. */
  const struct timeval limit = { .tv_sec = 2 };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

  if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
                   "Listening sockets: cannot ask the kernel: %s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return -1;
    }
  return fd;
}

static gboolean
diag_send (int fd, int family, GError **error)
{
  struct
  {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } message = {
    .header = { .nlmsg_len = sizeof message,
                .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    .request = { .sdiag_family = (guint8) family,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = 1 << TCP_LISTEN },
  };
  const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

  if (sendto (fd, &message, sizeof message, 0, (const struct sockaddr *) &kernel, sizeof kernel)
      == (ssize_t) sizeof message)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
               "Listening sockets: cannot ask the kernel: %s", g_strerror (errno));
  return FALSE;
}

static void
listener_set_address (Listener *self, const struct inet_diag_sockid *id)
{
  const void *address = id->idiag_src;
  struct in6_addr in6;
  char text[INET6_ADDRSTRLEN];

  memcpy (&in6, id->idiag_src, sizeof in6);
  if (self->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED (&in6))
    {
      self->family = AF_INET;
      address = &id->idiag_src[3];
    }
  self->address = g_strdup (inet_ntop (self->family, address, text, sizeof text));
}

static Listener *
listener_parse (const struct nlmsghdr *header)
{
  const struct inet_diag_msg *message = NLMSG_DATA (header);
  const struct rtattr *attribute = (const struct rtattr *) (message + 1);
  guint left = (guint) NLMSG_PAYLOAD (header, sizeof *message);
  g_autoptr (Listener) self = g_new0 (Listener, 1);
  char name[IF_NAMESIZE];

  self->family = message->idiag_family;
  listener_set_address (self, &message->id);
  self->port = ntohs (message->id.idiag_sport);
  self->ifindex = message->id.idiag_if;
  if (self->ifindex != 0)
    self->interface =
        g_strdup (if_indextoname (self->ifindex, name) != NULL ? name : LISTENER_NO_INTERFACE);
  self->uid = message->idiag_uid;
  self->inode = message->idiag_inode;
  for (; RTA_OK (attribute, left); attribute = RTA_NEXT (attribute, left))
    if (attribute->rta_type == INET_DIAG_SKV6ONLY && RTA_PAYLOAD (attribute) >= sizeof (guint8))
      self->v6only = *(const guint8 *) RTA_DATA (attribute) != 0;
    else if (attribute->rta_type == INET_DIAG_CGROUP_ID
             && RTA_PAYLOAD (attribute) >= sizeof self->cgroup)
      memcpy (&self->cgroup, RTA_DATA (attribute), sizeof self->cgroup);
  return g_steal_pointer (&self);
}

/* Takes one packet of an answer apart. 1 = more follows, 0 = it was the last, -1 = errno tells. */
static int
diag_parse (const void *packet, guint length, GPtrArray *listeners)
{
  const struct nlmsghdr *header = packet;

  for (; NLMSG_OK (header, length); header = NLMSG_NEXT (header, length))
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
      {
        int code = -EPROTO;

        if (NLMSG_PAYLOAD (header, 0) >= (int) sizeof code)
          memcpy (&code, NLMSG_DATA (header), sizeof code);
        errno = -code;
        return code < 0 ? -1 : 0;
      }
    else if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY
             && header->nlmsg_len >= NLMSG_LENGTH (sizeof (struct inet_diag_msg)))
      g_ptr_array_add (listeners, listener_parse (header));
  return 1;
}

/* Adds the listening sockets of one family. */
static gboolean
read_family (int fd, int family, GPtrArray *listeners, GError **error)
{
  g_autofree char *packet = g_malloc (64 * 1024);
  int more = 1;

  if (!diag_send (fd, family, error))
    return FALSE;
  while (more > 0)
    {
      ssize_t length = TEMP_FAILURE_RETRY (recv (fd, packet, 64 * 1024, 0));

      more = length < 0 ? -1 : diag_parse (packet, (guint) length, listeners);
    }
  if (more == 0)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
               "Listening sockets: the kernel does not tell: %s", g_strerror (errno));
  return FALSE;
}

GPtrArray *
listeners_read (GError **error)
{
  g_autoptr (GPtrArray) listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) listener_free);
  int fd = diag_open (error);
  gboolean ok;

  if (fd < 0)
    return NULL;
  ok = read_family (fd, AF_INET, listeners, error) && read_family (fd, AF_INET6, listeners, error);
  close (fd);
  return ok ? g_steal_pointer (&listeners) : NULL;
}

static gboolean
is_wildcard (const Listener *listener)
{
  return g_str_equal (listener->address, listener->family == AF_INET6 ? "::" : "0.0.0.0");
}

/* Does @a take connections to addresses of @b's family? */
static gboolean
takes_family (const Listener *a, const Listener *b)
{
  return a->family == b->family || (a->family == AF_INET6 && is_wildcard (a) && !a->v6only);
}

gboolean
listeners_overlap (const Listener *a, const Listener *b)
{
  if (a->port != b->port || (a->ifindex != b->ifindex && a->ifindex != 0 && b->ifindex != 0))
    return FALSE;
  if (!takes_family (a, b) && !takes_family (b, a))
    return FALSE;
  return is_wildcard (a) || is_wildcard (b) || g_str_equal (a->address, b->address);
}

gboolean
listeners_same (const Listener *a, const Listener *b)
{
  return a->port == b->port && g_str_equal (a->address, b->address);
}

gboolean
listeners_contain (const GPtrArray *list, const Listener *listener)
{
  for (guint i = 0; i < list->len; i++)
    if (listeners_same (listener, g_ptr_array_index (list, i)))
      return TRUE;
  return FALSE;
}

/* Whose they are. */

/* Where the unified cgroup hierarchy is mounted: /sys/fs/cgroup, or a folder in it on a machine
 * that also has the old hierarchies. */
static char *
cgroup_root (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", -1);

      if (g_strv_length (fields) > 6 && strstr (lines[i], " - cgroup2 ") != NULL)
        return g_strcompress (fields[4]);
    }
  return NULL;
}

/* The kernel's id of a cgroup is what its file handle holds, and on 64-bit kernels the inode number
 * too. */
static guint64
cgroup_id (const char *folder)
{
  union
  {
    struct file_handle handle;
    char space[sizeof (struct file_handle) + sizeof (guint64)];
  } buffer = { .handle = { .handle_bytes = sizeof (guint64) } };
  struct stat status;
  guint64 id;
  int mount;

  if (name_to_handle_at (AT_FDCWD, folder, &buffer.handle, &mount, 0) == 0
      && buffer.handle.handle_bytes == sizeof id)
    {
      memcpy (&id, buffer.space + sizeof (struct file_handle), sizeof id);
      return id;
    }
  return stat (folder, &status) == 0 ? status.st_ino : 0;
}

guint64
listeners_cgroup_id (const char *control_group)
{
  g_autofree char *root = cgroup_root ();
  g_autofree char *folder = NULL;

  /* How the kernel writes a cgroup outside of this container. */
  if (root == NULL || control_group[0] != '/' || g_str_has_prefix (control_group, "/.."))
    return 0;
  folder = g_strconcat (root, control_group, NULL);
  return cgroup_id (folder);
}

static void
push_folders (GQueue *queue, const char *root, const char *path)
{
  g_autofree char *folder = g_strconcat (root, path, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_strconcat (path, "/", name, NULL);
      g_autofree char *full = g_strconcat (root, child, NULL);

      if (g_file_test (full, G_FILE_TEST_IS_DIR))
        g_queue_push_tail (queue, g_steal_pointer (&child));
    }
}

char *
listeners_cgroup_path (guint64 id)
{
  g_autofree char *root = cgroup_root ();
  g_autoptr (GQueue) queue = g_queue_new ();
  char *found = NULL;

  if (root == NULL || id == 0)
    return NULL;
  g_queue_push_tail (queue, g_strdup (""));
  for (guint i = 0; i < MAX_CGROUPS && found == NULL && !g_queue_is_empty (queue); i++)
    {
      g_autofree char *path = g_queue_pop_head (queue);
      g_autofree char *folder = g_strconcat (root, path, NULL);

      if (cgroup_id (folder) == id)
        found = path[0] == '\0' ? g_strdup ("/") : g_steal_pointer (&path);
      else
        push_folders (queue, root, path);
    }
  g_queue_clear_full (queue, g_free);
  return found;
}
