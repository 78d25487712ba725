/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "journal.h"

/* Who has changed the settings, when, what, and what became of it: one entry for each change, in a
 * file of the service's own. That it cannot be written keeps nobody from changing anything. Blocks:
 * for worker threads, and for whoever runs before sshd starts. */

typedef enum
{
  HISTORY_APPLIED,
  HISTORY_PENDING,
  HISTORY_CONFIRMED,
  HISTORY_ROLLED_BACK,
  HISTORY_FAILED, /* neither the change nor the way back came about */
  HISTORY_EDITED, /* not ours: an edit by hand that a change has replaced */
} HistoryOutcome;

#define HISTORY_N_OUTCOMES (HISTORY_EDITED + 1)

const char *history_outcome (HistoryOutcome outcome);

/* The file's text as a value, (saa{sv}): the drop-in as it was last written, and the entries. NULL:
 * it cannot be understood. */
GVariant *history_parse (const char *text);

/* aa{sv}, newest first; with what only history_find () needs. Empty where there is none, or none
 * that can be understood. */
GVariant *history_read (void);

/* The same in the words of the interface. */
GVariant *history_list (GVariant *history);

/* The managed settings of a generation: a{sv}. */
GVariant *history_find (GVariant *history, guint64 generation, GError **error);

/* (nullable) What has become of a change, in the words of the interface. */
const char *history_tells (GVariant *history, guint64 generation);

/* The rest is for whoever has the journal's lock. */

/* Writes down what has become of a change, in the place of what was said of it before. To be called
 * while the journal is still there: if this is cut short, it is what brings it up again. */
void history_note (const Journal *journal, HistoryOutcome outcome);

/* What somebody has made of the drop-in, as a diff from what was written last. */
char *history_compare (const char *text);

/* Writes it down: generation is the edited text's. */
void history_note_edit (guint64 generation, const char *diff);

/* A diff of a size that is kept; what is left out, its last line says. */
char *history_cut (const char *diff);
