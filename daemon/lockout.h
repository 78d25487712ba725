/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "plan.h"

/* The guard of the last way in: a change after which provably nobody who administers the machine
 * could log in is refused with TRUENAS_SSH_ERROR_LOCKOUT, where before it somebody perhaps could.
 * what: the settings, for the message. Asks sshd: for worker threads. */
gboolean lockout_check (const Sshd *sshd,
                        const Plan *plan,
                        const char *what,
                        GCancellable *cancellable,
                        GError **error);
