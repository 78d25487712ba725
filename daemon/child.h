/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Runs a program to its end and collects what it prints. Blocks: for worker threads. */

typedef struct
{
  int status; /* exit status, or -1 where a signal ended it */
  char *out;  /* (owned) standard output, valid UTF-8 */
  char *err;  /* (owned) standard error, valid UTF-8 */
} ChildResult;

void child_result_free (ChildResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChildResult, child_result_free)

/* At most five seconds, half a gigabyte of memory and nothing to write: the program may be made to
 * read anything. Fails only where it could not be run to its end. */
ChildResult *child_run (const char *const *argv, GCancellable *cancellable, GError **error);

/* What REGEX, in its first group, finds in a line that the program prints as an error; it ends
 * then, and is not waited for. NULL where there is none. */
char *child_find (const char *const *argv, const GRegex *regex, GCancellable *cancellable);
