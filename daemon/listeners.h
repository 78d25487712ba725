/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The TCP sockets that listen on this machine, told by the kernel, and whose they are. Everything
 * here blocks for a moment: call it from a worker thread. */

/* The name of a device that is no more. */
#define LISTENER_NO_INTERFACE "?"

typedef struct
{
  int family;      /* AF_INET or AF_INET6; a v4-mapped address counts as AF_INET */
  char *address;   /* numeric text: "0.0.0.0", "::", "192.0.2.1" */
  guint16 port;    /* in host order */
  guint ifindex;   /* 0 = not bound to a device */
  char *interface; /* (nullable) NULL = not bound; "?" = bound to a device that is gone */
  gboolean v6only; /* AF_INET6 only: takes no IPv4 */
  guint uid;       /* of the user that made it */
  guint64 inode;   /* identifies the socket as long as it lives */
  guint64 cgroup;  /* of the process that made it, see listeners_cgroup_id (); 0 = unknown */
} Listener;

Listener *listener_copy (const Listener *listener);
void listener_free (Listener *listener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)

/* (element-type Listener) (transfer container+elements) */
GPtrArray *listeners_read (GError **error);

/* Would the kernel refuse to let both listen? */
gboolean listeners_overlap (const Listener *a, const Listener *b);

/* Whether they are at the same address and port, and whether one of the list (element-type
 * Listener) is. */
gboolean listeners_same (const Listener *a, const Listener *b);
gboolean listeners_contain (const GPtrArray *list, const Listener *listener);

/* The id that sockets made in @control_group carry ("/system.slice/ssh.service", as systemd's
 * property ControlGroup says); 0 if there is no such cgroup now. */
guint64 listeners_cgroup_id (const char *control_group);

/* The other way round; (nullable). */
char *listeners_cgroup_path (guint64 id);

G_END_DECLS
