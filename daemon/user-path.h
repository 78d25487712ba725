/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/stat.h>

#include "account.h"
#include "verdict.h"

/* A file as a user has it, told by somebody who may look at everything. May hang on a server that
 * is gone. */

/* The file, if it is a regular one, opened without setting anything off, and what it is; else -1,
 * and the verdict says why. missing: whether there is nothing at all. */
int user_path_open (const char *path, struct stat *info, gboolean *missing, Verdict *verdict);

/* Whether the user could read it. user: what counts is name, uid, gids and home. */
void user_path_check_readable (const Account *user,
                               const char *path,
                               const struct stat *info,
                               Verdict *verdict);

/* A file or folder that a group may write to. */
typedef struct
{
  char *path; /* (owned) */
  gid_t group;
  uid_t owner;
} UserPathGroup;

void user_path_group_free (UserPathGroup *self);

/* Whether nobody but root and the user could change it or what stands in its place, as StrictModes
 * asks; what groups may write to is added to groups (element-type UserPathGroup), and not judged.
 */
void user_path_check_strict (const Account *user,
                             const char *path,
                             const struct stat *info,
                             GPtrArray *groups,
                             Verdict *verdict);
