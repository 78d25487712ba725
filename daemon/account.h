/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <shadow.h>
#include <sys/types.h>

/* A user's account, as the name service and the shadow file tell. */

typedef enum
{
  ACCOUNT_PASSWORD_UNKNOWN, /* it is not in the shadow file, or of no kind that is known here */
  ACCOUNT_PASSWORD_NONE,    /* no password would be taken */
  ACCOUNT_PASSWORD_EMPTY,
  ACCOUNT_PASSWORD_SET,
} AccountPassword;

typedef enum
{
  ACCOUNT_AGE_UNKNOWN,
  ACCOUNT_AGE_FINE,
  ACCOUNT_AGE_CHANGE,   /* the password has to be changed at the next login */
  ACCOUNT_AGE_INACTIVE, /* and was not in time */
  ACCOUNT_AGE_EXPIRED,  /* the account */
} AccountAge;

typedef struct
{
  char *name; /* (owned) */
  uid_t uid;
  char *home;          /* (owned) */
  char *shell;         /* (owned) */
  gboolean shell_runs; /* it is a file that can be executed */
  GArray *gids;        /* (owned) (element-type gid_t) */
  char **groups;       /* (owned) their names */
  gboolean locked;     /* as `usermod -L` does */
  AccountPassword password;
  AccountAge age;
} Account;

/* NULL without an error: there is no such user. Errors: the name service failed. Blocks: for worker
 * threads. */
Account *account_read (const char *name, GError **error);
void account_free (Account *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Account, account_free)

/* What a password field, and the rest of the shadow entry on a day since the Epoch, come to. Pure.
 */
AccountPassword account_judge_password (const char *field);
AccountAge account_judge_age (const struct spwd *entry, glong today);
