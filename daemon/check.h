/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "config-tree.h"
#include "sshd-config.h"
#include "sshd.h"
#include "trial.h"

/* Whether a configuration does what the settings say, before it is used; and if not, whose line it
 * is. Runs sshd: for worker threads. */

/* Where the drop-in's configuration comes from, for messages. */
typedef struct
{
  const SshdConfig *config;
  guint n_header;    /* lines of the drop-in before it */
  gboolean restored; /* other files are as they were before ours changed them */
} CheckSource;

/* Where a line of a file as it was before ours changed it is now. */
guint check_line_on_disk (const char *path, guint line);

/* What sshd says about a tree; an error that names the caller's line or a file's, and quotes
 * nothing that the caller did not write. */
Effective *check_accepted (const Trial *trial,
                           const CheckSource *source,
                           GCancellable *cancellable,
                           GError **error);

/* Where sshd refuses an auxiliary text without telling the place: makes the error tell the line
 * without which it would take it, if there is one. files: (element-type filename utf8) the
 * configuration around it. */
void check_auxiliary_blame (const Sshd *sshd,
                            GHashTable *files,
                            const char *text,
                            GCancellable *cancellable,
                            GError **error);

/* Whether what settings turn off is not all that AuthenticationMethods lets somebody in by. */
gboolean check_methods (const ConfigTree *tree,
                        const SshdConfigFacts *facts,
                        const CheckSource *source,
                        GError **error);

/* Where sshd refuses a configuration over AuthenticationMethods, without telling the place: makes
 * the error tell it. */
void check_methods_blame (Trial *trial,
                          const ConfigTree *tree,
                          const CheckSource *source,
                          GCancellable *cancellable,
                          GError **error);

/* Whether it does what is managed, also for those to whom earlier Match blocks may apply. */
gboolean check_holds (const ConfigTree *tree,
                      const SshdConfigFacts *facts,
                      const Effective *effective,
                      GError **error);
