/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "link-watch.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Until nothing has happened for a while, but not for ever. */
#define QUIET_MSEC 150
#define MAX_USEC   G_USEC_PER_SEC

#define BUFFER_BYTES 32768

struct _LinkWatch
{
  int fd;
  guint source;
  guint timer;
  gint64 first; /* when the burst began */
  void (*changed) (gpointer user_data);
  gpointer user_data;
  GHashTable *indices; /* (owned) name → index; 0: there is none */
  GHashTable *renamed; /* (owned) old name → new name */
};

static gboolean
on_timer (gpointer user_data)
{
  LinkWatch *self = user_data;

  self->timer = 0;
  self->changed (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
hint (LinkWatch *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->timer == 0)
    self->first = now;
  else if (now - self->first > MAX_USEC)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (QUIET_MSEC, on_timer, self);
}

/* The watched name that an index had so far; (nullable). */
static const char *
find_name (const LinkWatch *self, guint index)
{
  GHashTableIter iter;
  gpointer name, known;

  g_hash_table_iter_init (&iter, self->indices);
  while (g_hash_table_iter_next (&iter, &name, &known))
    if (GPOINTER_TO_UINT (known) == index)
      return name;
  return NULL;
}

static void
set_index (LinkWatch *self, const char *name, guint index)
{
  g_hash_table_insert (self->indices, g_strdup (name), GUINT_TO_POINTER (index));
  hint (self);
}

static void
on_gone (LinkWatch *self, guint index)
{
  const char *name = find_name (self, index);

  if (name != NULL)
    set_index (self, name, 0);
}

static void
on_there (LinkWatch *self, guint index, const char *name)
{
  const char *before = find_name (self, index);
  gpointer known;

  if (before != NULL && !g_str_equal (before, name))
    {
      g_hash_table_insert (self->renamed, g_strdup (before), g_strdup (name));
      set_index (self, before, 0);
    }
  if (!g_hash_table_lookup_extended (self->indices, name, NULL, &known)
      || GPOINTER_TO_UINT (known) == index)
    return;
  g_hash_table_remove (self->renamed, name);
  set_index (self, name, index);
}

static const char *
find_link_name (const struct nlmsghdr *message)
{
  const struct ifinfomsg *info = NLMSG_DATA (message);
  int left = (int) IFLA_PAYLOAD (message);

  for (const struct rtattr *a = IFLA_RTA (info); RTA_OK (a, left); a = RTA_NEXT (a, left))
    if (a->rta_type == IFLA_IFNAME && memchr (RTA_DATA (a), '\0', RTA_PAYLOAD (a)) != NULL)
      return RTA_DATA (a);
  return NULL;
}

static void
on_message (LinkWatch *self, const struct nlmsghdr *message)
{
  const struct ifinfomsg *info = NLMSG_DATA (message);
  const char *name;

  if (message->nlmsg_len < NLMSG_LENGTH (sizeof *info)
      || (message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK))
    return;
  /* A bridge speaks of its ports as well: a port that leaves it is not gone. */
  if (info->ifi_family != AF_UNSPEC)
    return;
  name = find_link_name (message);
  if (message->nlmsg_type == RTM_DELLINK)
    on_gone (self, (guint) info->ifi_index);
  else if (name != NULL)
    on_there (self, (guint) info->ifi_index, name);
}

/* What was told while nobody listened is lost: look at all of them. */
static void
catch_up (LinkWatch *self)
{
  g_autofree const char **names =
      (const char **) g_hash_table_get_keys_as_array (self->indices, NULL);

  link_watch_set_names (self, (const char *const *) names);
  hint (self);
}

static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  LinkWatch *self = user_data;
  _Alignas(struct nlmsghdr) char buffer[BUFFER_BYTES];
  struct sockaddr_nl from = { 0 };
  socklen_t from_length = sizeof from;
  gssize n;

  n = recvfrom (fd, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *) &from, &from_length);
  if (n < 0)
    {
      if (errno == ENOBUFS)
        catch_up (self);
      return G_SOURCE_CONTINUE;
    }
  /* Any process may send to us; the kernel alone has no number. */
  if (from.nl_pid != 0)
    return G_SOURCE_CONTINUE;
  for (const struct nlmsghdr *message = (const struct nlmsghdr *) (const void *) buffer;
       NLMSG_OK (message, n); message = NLMSG_NEXT (message, n))
    on_message (self, message);
  return G_SOURCE_CONTINUE;
}

LinkWatch *
link_watch_new (void (*changed) (gpointer user_data), gpointer user_data)
{
  const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  LinkWatch *self;

  if (fd < 0 || bind (fd, (const struct sockaddr *) &address, sizeof address) < 0)
    {
      g_message ("The kernel does not tell of interfaces that come and go: %s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  self = g_new0 (LinkWatch, 1);
  self->fd = fd;
  self->changed = changed;
  self->user_data = user_data;
  self->indices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->renamed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->source = g_unix_fd_add (fd, G_IO_IN, on_readable, self);
  return self;
}

void
link_watch_set_names (LinkWatch *self, const char *const *names)
{
  GHashTable *indices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; names[i] != NULL; i++)
    g_hash_table_insert (indices, g_strdup (names[i]),
                         GUINT_TO_POINTER (if_nametoindex (names[i])));
  g_hash_table_unref (self->indices);
  self->indices = indices;
}

GVariant *
link_watch_renamed (const LinkWatch *self)
{
  g_auto (GVariantBuilder) renamed = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  GHashTableIter iter;
  gpointer before, after;

  g_hash_table_iter_init (&iter, self->renamed);
  while (g_hash_table_iter_next (&iter, &before, &after))
    g_variant_builder_add (&renamed, "{ss}", before, after);
  return g_variant_ref_sink (g_variant_builder_end (&renamed));
}

void
link_watch_free (LinkWatch *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_source_remove (self->source);
  close (self->fd);
  g_hash_table_unref (self->indices);
  g_hash_table_unref (self->renamed);
  g_free (self);
}
