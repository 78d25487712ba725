/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "access.h"

#include <string.h>

#include "access-account.h"
#include "access-key.h"

static void
access_way_free (AccessWay *self)
{
  g_free (self->methods);
  g_clear_pointer (&self->verdict, verdict_free);
  g_free (self);
}

void
access_free (Access *self)
{
  g_clear_pointer (&self->account, verdict_free);
  g_clear_pointer (&self->ways, g_ptr_array_unref);
  g_free (self);
}

/* Methods, each on its own. NULL as a reason: it is switched off, as it usually is. */

static Verdict *
switched_off (void)
{
  Verdict *verdict = verdict_yes ();

  verdict->answer = ANSWER_NO;
  return verdict;
}

/* The password that is asked for, by sshd itself or through PAM. */
static void
check_password (const AccessFacts *facts, const char *what, Verdict *verdict)
{
  gboolean pam = access_is_on (facts, "usepam");
  AccountPassword password = facts->account->password;

  if (facts->account->uid == 0 && !access_is_on (facts, "permitrootlogin"))
    verdict_limit (verdict, ANSWER_NO, "no %s login (PermitRootLogin %s)", what,
                   effective_get (facts->effective, "permitrootlogin"));
  else if (pam && !facts->pam->passwords_local)
    verdict_limit (verdict, ANSWER_MAYBE, "PAM may know a password");
  else if (password == ACCOUNT_PASSWORD_NONE)
    verdict_limit (verdict, ANSWER_NO, "no %s login (it has no password)", what);
  else if (password == ACCOUNT_PASSWORD_UNKNOWN)
    verdict_limit (verdict, ANSWER_MAYBE, "it cannot be told whether it has a password");
  else if (password == ACCOUNT_PASSWORD_EMPTY && !access_is_on (facts, "permitemptypasswords"))
    verdict_limit (verdict, ANSWER_NO, "no %s login (its password is empty)", what);
  else if (password == ACCOUNT_PASSWORD_EMPTY && pam)
    verdict_limit (verdict, ANSWER_MAYBE, "its password is empty");
}

static Verdict *
decide_password (const AccessFacts *facts)
{
  Verdict *verdict;

  if (!access_is_on (facts, "passwordauthentication"))
    return verdict_new (ANSWER_NO, "no password login (PasswordAuthentication off)");
  verdict = verdict_yes ();
  if (access_is_on (facts, "kerberosauthentication")
      && (facts->account->uid != 0 || access_is_on (facts, "permitrootlogin")))
    verdict_limit (verdict, ANSWER_MAYBE, "with a Kerberos password");
  else
    check_password (facts, "password", verdict);
  return verdict;
}

static Verdict *
decide_keyboard_interactive (const AccessFacts *facts)
{
  Verdict *verdict;

  if (!access_is_on (facts, "kbdinteractiveauthentication") || !access_is_on (facts, "usepam"))
    return switched_off ();
  verdict = verdict_yes ();
  check_password (facts, "keyboard-interactive", verdict);
  return verdict;
}

static Verdict *
decide_gssapi (const AccessFacts *facts)
{
  if (!access_is_on (facts, "gssapiauthentication"))
    return switched_off ();
  if (facts->account->uid == 0
      && effective_is (facts->effective, "permitrootlogin", "forced-commands-only"))
    return verdict_new (ANSWER_NO, "no Kerberos login (PermitRootLogin forced-commands-only)");
  return verdict_new (ANSWER_MAYBE, "with a Kerberos ticket");
}

static Verdict *
decide_hostbased (const AccessFacts *facts)
{
  if (!access_is_on (facts, "hostbasedauthentication"))
    return switched_off ();
  if (facts->account->uid == 0
      && effective_is (facts->effective, "permitrootlogin", "forced-commands-only"))
    return verdict_new (ANSWER_NO, "no host based login (PermitRootLogin forced-commands-only)");
  return verdict_new (ANSWER_MAYBE, "from a trusted host");
}

/* In the order in which they are told. */
static const struct
{
  const char *name;
  Verdict *(*decide) (const AccessFacts *facts);
} methods[] = {
  { "password", decide_password },    { "keyboard-interactive", decide_keyboard_interactive },
  { "publickey", access_key_decide }, { "gssapi-with-mic", decide_gssapi },
  { "hostbased", decide_hostbased },
};

