/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "truenas-ssh-error.h"

void
link_free (Link *self)
{
  g_free (self->name);
  g_free (self->type);
  g_ptr_array_unref (self->addresses);
  g_free (self);
}

/* What the kernel tells in files. */

/* The kernel takes any other name, and not all of them are paths that we want to follow. */
static gboolean
is_valid_name (const char *name)
{
  const gsize length = strlen (name);

  return length > 0 && length < IF_NAMESIZE && strpbrk (name, "/: \t\n\v\f\r") == NULL
         && !g_str_equal (name, ".") && !g_str_equal (name, "..");
}

static gboolean
has_file (const char *name, const char *file)
{
  g_autofree char *path = g_strdup_printf ("/sys/class/net/%s/%s", name, file);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static char *
read_file (const char *name, const char *file)
{
  g_autofree char *path = g_strdup_printf ("/sys/class/net/%s/%s", name, file);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_strstrip (text) : g_strdup ("");
}

gboolean
links_exists (const char *name)
{
  const guint index = is_valid_name (name) ? if_nametoindex (name) : 0;
  char actual[IF_NAMESIZE];

  /* An alternative name leads to the interface, too. */
  return index != 0 && if_indextoname (index, actual) != NULL && g_str_equal (actual, name);
}

gboolean
links_is_loopback (const char *name)
{
  g_autofree char *flags = is_valid_name (name) ? read_file (name, "flags") : g_strdup ("");

  return (strtoul (flags, NULL, 16) & IFF_LOOPBACK) != 0;
}

gboolean
links_is_port (const char *name)
{
  return is_valid_name (name) && has_file (name, "master");
}

/* The value of DEVTYPE where the driver sets one, or else what the hardware says. */
static char *
read_type (const char *name)
{
  static const struct
  {
    guint hardware;
    const char *type;
  } types[] = {
    { ARPHRD_ETHER, "ethernet" },    { ARPHRD_INFINIBAND, "infiniband" },
    { ARPHRD_PPP, "ppp" },           { ARPHRD_TUNNEL, "ip-tunnel" },
    { ARPHRD_TUNNEL6, "ip-tunnel" }, { ARPHRD_SIT, "ip-tunnel" },
    { ARPHRD_IPGRE, "ip-tunnel" },
  };
  g_autofree char *uevent = read_file (name, "uevent");
  const char *device_type = g_strstr_len (uevent, -1, "DEVTYPE=");
  g_autofree char *hardware = NULL;

  if (device_type != NULL)
    {
      device_type += strlen ("DEVTYPE=");
      if (g_str_has_prefix (device_type, "wlan"))
        return g_strdup ("wifi");
      return g_strndup (device_type, strcspn (device_type, "\n"));
    }
  if (has_file (name, "tun_flags"))
    return g_strdup ("tun");
  hardware = read_file (name, "type");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strtoul (hardware, NULL, 10) == types[i].hardware)
      return g_strdup (types[i].type);
  return g_strdup ("generic");
}

/* What the kernel tells at once. */

/* (transfer full) (nullable) the text of an attribute of this type */
static char *
find_text (const struct rtattr *attribute, int left, int type)
{
  for (; RTA_OK (attribute, left); attribute = RTA_NEXT (attribute, left))
    if (attribute->rta_type == type)
      return g_strndup (RTA_DATA (attribute), RTA_PAYLOAD (attribute));
  return NULL;
}

/* Notes the link unless it is the port of another one. */
static gboolean
on_message (const struct nlmsghdr *message, gpointer user_data)
{
  const struct ifinfomsg *info = NLMSG_DATA (message);
  int left = (int) IFLA_PAYLOAD (message);
  g_autofree char *name = NULL;
  g_autofree char *kind = NULL;

  if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH (sizeof *info))
    return TRUE;
  name = find_text (IFLA_RTA (info), left, IFLA_IFNAME);
  for (const struct rtattr *a = IFLA_RTA (info); RTA_OK (a, left); a = RTA_NEXT (a, left))
    if (a->rta_type == IFLA_MASTER)
      return TRUE;
    else if (a->rta_type == IFLA_LINKINFO)
      kind = find_text (RTA_DATA (a), (int) RTA_PAYLOAD (a), IFLA_INFO_KIND);
  if (name != NULL)
    g_hash_table_insert (user_data, g_steal_pointer (&name),
                         kind != NULL ? g_steal_pointer (&kind) : g_strdup (""));
  return TRUE;
}

