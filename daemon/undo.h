/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "journal.h"

/* Files, back to what they were before a change. Asks nobody but the kernel, so that it works
 * before sshd starts. Blocks: for worker threads. */

/* As they were, for the interfaces that exist now. The journal stays. */
gboolean undo_files (const Journal *journal, GError **error);

/* Only what the drop-in says about interfaces, for those that exist now. */
gboolean undo_rebind (GError **error);

/* Only what it says about ciphers, for those that sshd's other files allow now. Runs sshd. */
gboolean undo_recipher (GError **error);

/* Takes away what writes that were cut short have left. Only under the journal's lock. */
void undo_sweep (void);
