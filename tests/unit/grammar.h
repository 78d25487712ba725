/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Makes up auxiliary texts: what the syntax of sshd_config(5) allows, what it comes close to
 * allowing, and what an attacker would try. */
typedef struct
{
  GRand *rand;
  const GPtrArray *keywords;  /* (element-type utf8) of sshd */
  GHashTable *values;         /* (element-type utf8 GPtrArray) what some of them take */
  const char *const *favours; /* keywords that are to come often */
  gboolean faithful;          /* no others */
} Grammar;

/* One line without its end. wild: sshd need not take it. */
void grammar_append_line (const Grammar *self, GString *text, gboolean wild);

/* A few lines, with their ends. matches: there may be Match blocks. */
char *grammar_text (const Grammar *self, gboolean wild, gboolean matches);
