/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-sshctl-remote.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <sys/socket.h>
#include <unistd.h>

/* (transfer full): our end of what is the standard input and output of ssh; NULL with an error. */
static GIOStream *
start_ssh (const char *host, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) ssh = NULL;
  g_autoptr (GSocket) socket = NULL;
  int ends[2] = { -1, -1 };

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return NULL;
    }
  g_subprocess_launcher_take_stdin_fd (launcher, ends[1]);
  g_subprocess_launcher_take_stdout_fd (launcher, dup (ends[1]));
  socket = g_socket_new_from_fd (ends[0], error);
  if (socket == NULL)
    {
      close (ends[0]);
      return NULL;
    }

  ssh = g_subprocess_launcher_spawn (launcher, error, "ssh", "-xT", "--", host,
                                     "systemd-stdio-bridge", NULL);
  if (ssh == NULL)
    return NULL;
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

GDBusConnection *
remote_connect (const char *host, GError **error)
{
  GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                               | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION;
  g_autoptr (GIOStream) stream = start_ssh (host, error);
  GDBusConnection *connection = NULL;

  if (stream == NULL)
    return NULL;
  connection = g_dbus_connection_new_sync (stream, NULL, flags, NULL, NULL, error);
  if (connection == NULL)
    g_prefix_error (error, _ ("%s: the machine's bus cannot be reached: "), host);
  return connection;
}
