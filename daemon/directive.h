/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* One line of sshd_config(5), read as sshd reads it. */

typedef struct
{
  char *keyword; /* (owned) in lower case; empty where a quote in it is left open */
  char **args;   /* (owned) unquoted; NULL where the quotes are not balanced */
} Directive;

void directive_free (Directive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Directive, directive_free)

/* NULL for a line without one: empty, or a comment. */
Directive *directive_parse (const char *line);

/* As one argument of a line, quoted where it has to be. */
char *directive_quote (const char *arg);
