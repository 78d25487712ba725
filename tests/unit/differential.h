/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* What the service makes of an auxiliary text, held against what the machine's sshd makes of it. */

/* After real_sshd_set_up (). */
void differential_set_up (void);
void differential_tear_down (void);

/* Settings beside the text: with each number other ones. */
#define DIFFERENTIAL_N_VARIANTS 3

typedef struct
{
  guint accepted; /* lines with a directive that sshd has taken */
  guint ours;     /* lines that the service refuses by itself */
  guint theirs;   /* lines that sshd refuses */
  guint harmless; /* texts that need no more than configure-auxiliary */
  guint processes;
} DifferentialCounts;

/* What is wrong with a text, NULL where nothing is:
 * - a refusal names a line; without it the next one comes up, so that in the end all that is left
 *   is accepted by both;
 * - sshd refuses what we refuse on its behalf, naming the same line, and takes what we take;
 * - in the drop-in every line is to sshd what it was to it as the caller wrote it;
 * - written once more, it stays as it is;
 * - no setting has another value than without the text;
 * - where the text is harmless, nothing has that is not.
 */
char *differential_check (const char *text, guint variant, DifferentialCounts *counts);

/* What is wrong with a change from one text to another that both are accepted: where it needs no
 * more than configure-auxiliary, nothing but harmless values differ. */
char *differential_check_change (const char *before,
                                 const char *after,
                                 guint variant,
                                 DifferentialCounts *counts);
