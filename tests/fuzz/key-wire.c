/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "key-wire.h"

/* Whatever comes from the other end of the socket. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GVariant) value = NULL;
  int fds[2];

  if (size > 4096)
    return 0;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_assert_cmpint (write (fds[0], data, size), ==, (gssize) size);
  close (fds[0]);
  value = key_wire_receive (fds[1], KEY_WIRE_QUESTION);
  close (fds[1]);
  return 0;
}
