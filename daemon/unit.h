/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The SSH unit, through systemd on the system bus. Everything here blocks until systemd has
 * answered: call it from a worker thread. A failure is TRUENAS_SSH_ERROR_SERVICE_FAILED unless said
 * otherwise, or G_IO_ERROR_CANCELLED. */

typedef struct
{
  char *name;    /* the unit to start, stop and enable: "ssh.service", "ssh.socket"… */
  char *service; /* the service that runs sshd, also where name is a socket */

  /* of name, in systemd's words */
  char *active_state;
  char *sub_state;
  char *load_state;
  gboolean masked;
  gboolean start_on_boot;    /* enabled, and not only until the next boot */
  gboolean socket_activated; /* it is a socket */
  GPtrArray *listen;         /* (element-type Listener) what it opens; none where it is a service */

  char *socket; /* (nullable) the socket unit, whether it is used or not; NULL = there is none */

  /* of service */
  gboolean service_on_boot;
  char *service_active_state; /* "activating" where it is about to be started */
  gboolean queued;            /* it is down, and waits for its turn to be started */
  guint32 restarts;           /* how often systemd has started it again since somebody has */
  guint32 main_pid;           /* 0 = does not run */
  char *control_group;        /* "" = does not run; another one, by its id, after every start */
  char *sshd_path;            /* (nullable) NULL = it does not tell, as when it is masked */

  /* Of its arguments, those that decide about its configuration, for another sshd that judges it:
   * with sockets that it opens itself, or gets from the socket unit, as it is now. */
  char **service_arguments;
  char **arguments;
} UnitState;

void unit_state_free (UnitState *state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnitState, unit_state_free)

/* TRUENAS_SSH_ERROR_NOT_INSTALLED if no unit runs sshd. Where it has failed, this waits up to 2 s
 * until what may start it again has decided. */
UnitState *unit_state_read (GDBusConnection *bus, GError **error);

/* The same, up to 2 s later where it is about to be started: in the midst of a restart. It may be
 * about to be for long, even until our caller is done. */
UnitState *unit_state_settle (GDBusConnection *bus, GError **error);

/* Its server has ended, and systemd lets some time pass before it starts it again. */
gboolean unit_is_waiting (const UnitState *state);

/* Its server has ended over a reload, and systemd waits for that nevertheless; only a restart helps
 * at once. */
gboolean unit_is_lost (const UnitState *state);

/* Jobs: each waits until systemd has done it, and reads the state again where that proves it. With
 * the name of a socket, stop and restart include the service behind it. */

/* Never starts a stopped unit, but one whose server has ended by itself; one in the midst of its
 * start is told after that. Not for a socket-activated sshd, which does not survive it. */
gboolean
unit_reload (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error);

/* Reloads what runs, starts what failed or stopped. */
gboolean
unit_revive (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error);

gboolean
unit_start (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error);

gboolean
unit_stop (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error);

gboolean
unit_restart (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error);

/* Forgets an earlier failure and how often the unit was started lately: what somebody asks for is
 * not to be refused for that. Needs not succeed. */
void unit_reset_failed (GDBusConnection *bus, const char *name);

/* Makes systemd read its unit files again. */
gboolean unit_daemon_reload (GDBusConnection *bus, GCancellable *cancellable, GError **error);

G_END_DECLS
