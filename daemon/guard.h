/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "change.h"
#include "plan.h"

/* What keeps a change from being made on this machine, whatever sshd says to it: names that there
 * are not, doors that it would open or shut without saying so. Asks sshd, the name service and the
 * KDC: for worker threads. */

typedef struct
{
  const Change *change;
  const Sshd *sshd;
  GVariant *before;           /* a{sv} */
  GVariant *after;            /* a{sv} */
  const char *const *changed; /* names of settings */
  gboolean edited;            /* the drop-in, by hand */
  GCancellable *cancellable;
} Guard;

/* Before there is a plan. */
gboolean guard_check_settings (const Guard *self, GError **error);

/* Of what the plan leads to. */
gboolean guard_check_plan (const Guard *self, const Plan *plan, GError **error);
