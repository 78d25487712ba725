/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

G_BEGIN_DECLS

/* What the kernel tells of links and routes, asked for as a whole. */

/* What is called for a message; FALSE: no more of them. */
typedef gboolean (*NetlinkFunc) (const struct nlmsghdr *message, gpointer user_data);

/* Sends the question, which begins with its header, and waits for the answer. FALSE: there is none,
 * or no end to it; errno tells. */
gboolean netlink_ask (const void *question, gsize length, NetlinkFunc function, gpointer user_data);

G_END_DECLS
