/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-sshctl-agent.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static GSubprocess *agent;

static void
end_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/* It says so when it is ready, or closes the pipe when it cannot be; where it is not installed,
 * whoever needs it is told by the service. A desktop's own agent comes first; outside of a session,
 * polkit would not ask one that stands back. */
void
agent_start (void)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());
  int ready[2] = { -1, -1 };
  char byte = 0;

  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO)
      || !g_unix_open_pipe (ready, FD_CLOEXEC, NULL))
    return;
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, ready[1], 3);
  agent = g_subprocess_launcher_spawn (
      launcher, NULL, "pkttyagent", "--process", pid, "--notify-fd", "3",
      g_getenv ("XDG_SESSION_ID") != NULL ? "--fallback" : NULL, NULL);
  g_subprocess_launcher_close (launcher);
  while (read (ready[0], &byte, 1) < 0 && errno == EINTR)
    continue;
  close (ready[0]);
}

void
agent_stop (void)
{
  if (agent == NULL)
    return;
  g_subprocess_send_signal (agent, SIGTERM);
  g_subprocess_wait (agent, NULL, NULL);
  g_clear_object (&agent);
}
