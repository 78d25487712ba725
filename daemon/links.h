/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The network interfaces as the kernel knows them, less the loopback and the ports of others. */

typedef struct
{
  char *name;
  char *type;           /* "ethernet", "wifi", "bridge"…, in NetworkManager's words */
  GPtrArray *addresses; /* (element-type utf8) numeric, without prefix length */
  gboolean up;          /* administratively, and there is a carrier */
  gboolean hardware;    /* it may have a product's name */
  gboolean type_known;  /* NetworkManager has no other word for it */
} Link;

void link_free (Link *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_free)

/* (element-type Link) sorted by name. Reads files: call it from a worker thread. */
GPtrArray *links_read (GError **error);

/* One interface by its name, not by an alternative one. These ask for a few bytes only. */
gboolean links_exists (const char *name);
gboolean links_is_loopback (const char *name);
gboolean links_is_port (const char *name);

/* Has it an address of the family that is good for more than its own cable? */
gboolean links_have_address (const char *name, int family);

/* Does the machine (NULL) or the interface speak IPv6? */
gboolean links_have_ipv6 (const char *name);

G_END_DECLS
