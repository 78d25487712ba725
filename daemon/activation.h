/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "change.h"
#include "plan.h"
#include "unit.h"

/* What a change means for the unit that listens: sshd's service itself, or a socket unit in its
 * place. Blocks: for worker threads. */

/* Whether the change moves the machine from the socket to the service. */
gboolean activation_moves (const UnitState *unit, const Change *change);

/* With which arguments sshd is to judge it. */
const char *const *activation_arguments (const UnitState *unit, const Change *change);

/* Whether the unit can do it. changed: names of settings; after: (a{sv}) all of them. */
gboolean activation_check (const UnitState *unit,
                           const Change *change,
                           char **changed,
                           GVariant *after,
                           GError **error);

/* Whether there is something to do for the unit even where no setting gets another value. */
gboolean activation_is_due (GDBusConnection *bus,
                            const UnitState *unit,
                            const Change *change,
                            GVariant *settings);

/* Adds the socket unit's drop-in to the plan, where that changes, and sees to it that nobody else
 * listens where the unit is to listen. */
gboolean activation_plan (GDBusConnection *bus,
                          const UnitState *unit,
                          const Change *change,
                          Plan *plan,
                          GError **error);

/* What of the settings does not hold with this unit, as warnings. (builder of a(sa{sv})) */
void activation_warn (const UnitState *unit, GVariant *settings, GVariantBuilder *warnings);
