/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "plan.h"

/* Whether users could log in, and how, in the words of the interface. Asks sshd and the name
 * service, and reads users' files: for worker threads. */

/* What CheckLogin () answers, by the configuration on disk. address: "" for anywhere. */
GVariant *login_check (GDBusConnection *bus,
                       const char *user,
                       const char *address,
                       GVariant *options,
                       GCancellable *cancellable,
                       GError **error);

/* a{sa{sv}}: the same for each of these users, from anywhere, by a configuration that is planned.
 */
GVariant *login_check_planned (const Sshd *sshd,
                               const Plan *plan,
                               const char *const *users,
                               GCancellable *cancellable,
                               GError **error);
