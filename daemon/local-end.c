/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "local-end.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "links.h"
#include "truenas-ssh-error.h"

void
local_end_free (LocalEnd *self)
{
  g_free (self->client);
  g_free (self->address);
  g_free (self->interface);
  g_free (self);
}

static char *
to_text (const struct sockaddr *address)
{
  socklen_t length =
      address->sa_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6);
  char text[NI_MAXHOST];

  return getnameinfo (address, length, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0
             ? g_strdup (text)
             : NULL;
}

/* Where the kernel would send an answer from; NULL: there is no way. */
static char *
find_source (const struct addrinfo *client)
{
  struct sockaddr_storage source = { 0 };
  socklen_t length = sizeof source;
  int fd = socket (client->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean found = fd >= 0 && connect (fd, client->ai_addr, client->ai_addrlen) == 0
                   && getsockname (fd, (struct sockaddr *) (void *) &source, &length) == 0;

  if (fd >= 0)
    close (fd);
  return found ? to_text ((const struct sockaddr *) (const void *) &source) : NULL;
}

/* What there is of an interface (NULL: any) and an address (NULL: any, one for more than its own
 * cable first). */
static void
find_entry (LocalEnd *self, const char *interface, const char *address)
{
  struct ifaddrs *entries;

  if (getifaddrs (&entries) < 0)
    return;
  for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
    {
      g_autofree char *text = NULL;

      if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != self->family
          || (interface != NULL && !g_str_equal (entry->ifa_name, interface)))
        continue;
      text = to_text (entry->ifa_addr);
      if (text == NULL || (address != NULL && !g_str_equal (text, address))
          || (self->address != NULL && !g_str_has_prefix (self->address, "fe80:")))
        continue;
      g_free (self->address);
      g_free (self->interface);
      self->address = g_steal_pointer (&text);
      self->interface = g_strdup (entry->ifa_name);
    }
  freeifaddrs (entries);
}

LocalEnd *
local_end_find (const char *client, const char *interface, GError **error)
{
  const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM };
  g_autoptr (LocalEnd) self = g_new0 (LocalEnd, 1);
  g_autofree char *source = NULL;
  struct addrinfo *found = NULL;

  if (getaddrinfo (client, "22", &hints, &found) != 0)
    {
      g_autofree char *shown = g_strescape (client, NULL);

      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "address: “%.60s” is no IP address; give the client's, or none for anywhere",
                   shown);
      return NULL;
    }
  if (interface != NULL && !links_exists (interface))
    {
      freeaddrinfo (found);
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE,
                   "interface: there is no interface “%.16s”", interface);
      return NULL;
    }
  self->family = found->ai_family;
  self->client = to_text (found->ai_addr);
  source = interface ? NULL : find_source (found);
  freeaddrinfo (found);
  if (interface != NULL || source != NULL)
    find_entry (self, interface, source);
  if (self->address == NULL)
    self->address =
        source ? g_steal_pointer (&source) : g_strdup (self->family == AF_INET ? "0.0.0.0" : "::");
  if (self->interface == NULL)
    self->interface = g_strdup (interface);
  return g_steal_pointer (&self);
}
