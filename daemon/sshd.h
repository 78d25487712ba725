/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "child.h"

/* The sshd of this machine: what it is, and what it can do. Runs it: for worker threads. */

typedef struct
{
  char *path;                      /* (owned) of the program */
  char *main_config;               /* (owned) of its main configuration file */
  char *version;                   /* (owned) as it names itself, "OpenSSH_9.2p1" */
  char **weak_ciphers;             /* (owned) what WeakCiphers can be */
  char **arguments;                /* (owned) that its unit gives it, see UnitState */
  gboolean private_groups;         /* lets a group write where its only member may: Debian's */
  gboolean second_subsystem_fatal; /* two Subsystem lines of one name: else the first one counts */
} Sshd;

void sshd_free (Sshd *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sshd, sshd_free)

/* Asks the program, unless it is the one that was asked last. path: (nullable) where it usually is.
 * arguments: (nullable) those of its command line that it is to be asked with. */
Sshd *sshd_read (const char *path,
                 const char *const *arguments,
                 GCancellable *cancellable,
                 GError **error);

/* One run of the program, with a limit of time. */
ChildResult *
sshd_run (const char *path, const char *const *args, GCancellable *cancellable, GError **error);
