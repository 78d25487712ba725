/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "journal.h"

/* Back to the settings before a change: the files, and sshd, which is seen to serve as before. The
 * journal is gone only then. Blocks: for a worker thread, which has the journal's lock. */
gboolean rollback (GDBusConnection *bus, const Journal *journal, GError **error);
