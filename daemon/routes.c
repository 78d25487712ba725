/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "routes.h"

#include <net/if.h>
#include <sys/socket.h>

#include "netlink.h"

/* The routes of one interface: a router can have a million of them. */
typedef struct
{
  struct nlmsghdr header;
  struct rtmsg route;
  struct rtattr attribute;
  guint32 index;
} Question;

typedef struct
{
  guint index;
  gboolean found;
} Search;

static gboolean
leads_through (const struct rtattr *path, int left, guint index)
{
  for (; RTA_OK (path, left); path = RTA_NEXT (path, left))
    {
      const struct rtnexthop *hop = RTA_DATA (path);
      int hops = (int) RTA_PAYLOAD (path);

      if (path->rta_type == RTA_OIF && RTA_PAYLOAD (path) >= sizeof (guint32)
          && *(const guint32 *) RTA_DATA (path) == index)
        return TRUE;
      for (; path->rta_type == RTA_MULTIPATH && RTNH_OK (hop, hops);
           hops -= RTNH_ALIGN (hop->rtnh_len), hop = RTNH_NEXT (hop))
        if ((guint) hop->rtnh_ifindex == index)
          return TRUE;
    }
  return FALSE;
}

static gboolean
is_default (const struct nlmsghdr *message, guint index)
{
  const struct rtmsg *route = NLMSG_DATA (message);

  return message->nlmsg_type == RTM_NEWROUTE && message->nlmsg_len >= NLMSG_LENGTH (sizeof *route)
         && route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST
         && leads_through (RTM_RTA (route), (int) RTM_PAYLOAD (message), index);
}

static gboolean
on_message (const struct nlmsghdr *message, gpointer user_data)
{
  Search *search = user_data;

  search->found = is_default (message, search->index);
  return !search->found;
}

gboolean
routes_have_default (const char *interface, int family)
{
  Search search = { .index = if_nametoindex (interface) };
  const Question question = {
    .header = { .nlmsg_len = sizeof question,
                .nlmsg_type = RTM_GETROUTE,
                .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    .route = { .rtm_family = (unsigned char) family },
    .attribute = { .rta_len = RTA_LENGTH (sizeof question.index), .rta_type = RTA_OIF },
    .index = search.index,
  };

  return search.index == 0 || !netlink_ask (&question, sizeof question, on_message, &search)
         || search.found;
}
