/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "account.h"

/* Asks the one program of ours that may look into users' files what keys there are. Blocks, for a
 * while at most: for worker threads. */

typedef struct _KeyReader KeyReader;

/* It starts while others go on. */
KeyReader *key_reader_new (void);
void key_reader_free (KeyReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyReader, key_reader_free)

/* How sshd looks at the files. */
typedef struct
{
  const char *const *patterns; /* AuthorizedKeysFile */
  gboolean strict;             /* StrictModes */
  gboolean private_groups;     /* a group may write if the user is alone in it */
} KeyRules;

/* (element-type KeyFile) in sshd's order. NULL: it does not answer in time, as where the files are
 * on a server that is gone. */
GPtrArray *key_reader_ask (KeyReader *self, const Account *account, const KeyRules *rules);
