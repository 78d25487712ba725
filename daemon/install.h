/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "journal.h"
#include "plan.h"
#include "unit.h"

/* Makes sshd do what a plan says and proves it, or goes back to where it was. Blocks: for a worker
 * thread, which has the journal's lock. */

typedef struct
{
  GDBusConnection *bus;
  const UnitState *unit;
  const Sshd *sshd;
  const Plan *plan;
  Journal *journal; /* gets the plan's files; on probation, it stays when all is done */
  gboolean moves;   /* from the socket unit to the service */
  gboolean start;   /* sshd, if it does not run */
} Install;

/* Fails with TRUENAS_SSH_ERROR_APPLY_FAILED if sshd did not come to do it, ROLLBACK_FAILED if
 * neither it could be undone, and with another error if sshd has seen nothing of it. */
gboolean install_run (const Install *self, GError **error);
