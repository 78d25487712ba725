/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "netlink.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES 32768

/* A router can have a million routes: nobody reads for ever. */
#define MAX_BUFFERS 1024

static int
connect_kernel (void)
{
  const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  const struct timeval limit = { .tv_sec = 2 };
  const int strict = 1;
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  /* Without it, an older kernel answers with everything, whatever the question narrows. */
  setsockopt (fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
  /* Once it is connected, no other process may send to it. */
  if (connect (fd, (const struct sockaddr *) &kernel, sizeof kernel) == 0)
    return fd;
  close (fd);
  return -1;
}

static gboolean
fail (void)
{
  errno = EPROTO;
  return FALSE;
}

static gboolean
read_answer (int fd, NetlinkFunc function, gpointer user_data)
{
  for (guint i = 0; i < MAX_BUFFERS; i++)
    {
      _Alignas(struct nlmsghdr) char buffer[BUFFER_BYTES];
      gssize n = TEMP_FAILURE_RETRY (recv (fd, buffer, sizeof buffer, 0));

      if (n < 0)
        return FALSE;
      for (const struct nlmsghdr *message = (const struct nlmsghdr *) (const void *) buffer;
           NLMSG_OK (message, n); message = NLMSG_NEXT (message, n))
        {
          if (message->nlmsg_type == NLMSG_ERROR)
            return fail ();
          if (message->nlmsg_type == NLMSG_DONE || !function (message, user_data))
            return TRUE;
        }
    }
  return fail ();
}

gboolean
netlink_ask (const void *question, gsize length, NetlinkFunc function, gpointer user_data)
{
  int fd = connect_kernel ();
  gboolean answered;

  if (fd < 0)
    return FALSE;
  answered =
      send (fd, question, length, 0) == (gssize) length && read_answer (fd, function, user_data);
  close (fd);
  return answered;
}
