/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* truenas-sshctl: what its files share. A verb is a function that gets all there is on the command
 * line, and answers with an exit status, or with -1 and an error. */

#pragma once

#include "truenas-ssh.h"

/* As the manual page has them. */
enum
{
  EXIT_USAGE = 2,
  EXIT_DENIED = 3,
  EXIT_NOT_NOW = 4,
  EXIT_ROLLED_BACK = 5,
  EXIT_LOCKOUT = 6,
};

typedef struct
{
  TruenasSshClient *client; /* (owned) */
  char **arguments;         /* behind the verb */
  int n_arguments;
  gboolean remote; /* a mistake could cut the user's own connection */
  gboolean json;
  gboolean no_ask_password;
  gboolean no_confirm;
  int confirm; /* seconds; -1: not given */
  gboolean confirm_on_login;
  gint64 if_generation; /* -1: not given */
  gboolean dry_run;
  gboolean replace_foreign;
  gboolean overwrite_edits;
  gboolean use_service;
  gboolean allow_lockout;
  gboolean start;
  char *address; /* (owned) (nullable) */
  char **hosts;  /* (owned) (nullable) one after the other */
} Ctl;

#define CTL_ERROR (ctl_error_quark ())
GQuark ctl_error_quark (void); /* what is wrong with the command line; its only code is 0 */

typedef int (*CtlVerb) (Ctl *ctl, GError **error);

/* State: as the service tells it, without asking anybody. */
int ctl_status (Ctl *ctl, GError **error);
int ctl_show (Ctl *ctl, GError **error);
int ctl_get (Ctl *ctl, GError **error);
int ctl_monitor (Ctl *ctl, GError **error);

/* Changes. */
int ctl_set (Ctl *ctl, GError **error);
int ctl_reset (Ctl *ctl, GError **error);
int ctl_revert (Ctl *ctl, GError **error);
int ctl_confirm (Ctl *ctl, GError **error);
int ctl_rollback (Ctl *ctl, GError **error);
int ctl_edit (Ctl *ctl, GError **error);
int ctl_import (Ctl *ctl, GError **error);
int ctl_export (Ctl *ctl, GError **error);

/* The unit. */
int ctl_start (Ctl *ctl, GError **error);
int ctl_stop (Ctl *ctl, GError **error);
int ctl_restart (Ctl *ctl, GError **error);
int ctl_enable (Ctl *ctl, GError **error);
int ctl_disable (Ctl *ctl, GError **error);

/* Lists and checks. */
int ctl_interfaces (Ctl *ctl, GError **error);
int ctl_groups (Ctl *ctl, GError **error);
int ctl_host_keys (Ctl *ctl, GError **error);
int ctl_history (Ctl *ctl, GError **error);
int ctl_check_login (Ctl *ctl, GError **error);
int ctl_check_kerberos (Ctl *ctl, GError **error);
int ctl_explain (Ctl *ctl, GError **error);