/* name → what made it, such as "veth"; empty: a driver. All but ports. NULL: errno tells. */
static GHashTable *
read_kinds (void)
{
  static const struct
  {
    struct nlmsghdr header;
    struct ifinfomsg info;
  } question = {
    .header = { .nlmsg_len = sizeof question,
                .nlmsg_type = RTM_GETLINK,
                .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
  };
  g_autoptr (GHashTable) kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return netlink_ask (&question, sizeof question, on_message, kinds) ? g_steal_pointer (&kinds)
                                                                     : NULL;
}

/* A file for each of thousands would take its time. */
static void
set_type (Link *self, const char *kind)
{
  static const struct
  {
    const char *kind, *type;
  } types[] = {
    { "bond", "bond" },       { "bridge", "bridge" },   { "dummy", "dummy" },
    { "macvlan", "macvlan" }, { "macvtap", "macvlan" }, { "veth", "ethernet" },
    { "vlan", "vlan" },       { "vxlan", "vxlan" },     { "wireguard", "wireguard" },
  };

  self->hardware = *kind == '\0';
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (kind, types[i].kind))
      {
        self->type = g_strdup (types[i].type);
        self->type_known = TRUE;
        return;
      }
  self->type = read_type (self->name);
  /* Drivers from before there was a word for it have wifi's files, though. */
  self->type_known =
      self->hardware && g_str_equal (self->type, "ethernet") && !has_file (self->name, "wireless");
}

/* The list. */

/* The interface that an entry is about; (nullable) NULL = not one of ours. */
static Link *
find_link (GHashTable *links, GHashTable *kinds, const struct ifaddrs *entry)
{
  /* An IPv4 address may have a label, "eth0:1". */
  g_autofree char *name = g_strndup (entry->ifa_name, strcspn (entry->ifa_name, ":"));
  const char *kind = g_hash_table_lookup (kinds, name);
  gpointer seen;
  Link *link;

  if (g_hash_table_lookup_extended (links, name, NULL, &seen))
    return seen;
  /* A name that is not UTF-8 cannot travel over D-Bus. */
  if ((entry->ifa_flags & IFF_LOOPBACK) != 0 || kind == NULL || !is_valid_name (name)
      || !g_utf8_validate (name, -1, NULL))
    {
      g_hash_table_insert (links, g_steal_pointer (&name), NULL);
      return NULL;
    }
  link = g_new0 (Link, 1);
  link->name = g_strdup (name);
  set_type (link, kind);
  link->addresses = g_ptr_array_new_with_free_func (g_free);
  link->up = (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_RUNNING) != 0;
  g_hash_table_insert (links, g_steal_pointer (&name), link);
  return link;
}

static void
add_address (Link *link, const struct sockaddr *address)
{
  char text[INET6_ADDRSTRLEN];
  const void *bytes = NULL;

  if (address != NULL && address->sa_family == AF_INET)
    bytes = &((const struct sockaddr_in *) (const void *) address)->sin_addr;
  else if (address != NULL && address->sa_family == AF_INET6)
    bytes = &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr;
  if (bytes != NULL && inet_ntop (address->sa_family, bytes, text, sizeof text) != NULL)
    g_ptr_array_add (link->addresses, g_strdup (text));
}

static int
compare_links (gconstpointer a, gconstpointer b)
{
  const Link *const *first = a;
  const Link *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

GPtrArray *
links_read (GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) link_free);
  g_autoptr (GHashTable) kinds = read_kinds ();
  struct ifaddrs *entries;
  GHashTableIter iter;
  gpointer value;

  if (kinds == NULL || getifaddrs (&entries) < 0)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
                   "BindInterfaces: the kernel does not tell its interfaces: %s",
                   g_strerror (errno));
      return NULL;
    }
  for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
    {
      Link *link = find_link (seen, kinds, entry);

      if (link != NULL)
        add_address (link, entry->ifa_addr);
    }
  freeifaddrs (entries);

  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (value != NULL)
      g_ptr_array_add (list, value);
  g_ptr_array_sort (list, compare_links);
  return g_steal_pointer (&list);
}

gboolean
links_have_address (const char *name, int family)
{
  struct ifaddrs *entries;
  gboolean found = FALSE;

  if (getifaddrs (&entries) < 0)
    return FALSE;
  for (const struct ifaddrs *entry = entries; entry != NULL && !found; entry = entry->ifa_next)
    {
      const struct sockaddr_in6 *ipv6 =
          (const struct sockaddr_in6 *) (const void *) entry->ifa_addr;

      found = g_str_equal (entry->ifa_name, name) && entry->ifa_addr != NULL
              && entry->ifa_addr->sa_family == family
              && (family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL (&ipv6->sin6_addr));
    }
  freeifaddrs (entries);
  return found;
}

gboolean
links_have_ipv6 (const char *name)
{
  g_autofree char *path = NULL;
  g_autofree char *disabled = NULL;

  if (name == NULL)
    return access ("/proc/self/net/if_inet6", F_OK) == 0;
  if (!links_exists (name))
    return FALSE;
  /* Also missing where the interface's packets are too small for IPv6. */
  path = g_strdup_printf ("/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
  return g_file_get_contents (path, &disabled, NULL, NULL) && disabled[0] == '0';
}
