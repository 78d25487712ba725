/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "inquiry.h"

#include <string.h>

#include "match.h"
#include "trial.h"

/* Each costs a run of sshd, some milliseconds. */
#define MAX_ORIGINS 24
#define MAX_RUNS    200

struct _Inquiry
{
  const Sshd *sshd;
  const Trial *trial;
  KeyReader *reader;   /* (owned) */
  char **origins;      /* (owned) (nullable) they are too many */
  gboolean asks_user;  /* the configuration is not the same for everybody */
  GHashTable *answers; /* (owned) connection → Effective */
  guint runs;
};

Inquiry *
inquiry_new (const Sshd *sshd, const Trial *trial, const ConfigTree *tree, KeyReader *reader)
{
  Inquiry *self = g_new0 (Inquiry, 1);

  self->sshd = sshd;
  self->trial = trial;
  self->reader = reader;
  self->origins = match_origins (tree, MAX_ORIGINS);
  self->asks_user = match_asks_for_user (tree);
  self->answers =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) effective_free);
  return self;
}

void
inquiry_free (Inquiry *self)
{
  g_strfreev (self->origins);
  g_hash_table_unref (self->answers);
  g_free (self);
}

/* sshd's words for a user who comes this way; NULL: it does not say. */
static const Effective *
ask_sshd (Inquiry *self, const char *user, const char *origin, GCancellable *cancellable)
{
  g_autofree char *connection =
      g_strdup_printf ("user=%s%s", self->asks_user ? user : "root", origin);
  const Effective *known = g_hash_table_lookup (self->answers, connection);
  g_autoptr (GPtrArray) complaints = NULL;
  Effective *effective;

  if (known != NULL || self->runs++ >= MAX_RUNS)
    return known;
  effective = trial_run (self->trial, connection, &complaints, cancellable, NULL);
  if (effective != NULL)
    g_hash_table_insert (self->answers, g_steal_pointer (&connection), effective);
  return effective;
}

/* The files that sshd would look into. */
static GPtrArray *
read_key_files (const Inquiry *self, const Account *account, const Effective *effective)
{
  g_auto (GStrv) patterns = g_strsplit (effective_get (effective, "authorizedkeysfile"), " ", -1);
  const KeyRules rules = { .patterns = (const char *const *) patterns,
                           .strict = effective_is (effective, "strictmodes", "yes"),
                           .private_groups = self->sshd->private_groups };

  return key_reader_ask (self->reader, account, &rules);
}

static const char *
find_nologin (void)
{
  static const char *const files[] = { "/etc/nologin", "/run/nologin" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (g_file_test (files[i], G_FILE_TEST_EXISTS))
      return files[i];
  return NULL;
}

static Access *
decide (const Inquiry *self,
        const Account *account,
        const Effective *effective,
        const PatternClient *client)
{
  const char *service = effective_get (effective, "pamservicename");
  const Pam pam = pam_read (NULL, *service != '\0' ? service : "sshd");
  g_autoptr (GPtrArray) key_files = read_key_files (self, account, effective);
  const AccessFacts facts = { .account = account,
                              .effective = effective,
                              .client = *client,
                              .pam = &pam,
                              .nologin = find_nologin (),
                              .key_files = key_files,
                              .now = g_get_real_time () / G_USEC_PER_SEC };

  return access_decide (&facts);
}

Access *
inquiry_ask_from (Inquiry *self,
                  const Account *account,
                  const char *origin,
                  const PatternClient *client,
                  GCancellable *cancellable)
{
  const Effective *effective = ask_sshd (self, account->name, origin, cancellable);

  return effective ? decide (self, account, effective, client) : NULL;
}

static Verdict *
ask_from (Inquiry *self, const Account *account, const char *origin, GCancellable *cancellable)
{
  const PatternClient anywhere = { NULL, NULL };
  g_autoptr (Access) access = inquiry_ask_from (self, account, origin, &anywhere, cancellable);
  g_autofree char *obstacles = NULL;

  if (access == NULL)
    return verdict_new (ANSWER_MAYBE, "sshd does not say what it would do");
  if (access_answer (access) == ANSWER_NO)
    obstacles = access_obstacles (access);
  return verdict_new (access_answer (access), "%s", obstacles ? obstacles : "");
}

Access *
inquiry_ask_anywhere (Inquiry *self, const Account *account, GCancellable *cancellable)
{
  const PatternClient anywhere = { NULL, NULL };
  g_autoptr (Access) best = NULL;

  for (gsize i = 0; self->origins != NULL && self->origins[i] != NULL; i++)
    {
      g_autoptr (Access) access =
          inquiry_ask_from (self, account, self->origins[i], &anywhere, cancellable);

      if (access == NULL)
        return NULL;
      if (best == NULL)
        best = g_steal_pointer (&access);
      else
        access_raise_by (best, access);
    }
  return g_steal_pointer (&best);
}

/* A comma would end the name where sshd is asked. */
Verdict *
inquiry_ask (Inquiry *self, const char *user, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Account) account = account_read (user, &error);
  g_autoptr (Verdict) best = NULL;

  if (error != NULL || self->origins == NULL || strchr (user, ',') != NULL)
    return verdict_new (ANSWER_MAYBE, "it cannot be told");
  if (account == NULL)
    return verdict_new (ANSWER_NO, "there is no such user");
  for (gsize i = 0; self->origins[i] != NULL; i++)
    {
      g_autoptr (Verdict) verdict = ask_from (self, account, self->origins[i], cancellable);

      if (best == NULL)
        best = g_steal_pointer (&verdict);
      else
        verdict_raise_by (best, verdict);
      if (best->answer != ANSWER_NO)
        break;
    }
  return g_steal_pointer (&best);
}
