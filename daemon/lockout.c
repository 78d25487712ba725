/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lockout.h"

#include "administrators.h"
#include "inquiry.h"
#include "trial.h"
#include "truenas-ssh-error.h"

/* Of more people nothing can be proven in reasonable time. */
#define MAX_PEOPLE 64

/* So many are named. */
#define MAX_NAMED 8

typedef struct
{
  const Sshd *sshd;
  const Plan *plan;
  GCancellable *cancellable;
  KeyReader *reader;  /* (owned) */
  GPtrArray *names;   /* (owned) of those who could not log in after the change */
  GPtrArray *reasons; /* (owned) */
} Guard;

static void
guard_clear (Guard *self)
{
  g_clear_pointer (&self->reader, key_reader_free);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->reasons, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Guard, guard_clear)

/* 1. After the change. */

/* Whether perhaps somebody could; whoever could not is noted. */
static gboolean
anybody_of (Guard *self, const char *const *people, Inquiry *inquiry)
{
  for (gsize i = 0; people[i] != NULL; i++)
    {
      g_autoptr (Verdict) verdict = NULL;

      if (g_ptr_array_find_with_equal_func (self->names, people[i], g_str_equal, NULL))
        continue;
      verdict = inquiry_ask (inquiry, people[i], self->cancellable);
      if (verdict->answer != ANSWER_NO)
        return TRUE;
      g_ptr_array_add (self->names, g_strdup (people[i]));
      g_ptr_array_add (self->reasons, g_steal_pointer (&verdict->reason));
    }
  return FALSE;
}

/* All users are only gone through where it comes to that. */
static gboolean
anybody_after (Guard *self)
{
  g_autoptr (Inquiry) inquiry =
      inquiry_new (self->sshd, self->plan->trial, self->plan->tree, self->reader);
  g_auto (GStrv) listed = NULL;
  g_auto (GStrv) others = NULL;
  gboolean all;

  listed = administrators_listed (MAX_PEOPLE, &all);
  if (anybody_of (self, (const char *const *) listed, inquiry) || !all)
    return TRUE;
  others = administrators_by_number (MAX_PEOPLE, &all);
  return anybody_of (self, (const char *const *) others, inquiry) || !all;
}

/* 2. Before it. */

/* A configuration that cannot be looked at may let anybody in. */
static gboolean
anybody_before (const Guard *self)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ConfigTree) tree = config_tree_load (self->sshd->main_config, nothing, NULL);
  g_autoptr (Trial) trial = tree ? trial_new (self->sshd, tree, NULL) : NULL;
  g_autoptr (Inquiry) inquiry = trial ? inquiry_new (self->sshd, trial, tree, self->reader) : NULL;

  for (guint i = 0; inquiry != NULL && i < self->names->len; i++)
    {
      g_autoptr (Verdict) verdict =
          inquiry_ask (inquiry, g_ptr_array_index (self->names, i), self->cancellable);

      if (verdict->answer != ANSWER_NO)
        return TRUE;
    }
  return inquiry == NULL;
}

/* 3. The message. */

/* Names of files are no text. */
static char *
describe (const Guard *self)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < self->names->len && i < MAX_NAMED; i++)
    g_string_append_printf (all, "%s%s: %s", i > 0 ? "; " : "",
                            (const char *) g_ptr_array_index (self->names, i),
                            (const char *) g_ptr_array_index (self->reasons, i));
  if (self->names->len > MAX_NAMED)
    g_string_append_printf (all, "; and %u more", self->names->len - MAX_NAMED);
  return g_utf8_make_valid (all->str, (gssize) all->len);
}

gboolean
lockout_check (const Sshd *sshd,
               const Plan *plan,
               const char *what,
               GCancellable *cancellable,
               GError **error)
{
  g_auto (Guard) self = { .sshd = sshd,
                          .plan = plan,
                          .cancellable = cancellable,
                          .reader = key_reader_new (),
                          .names = g_ptr_array_new_with_free_func (g_free),
                          .reasons = g_ptr_array_new_with_free_func (g_free) };
  g_autofree char *people = NULL;

  if (anybody_after (&self) || !anybody_before (&self))
    return TRUE;
  people = describe (&self);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_LOCKOUT,
               "%s: nobody who administers this machine could log in any more (%s); give somebody "
               "a key, try the change out with confirm-timeout, or force it with allow-lockout",
               what, people);
  return FALSE;
}
