/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "effective.h"
#include "folder.h"

/* The sshd of this machine, which judges what the daemon thinks of a configuration. Without it
 * there is no test. */

#define REAL_SSHD "/usr/sbin/sshd"

/* Makes what sshd needs before it judges anything: a folder with a host key. */
void real_sshd_set_up (void);
void real_sshd_tear_down (void);

/* What it has said, and how it ended. */
typedef struct
{
  int status; /* as wait(2) tells it */
  char *out;  /* (owned) */
  char *err;  /* (owned) */
} RealAnswer;

void real_answer_free (RealAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RealAnswer, real_answer_free)

/* For files that go at the end. */
const Folder *real_sshd_folder (void);

/* A line with a directive, as sshd has taken it in. */
typedef struct
{
  guint line;
  char *keyword; /* (owned) (nullable) as it is written; NULL: sshd did not tell it apart */
  char *text;    /* (owned) keyword, a space, what follows; the keyword alone: nothing does */
  gboolean bad_quotes;
} RealLine;

/* (element-type RealLine) What sshd takes in of these lines, of which no one must contain a line
 * break: all that are none of its comments, other than Match and Include. */
GPtrArray *real_sshd_lines (const char *const *lines);

/* sshd with these arguments. */
RealAnswer *real_sshd_run (const char *const *args);

/* `sshd -t` for a text. */
RealAnswer *real_sshd_test (const char *text);

/* The text without the lines that sshd refuses: they are left blank. */
char *real_sshd_accepted (const char *text);

/* `sshd -T` for a text. */
RealAnswer *real_sshd_print (const char *text);

/* The same as a value; NULL: sshd refuses it. */
Effective *real_sshd_try (const char *text);

/* The same for a text that it has to accept, or for such a file, with a connection (nullable). */
Effective *real_sshd_effective (const char *text);
Effective *real_sshd_effective_file (const char *path, const char *connection);
