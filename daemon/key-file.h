/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "account.h"
#include "verdict.h"

/* A user's files of authorized keys, as sshd would find them when it acts as that user. */

typedef struct
{
  char *path;        /* (owned) */
  gboolean missing;  /* it is not there */
  gboolean partly;   /* it is too large to be read to its end */
  Verdict *verdict;  /* (owned) whether sshd would take keys from it */
  GPtrArray *groups; /* (owned) (element-type UserPathGroup) who would have to be trusted as well */
  GPtrArray *keys;   /* (owned) (element-type AuthorizedKey) */
} KeyFile;

void key_file_free (KeyFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyFile, key_file_free)

/* (element-type KeyFile) in sshd's order. user: what counts is name, uid, gids and home. patterns:
 * AuthorizedKeysFile. strict: StrictModes. Reads them, and may hang on a server that is gone. */
GPtrArray *key_files_read (const Account *user, const char *const *patterns, gboolean strict);

/* All of them as a value, and back. */
#define KEY_FILES_TYPE "a(aybbuaya(ayuu)a(ayubbbbayx))"
GVariant *key_files_serialize (const GPtrArray *files);
GPtrArray *key_files_deserialize (GVariant *value);