/* Ways: a method, or several in AuthenticationMethods. */

/* "method" or "method:device". */
static Verdict *
decide_named (const AccessFacts *facts, const char *name)
{
  gsize length = strcspn (name, ":");

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (strlen (methods[i].name) == length && strncmp (methods[i].name, name, length) == 0)
      return methods[i].decide (facts);
  return verdict_new (ANSWER_MAYBE, "by the method %s", name);
}

/* sshd does not take the same key twice. */
static Verdict *
decide_list (const AccessFacts *facts, const char *list)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);
  Verdict *verdict = verdict_yes ();

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr (Verdict) one = decide_named (facts, names[i]);

      verdict_limit_by (verdict, one);
      for (gsize j = 0; j < i; j++)
        if (g_str_equal (names[i], names[j]))
          verdict_limit (verdict, ANSWER_MAYBE, "with two keys");
    }
  return verdict;
}

static void
add_way (Access *self, const char *name, Verdict *verdict /* (transfer full) */)
{
  AccessWay *way = g_new0 (AccessWay, 1);

  way->methods = g_strdup (name);
  way->verdict = verdict;
  g_ptr_array_add (self->ways, way);
}

static void
add_ways (Access *self, const AccessFacts *facts)
{
  const char *required = effective_get (facts->effective, "authenticationmethods");
  g_auto (GStrv) lists = g_strsplit (required, " ", -1);

  if (*required == '\0' || g_str_equal (required, "any"))
    for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
      add_way (self, methods[i].name, methods[i].decide (facts));
  else
    for (gsize i = 0; lists[i] != NULL; i++)
      add_way (self, lists[i], decide_list (facts, lists[i]));
}

Access *
access_decide (const AccessFacts *facts)
{
  Access *self = g_new0 (Access, 1);

  self->account = access_account_decide (facts);
  self->ways = g_ptr_array_new_with_free_func ((GDestroyNotify) access_way_free);
  if (facts->account != NULL)
    add_ways (self, facts);
  for (guint i = 0; i < self->ways->len; i++)
    {
      AccessWay *way = g_ptr_array_index (self->ways, i);

      verdict_limit_by (way->verdict, self->account);
    }
  return self;
}

static AccessWay *
find_way (const Access *self, const char *name)
{
  for (guint i = 0; i < self->ways->len; i++)
    {
      AccessWay *way = g_ptr_array_index (self->ways, i);

      if (g_str_equal (way->methods, name))
        return way;
    }
  return NULL;
}

void
access_raise_by (Access *self, const Access *other)
{
  verdict_raise_by (self->account, other->account);
  for (guint i = 0; i < other->ways->len; i++)
    {
      const AccessWay *theirs = g_ptr_array_index (other->ways, i);
      AccessWay *ours = find_way (self, theirs->methods);

      if (ours != NULL)
        verdict_raise_by (ours->verdict, theirs->verdict);
      else
        add_way (self, theirs->methods, verdict_copy (theirs->verdict));
    }
}

Answer
access_answer (const Access *self)
{
  Answer best = ANSWER_NO;

  for (guint i = 0; i < self->ways->len; i++)
    {
      const AccessWay *way = g_ptr_array_index (self->ways, i);

      best = MAX (best, way->verdict->answer);
    }
  return best;
}

char *
access_obstacles (const Access *self)
{
  g_autoptr (GString) all = g_string_new (NULL);

  if (self->account->answer == ANSWER_NO)
    return g_strdup (self->account->reason);
  for (guint i = 0; i < self->ways->len; i++)
    {
      const AccessWay *way = g_ptr_array_index (self->ways, i);

      if (way->verdict->answer != ANSWER_NO || way->verdict->reason == NULL)
        continue;
      if (all->len > 0)
        g_string_append (all, ", ");
      if (strchr (way->methods, ',') != NULL)
        g_string_append_printf (all, "%s: ", way->methods);
      g_string_append (all, way->verdict->reason);
    }
  if (all->len == 0)
    g_string_append (all, "every method is off");
  return g_string_free (g_steal_pointer (&all), FALSE);
}
