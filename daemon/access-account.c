/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "access-account.h"

#include <string.h>

gboolean
access_is_on (const AccessFacts *facts, const char *keyword)
{
  return effective_is (facts->effective, keyword, "yes");
}

/* Without UseDNS, the address is its name. */
PatternClient
access_client (const AccessFacts *facts)
{
  PatternClient client = facts->client;

  if (client.host == NULL && !access_is_on (facts, "usedns"))
    client.host = client.address;
  return client;
}

/* DenyUsers, AllowUsers, DenyGroups, AllowGroups. */

static Answer
matches_users (const AccessFacts *facts, const char *keyword)
{
  const char *const *patterns = effective_list (facts->effective, keyword);
  PatternClient client = access_client (facts);
  Answer best = ANSWER_NO;

  for (gsize i = 0; patterns[i] != NULL; i++)
    best = MAX (best, pattern_matches_user (patterns[i], facts->account->name, &client));
  return best;
}

static gboolean
matches_groups (const AccessFacts *facts, const char *keyword)
{
  const char *const *patterns = effective_list (facts->effective, keyword);

  for (gsize i = 0; patterns[i] != NULL; i++)
    for (gsize j = 0; facts->account->groups[j] != NULL; j++)
      if (pattern_matches (patterns[i], facts->account->groups[j]))
        return TRUE;
  return FALSE;
}

static gboolean
is_set (const AccessFacts *facts, const char *keyword)
{
  return effective_list (facts->effective, keyword)[0] != NULL;
}

static void
check_users (const AccessFacts *facts, Verdict *verdict)
{
  Answer denied = matches_users (facts, "denyusers");
  Answer allowed = is_set (facts, "allowusers") ? matches_users (facts, "allowusers") : ANSWER_YES;

  if (denied == ANSWER_YES)
    verdict_limit (verdict, ANSWER_NO, "DenyUsers keeps it out");
  else if (denied == ANSWER_MAYBE)
    verdict_limit (verdict, ANSWER_MAYBE, "DenyUsers keeps it out from some places");
  if (allowed == ANSWER_NO)
    verdict_limit (verdict, ANSWER_NO, "not in AllowUsers");
  else if (allowed == ANSWER_MAYBE)
    verdict_limit (verdict, ANSWER_MAYBE, "AllowUsers lets it in from some places only");
}

static void
check_groups (const AccessFacts *facts, Verdict *verdict)
{
  if (matches_groups (facts, "denygroups"))
    verdict_limit (verdict, ANSWER_NO, "DenyGroups keeps it out");
  if (is_set (facts, "allowgroups") && !matches_groups (facts, "allowgroups"))
    verdict_limit (verdict, ANSWER_NO, "in none of AllowGroups");
}

/* The shell. */

/* A server of its own, which needs no shell, lets even those have files that no shell lets in. */
static gboolean
serves_files (const AccessFacts *facts)
{
  const char *const *subsystems = effective_list (facts->effective, "subsystem");

  for (gsize i = 0; subsystems[i] != NULL; i++)
    if (g_str_has_prefix (subsystems[i], "sftp internal-sftp"))
      return TRUE;
  return g_str_has_prefix (effective_get (facts->effective, "forcecommand"), "internal-sftp");
}

static gboolean
turns_away (const char *shell)
{
  g_autofree char *name = g_path_get_basename (shell);

  return g_str_equal (name, "nologin") || g_str_equal (name, "false");
}

static void
check_shell (const AccessFacts *facts, Verdict *verdict)
{
  const char *shell = facts->account->shell;
  const char *command = effective_get (facts->effective, "forcecommand");
  const char *chroot = effective_get (facts->effective, "chrootdirectory");

  if (*command != '\0' && g_ascii_strcasecmp (command, "none") != 0)
    verdict_limit (verdict, ANSWER_MAYBE, "ForceCommand lets it do one thing only");
  if (*chroot != '\0' && g_ascii_strcasecmp (chroot, "none") != 0)
    verdict_limit (verdict, ANSWER_MAYBE, "locked up in %s", chroot);
  else if (!facts->account->shell_runs)
    verdict_limit (verdict, ANSWER_NO, "its shell %s is no program", shell);
  else if (turns_away (shell) && serves_files (facts))
    verdict_limit (verdict, ANSWER_MAYBE, "its shell is %s, but it gets at files", shell);
  else if (turns_away (shell))
    verdict_limit (verdict, ANSWER_NO, "its shell is %s", shell);
}

/* The shadow entry, which PAM judges, or sshd itself. */

static void
check_age (const AccessFacts *facts, Verdict *verdict)
{
  gboolean pam = access_is_on (facts, "usepam");
  AccountAge age = facts->account->age;

  if (pam && !facts->pam->accounts_local)
    verdict_limit (verdict, ANSWER_MAYBE, "PAM decides by more than the machine's own files");
  if (age == ACCOUNT_AGE_UNKNOWN)
    verdict_limit (verdict, ANSWER_MAYBE, "it cannot be told whether it has expired");
  else if (age == ACCOUNT_AGE_EXPIRED)
    verdict_limit (verdict, pam && !facts->pam->accounts_local ? ANSWER_MAYBE : ANSWER_NO,
                   "the account has expired");
  else if (age == ACCOUNT_AGE_INACTIVE && pam)
    verdict_limit (verdict, facts->pam->accounts_local ? ANSWER_NO : ANSWER_MAYBE,
                   "its password has expired");
  else if (age != ACCOUNT_AGE_FINE)
    verdict_limit (verdict, ANSWER_MAYBE, "its password has to be changed");
  if (!pam && facts->account->locked)
    verdict_limit (verdict, ANSWER_NO, "the account is locked");
}

static void
check_nologin (const AccessFacts *facts, Verdict *verdict)
{
  gboolean pam = access_is_on (facts, "usepam");

  if (facts->nologin == NULL || facts->account->uid == 0)
    return;
  if (pam ? facts->pam->nologin : g_str_equal (facts->nologin, "/etc/nologin"))
    verdict_limit (verdict, ANSWER_NO, "%s is there", facts->nologin);
}

Verdict *
access_account_decide (const AccessFacts *facts)
{
  Verdict *verdict;

  if (facts->account == NULL)
    return verdict_new (ANSWER_NO, "there is no such user");
  verdict = verdict_yes ();
  if (access_is_on (facts, "refuseconnection"))
    verdict_limit (verdict, ANSWER_NO, "RefuseConnection");
  if (effective_is (facts->effective, "maxsessions", "0"))
    verdict_limit (verdict, ANSWER_NO, "MaxSessions 0");
  if (facts->account->uid == 0 && effective_is (facts->effective, "permitrootlogin", "no"))
    verdict_limit (verdict, ANSWER_NO, "PermitRootLogin no");
  check_users (facts, verdict);
  check_groups (facts, verdict);
  check_shell (facts, verdict);
  check_age (facts, verdict);
  check_nologin (facts, verdict);
  return verdict;
}
