/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "access.h"
#include "config-tree.h"
#include "key-reader.h"
#include "sshd.h"
#include "trial.h"

/* Whether somebody could log in by a configuration, from somewhere. Asks sshd and the name service,
 * and reads users' files: for worker threads. */

typedef struct _Inquiry Inquiry;

/* By a configuration on trial. All but the tree have to outlive it. */
Inquiry *
inquiry_new (const Sshd *sshd, const Trial *trial, const ConfigTree *tree, KeyReader *reader);
void inquiry_free (Inquiry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Inquiry, inquiry_free)

/* How a user could log in from one place. origin: that place and its end here, for -C, as of
 * match_origins (). client: what of it is certain. NULL: sshd does not say. */
Access *inquiry_ask_from (Inquiry *self,
                          const Account *account,
                          const char *origin,
                          const PatternClient *client,
                          GCancellable *cancellable);

/* How a user could log in from one place or another. NULL: they cannot all be told apart, or sshd
 * does not say. */
Access *inquiry_ask_anywhere (Inquiry *self, const Account *account, GCancellable *cancellable);

/* The best that can be said of a user, wherever the client is; what cannot be told, is a maybe. The
 * reason for a no says what stands in the way. */
Verdict *inquiry_ask (Inquiry *self, const char *user, GCancellable *cancellable);
