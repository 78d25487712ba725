/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "account.h"
#include "effective.h"
#include "pam.h"
#include "pattern.h"
#include "verdict.h"

/* Whether somebody can log in, and how: decided from facts as sshd decides it. Pure. */

/* One way to prove who one is. */
typedef struct
{
  char *methods;    /* (owned) "publickey", or all that are needed together, "publickey,password" */
  Verdict *verdict; /* (owned) whether that lets the user in */
} AccessWay;

typedef struct
{
  Verdict *account; /* (owned) whether sshd lets this account in, however it proves who it is */
  GPtrArray *ways;  /* (owned) (element-type AccessWay) */
} Access;

void access_free (Access *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Access, access_free)

/* What decides. */
typedef struct
{
  const Account *account;     /* (nullable) there is no such user */
  const Effective *effective; /* sshd's configuration for this user and client */
  PatternClient client;
  const Pam *pam;
  const char *nologin;        /* (nullable) the file that keeps out everybody but root */
  const GPtrArray *key_files; /* (nullable) (element-type KeyFile) NULL: they do not answer */
  gint64 now;                 /* s since the Epoch */
} AccessFacts;

Access *access_decide (const AccessFacts *facts);

/* Each way is no worse than there: what could be from one place or the other. */
void access_raise_by (Access *self, const Access *other);

/* The best of all ways. */
Answer access_answer (const Access *self);

/* What stands in the way, in English: "no authorized key in …, no password login (…)". */
char *access_obstacles (const Access *self);
