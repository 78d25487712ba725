/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* An answer to the question whether somebody gets in, and what it hangs on. */

typedef enum
{
  ANSWER_NO,    /* provably not */
  ANSWER_MAYBE, /* it depends on what cannot be seen from here */
  ANSWER_YES,
} Answer;

typedef struct
{
  Answer answer;
  char *reason; /* (owned) (nullable) a few words in English; NULL for a yes */
} Verdict;

Verdict *verdict_new (Answer answer, const char *format, ...) G_GNUC_PRINTF (2, 3);
Verdict *verdict_yes (void);
Verdict *verdict_copy (const Verdict *self);
void verdict_free (Verdict *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Verdict, verdict_free)

/* It is no better than this; of two reasons the worse answer's counts, and the first. */
void verdict_limit (Verdict *self, Answer most, const char *format, ...) G_GNUC_PRINTF (3, 4);
void verdict_limit_by (Verdict *self, const Verdict *other);

/* It is no worse than this. */
void verdict_raise_by (Verdict *self, const Verdict *other);
