/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "access-key.h"

#include <string.h>

#include "access-account.h"
#include "authorized-key.h"
#include "key-file.h"

/* One key. */

/* Some types have signatures of other names. */
static gboolean
is_accepted (const AccessFacts *facts, const char *type)
{
  static const char *const rsa[] = { "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", NULL };
  const char *list = effective_get (facts->effective, "pubkeyacceptedalgorithms");

  if (*list == '\0' || pattern_list_matches (list, type))
    return TRUE;
  for (gsize i = 0; g_str_equal (type, "ssh-rsa") && rsa[i] != NULL; i++)
    if (pattern_list_matches (list, rsa[i]))
      return TRUE;
  return g_str_has_prefix (type, "sk-ecdsa-")
         && pattern_list_matches (list, "webauthn-sk-ecdsa-sha2-nistp256@openssh.com");
}

static gboolean
is_large_enough (const AccessFacts *facts, const AuthorizedKey *key)
{
  guint64 least = g_ascii_strtoull (effective_get (facts->effective, "requiredrsasize"), NULL, 10);

  return key->bits == 0 || key->bits >= least;
}

static void
check_place (const AccessFacts *facts, const AuthorizedKey *key, const char *path, Verdict *verdict)
{
  PatternClient client = access_client (facts);
  Answer answer = pattern_list_matches_client (key->from, &client);

  verdict_limit (verdict, answer, "the key in %s counts from some places only", path);
}

static Verdict *
decide_key (const AccessFacts *facts, const AuthorizedKey *key, const char *path)
{
  Verdict *verdict = verdict_yes ();

  if (key->expires != 0 && key->expires < facts->now)
    verdict_limit (verdict, ANSWER_NO, "the key in %s has expired", path);
  if (key->from != NULL)
    check_place (facts, key, path, verdict);
  if (key->authority)
    {
      verdict_limit (verdict, ANSWER_MAYBE, "with a certificate of an authority in %s", path);
      return verdict;
    }
  if (!is_accepted (facts, key->type))
    verdict_limit (verdict, ANSWER_NO, "the key in %s is of a type that is not accepted", path);
  if (!is_large_enough (facts, key))
    verdict_limit (verdict, ANSWER_NO, "the key in %s is too short", path);
  if (facts->account->uid == 0 && !key->forced
      && effective_is (facts->effective, "permitrootlogin", "forced-commands-only"))
    verdict_limit (verdict, ANSWER_NO, "PermitRootLogin forced-commands-only");
  if (key->forced)
    verdict_limit (verdict, ANSWER_MAYBE, "the key in %s runs one command only", path);
  if (key->strange || key->restricted)
    verdict_limit (verdict, ANSWER_MAYBE, "the key in %s is restricted", path);
  return verdict;
}

/* One file. */

static Verdict *
decide_file (const AccessFacts *facts, const KeyFile *file)
{
  Verdict *best = verdict_new (ANSWER_NO, "no authorized key in %s", file->path);

  for (guint i = 0; i < file->keys->len; i++)
    {
      g_autoptr (Verdict) verdict =
          decide_key (facts, g_ptr_array_index (file->keys, i), file->path);

      if (i == 0 || verdict->answer > best->answer)
        {
          verdict_free (best);
          best = g_steal_pointer (&verdict);
        }
    }
  if (file->partly)
    {
      g_autoptr (Verdict) rest = verdict_new (ANSWER_MAYBE, "%s is very large", file->path);

      verdict_raise_by (best, rest);
    }
  return best;
}

/* sshd would not even look into a file that it may not use. */
static Verdict *
decide_usable_file (const AccessFacts *facts, const KeyFile *file)
{
  g_autoptr (Verdict) keys = NULL;
  Verdict *verdict = verdict_copy (file->verdict);

  if (verdict->answer == ANSWER_NO || (verdict->answer == ANSWER_MAYBE && file->keys->len == 0))
    return verdict;
  keys = decide_file (facts, file);
  verdict_limit_by (verdict, keys);
  return verdict;
}

/* All files, and what is not in files. */

static Verdict *
decide_files (const AccessFacts *facts)
{
  Verdict *best = NULL;
  const char *first_missing = NULL;

  if (facts->key_files == NULL)
    return verdict_new (ANSWER_MAYBE, "its files do not answer");
  for (guint i = 0; i < facts->key_files->len; i++)
    {
      const KeyFile *file = g_ptr_array_index (facts->key_files, i);
      g_autoptr (Verdict) verdict = decide_usable_file (facts, file);

      if (file->missing && first_missing == NULL)
        first_missing = file->path;
      if (file->missing || (best != NULL && verdict->answer <= best->answer))
        continue;
      g_clear_pointer (&best, verdict_free);
      best = g_steal_pointer (&verdict);
    }
  if (best != NULL)
    return best;
  if (first_missing != NULL)
    return verdict_new (ANSWER_NO, "no authorized key in %s", first_missing);
  return verdict_new (ANSWER_NO, "no AuthorizedKeysFile");
}

static gboolean
is_named (const AccessFacts *facts, const char *keyword)
{
  const char *value = effective_get (facts->effective, keyword);

  return *value != '\0' && g_ascii_strcasecmp (value, "none") != 0;
}

Verdict *
access_key_decide (const AccessFacts *facts)
{
  Verdict *verdict;

  if (!access_is_on (facts, "pubkeyauthentication"))
    return verdict_new (ANSWER_NO, "no login with a key (PubkeyAuthentication off)");
  verdict = decide_files (facts);
  if (is_named (facts, "revokedkeys"))
    verdict_limit (verdict, ANSWER_MAYBE, "its key may be among the RevokedKeys");
  if (is_named (facts, "authorizedkeyscommand"))
    {
      g_autoptr (Verdict) command =
          verdict_new (ANSWER_MAYBE, "AuthorizedKeysCommand may know a key");

      verdict_raise_by (verdict, command);
    }
  if (is_named (facts, "trustedusercakeys"))
    {
      g_autoptr (Verdict) authority = verdict_new (ANSWER_MAYBE, "with a certificate");

      verdict_raise_by (verdict, authority);
    }
  return verdict;
}
