/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "action.h"
#include "change.h"

/* A change from its check to its proof, or back. Blocks: for a worker thread, one at a time. */

/* The result of Apply(). granted: what the caller may do; more is not done. cancellable counts
 * until the first file is replaced: from then on the change is finished. */
GVariant *transaction_apply (GDBusConnection *bus,
                             const Change *change,
                             Action granted,
                             GCancellable *cancellable,
                             GError **error);
