/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "routes.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES 32768

/* A router can have a million routes: the kernel is asked for those of one interface, and nobody
 * reads for ever. */
#define MAX_BUFFERS 1024

typedef struct
{
  struct nlmsghdr header;
  struct rtmsg route;
  struct rtattr attribute;
  guint32 index;
} Question;

static gboolean
ask (int fd, guint index, int family)
{
  const Question question = {
    .header = { .nlmsg_len = sizeof question,
                .nlmsg_type = RTM_GETROUTE,
                .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    .route = { .rtm_family = (unsigned char) family },
    .attribute = { .rta_len = RTA_LENGTH (sizeof question.index), .rta_type = RTA_OIF },
    .index = index,
  };
  const int strict = 1;

  /* Without it, an older kernel answers with all of them. */
  setsockopt (fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
  return send (fd, &question, sizeof question, 0) == (gssize) sizeof question;
}

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
find (int fd, guint index)
{
  for (guint i = 0; i < MAX_BUFFERS; i++)
    {
      _Alignas(struct nlmsghdr) char buffer[BUFFER_BYTES];
      gssize n = TEMP_FAILURE_RETRY (recv (fd, buffer, sizeof buffer, 0));

      if (n <= 0)
        return TRUE;
      for (const struct nlmsghdr *message = (const struct nlmsghdr *) (const void *) buffer;
           NLMSG_OK (message, n); message = NLMSG_NEXT (message, n))
        {
          if (message->nlmsg_type == NLMSG_DONE)
            return FALSE;
          if (message->nlmsg_type == NLMSG_ERROR || is_default (message, index))
            return TRUE;
        }
    }
  return TRUE;
}

gboolean
routes_have_default (const char *interface, int family)
{
  const struct timeval limit = { .tv_sec = 2 };
  guint index = if_nametoindex (interface);
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  gboolean found = TRUE;

  if (fd < 0)
    return TRUE;
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (index != 0 && ask (fd, index, family))
    found = find (fd, index);
  close (fd);
  return found;
}
