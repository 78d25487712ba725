/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "transaction.h"

#include "activation.h"
#include "audit.h"
#include "details.h"
#include "drop-in.h"
#include "generation.h"
#include "guard.h"
#include "history.h"
#include "install.h"
#include "journal.h"
#include "login-check.h"
#include "plan.h"
#include "power.h"
#include "probation.h"
#include "settings.h"
#include "store.h"
#include "truenas-ssh-error.h"
#include "unit.h"

#define MAX_TRIES 3

typedef struct
{
  GDBusConnection *bus;
  const Change *change;
  GCancellable *cancellable;

  UnitState *unit;    /* (owned) */
  Sshd *sshd;         /* (owned) */
  char *text;         /* (owned) (nullable) the drop-in as it was */
  DropIn *drop_in;    /* (owned) */
  GVariant *after;    /* (owned) the settings asked for */
  guint64 generation; /* the settings\' so far */
  guint64 expected;   /* what if-generation comes to */
  char **changed;     /* (owned) */
} Transaction;

static void
transaction_clear (Transaction *self)
{
  g_clear_pointer (&self->unit, unit_state_free);
  g_clear_pointer (&self->sshd, sshd_free);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->drop_in, drop_in_free);
  g_clear_pointer (&self->after, g_variant_unref);
  g_clear_pointer (&self->changed, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Transaction, transaction_clear)

/* 1. What is there, and what is asked for. */

static gboolean
check_state (const Transaction *self, GError **error)
{
  if (self->drop_in->edited && !self->change->overwrite_edits)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
                   DROP_IN_PATH ": was edited by hand; carry the edits over, or allow them to be "
                                "replaced with overwrite-edits");
      return FALSE;
    }
  if (self->change->has_generation && self->expected != self->generation)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
                   "if-generation: the settings are at generation %" G_GUINT64_FORMAT
                   ", not %" G_GUINT64_FORMAT "; read them again",
                   self->generation, self->change->generation);
      return FALSE;
    }
  return TRUE;
}

/* polkit was asked by what was known before; that has to cover what is found now. Root was not
 * asked about. */
static gboolean
check_granted (const Transaction *self, Action granted, GError **error)
{
  GVariant *before = self->drop_in->settings;
  Action needed = change_actions (self->change, before, self->after);
  g_autoptr (GVariant) details = details_of_change (self->change, before, self->after);

  if (action_covers (granted, needed & ~ACTION_INSPECT)
      && (self->change->uid == 0 || details_cover (self->change->told, details)))
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
               "the settings have changed since you were authorised; try again");
  return FALSE;
}

static gboolean
read_generation (Transaction *self, GError **error)
{
  const guint64 own = self->drop_in->generation;

  if (!self->change->dry_run)
    return generation_note_drop_in (self->text, own, &self->generation, error);
  if (!generation_read (&self->generation, error))
    return FALSE;
  self->generation = MAX (self->generation, own);
  return TRUE;
}

static gboolean
read_state (Transaction *self, Action granted, GError **error)
{
  self->unit = unit_state_settle (self->bus, error);
  self->sshd = self->unit ? sshd_read (self->unit->sshd_path,
                                       activation_arguments (self->unit, self->change),
                                       self->cancellable, error)
                          : NULL;
  if (self->sshd == NULL || !store_read (DROP_IN_PATH, &self->text, error))
    return FALSE;

  self->drop_in = drop_in_parse (self->text);
  if (!read_generation (self, error) || !check_state (self, error))
    return FALSE;
  self->after = change_merge (self->change, self->drop_in->settings, error);
  if (self->after == NULL || !check_granted (self, granted, error))
    return FALSE;
  self->changed = settings_changed (self->drop_in->settings, self->after);
  return TRUE;
}

/* 2. Whether the machine can do it. */

static Plan *
check (const Transaction *self, GError **error)
{
  const Guard guard = { .change = self->change,
                        .sshd = self->sshd,
                        .before = self->drop_in->settings,
                        .after = self->after,
                        .changed = (const char *const *) self->changed,
                        .edited = self->drop_in->edited,
                        .cancellable = self->cancellable };
  g_autoptr (Plan) plan = NULL;

  if (!activation_check (self->unit, self->change, self->changed, self->after, error)
      || !guard_check_settings (&guard, error))
    return NULL;
  plan = plan_make (self->sshd, self->text, self->after, self->generation + 1,
                    self->change->replace_foreign, self->cancellable, error);
  if (plan == NULL || !activation_plan (self->bus, self->unit, self->change, plan, error)
      || !guard_check_plan (&guard, plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

/* 3. To be done. */

/* For the history only, which goes without it before it keeps anybody from anything. */
static char *
make_diff (const Plan *plan)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *diff = plan_diff (plan, NULL, &error);

  if (diff == NULL)
    g_message ("The history lacks a diff: %s", error->message);
  return history_cut (diff ? diff : "");
}

static Journal *
make_journal (const Transaction *self, const Plan *plan, char **token, GError **error)
{
  g_autoptr (Journal) journal = journal_new ();

  g_variant_unref (journal->before);
  journal->before = g_variant_ref (self->drop_in->settings);
  g_variant_unref (journal->after);
  journal->after = g_variant_ref (self->after);
  journal->actions = change_actions (self->change, journal->before, journal->after);
  journal->uid = self->change->uid;
  journal->login_uid = self->change->login_uid;
  g_free (journal->diff);
  journal->diff = make_diff (plan);
  if (self->change->confirm_timeout > 0 && !probation_begin (journal, self->change, token, error))
    return NULL;
  return g_steal_pointer (&journal);
}

static gboolean
install (const Transaction *self, const Plan *plan, Journal *journal, GError **error)
{
  const Install install = { .bus = self->bus,
                            .unit = self->unit,
                            .sshd = self->sshd,
                            .plan = plan,
                            .journal = journal,
                            .moves = activation_moves (self->unit, self->change),
                            .start = self->change->start };
  g_autofree char *edit = NULL;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (!self->drop_in->edited)
    return install_run (&install, error);
  edit = history_compare (self->text);
  if (!store_keep_edited (self->text, plan->generation, error) || !install_run (&install, error))
    return FALSE;
  history_note_edit (self->generation, edit);
  audit_edit (journal, self->generation, self->text);
  return TRUE;
}

/* The results of a change, of one that was only tried, and of none. */

static void
add_results (const Transaction *self, guint64 generation, const Plan *plan, GVariantBuilder *result)
{
  g_variant_builder_add (result, "{sv}", "generation", g_variant_new_uint64 (generation));
  g_variant_builder_add (result, "{sv}", "changed",
                         g_variant_new_strv ((const char *const *) self->changed, -1));
  g_variant_builder_add (result, "{sv}", "warnings",
                         plan ? plan->warnings : g_variant_new ("a(sa{sv})", NULL));
}

static gboolean
apply (const Transaction *self, const Plan *plan, GVariantBuilder *result, GError **error)
{
  g_autofree char *token = NULL;
  g_autoptr (Journal) journal = make_journal (self, plan, &token, error);

  if (journal == NULL || !install (self, plan, journal, error))
    return FALSE;
  add_results (self, plan->generation, plan, result);
  if (token == NULL)
    return TRUE;
  g_variant_builder_add (result, "{sv}", "token", g_variant_new_string (token));
  g_variant_builder_add (result, "{sv}", "deadline",
                         g_variant_new_uint64 (journal_deadline_realtime (journal)));
  return TRUE;
}

static gboolean
try_out (const Transaction *self, const Plan *plan, GVariantBuilder *result, GError **error)
{
  g_autofree char *diff = plan_diff (plan, self->cancellable, error);
  g_autoptr (GVariant) logins = NULL;

  if (diff == NULL)
    return FALSE;
  if (self->change->logins[0] != NULL)
    logins = login_check_planned (self->sshd, plan, (const char *const *) self->change->logins,
                                  self->cancellable, error);
  if (self->change->logins[0] != NULL && logins == NULL)
    return FALSE;
  add_results (self, self->generation, plan, result);
  if (logins != NULL)
    g_variant_builder_add (result, "{sv}", "logins", logins);
  g_variant_builder_add (result, "{sv}", "config", g_variant_new_string (plan->config));
  g_variant_builder_add (result, "{sv}", "diff", g_variant_new_string (diff));
  return TRUE;
}

static gboolean
keep (const Transaction *self, GVariantBuilder *result, GError **error)
{
  if (self->change->start && !power_start (self->bus, error))
    return FALSE;
  add_results (self, self->generation, NULL, result);
  return TRUE;
}

/* The whole. */

/* Where no setting gets another value, there may be something to do for the unit: for whoever may
 * change where it listens. */
static gboolean
is_due (const Transaction *self, Action granted)
{
  return (activation_moves (self->unit, self->change)
          || action_covers (granted, settings_action (SETTING_TCP_PORT)))
         && activation_is_due (self->bus, self->unit, self->change, self->after);
}

static gboolean
run (Transaction *self, Action granted, GVariantBuilder *result, GError **error)
{
  g_autoptr (Plan) plan = NULL;

  if (!read_state (self, granted, error))
    return FALSE;
  if (self->changed[0] == NULL && !self->drop_in->edited && !self->change->dry_run
      && !is_due (self, granted))
    return keep (self, result, error);
  plan = check (self, error);
  if (plan == NULL)
    return FALSE;
  return self->change->dry_run ? try_out (self, plan, result, error)
                               : apply (self, plan, result, error);
}

/* What is on probation has to end first; what was left half done is undone here. */
static gboolean
check_journal (GDBusConnection *bus, GError **error)
{
  g_autofree char *reason = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (Journal) journal = NULL;

  if (!probation_recover_locked (bus, &reason, error))
    return FALSE;
  journal = journal_read (&local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (journal == NULL)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_BUSY,
               "a change is pending; confirm it or roll it back first");
  return FALSE;
}

/* Our own try has used up numbers; where it is the drop-in that somebody has changed, the settings
 * are no longer those that the caller knows. */
static gboolean
expect_own (Transaction *self, GError **error)
{
  g_autofree char *text = NULL;

  if (!store_read (DROP_IN_PATH, &text, error))
    return FALSE;
  return g_strcmp0 (text, self->text) != 0 || generation_read (&self->expected, error);
}

/* A file that is another one since it was read, as where sshd is started over a device that has
 * gone, is read again. */
static gboolean
run_on_what_is (Transaction *self, Action granted, GVariantBuilder *result, GError **error)
{
  g_autoptr (GError) local = NULL;

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_clear_error (&local);
      transaction_clear (self);
      if (run (self, granted, result, &local))
        return TRUE;
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!expect_own (self, error))
        return FALSE;
    }
  g_set_error_literal (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT, local->message);
  return FALSE;
}

GVariant *
transaction_apply (GDBusConnection *bus,
                   const Change *change,
                   Action granted,
                   GCancellable *cancellable,
                   GError **error)
{
  g_auto (Transaction) self = {
    .bus = bus, .change = change, .cancellable = cancellable, .expected = change->generation
  };
  g_auto (GVariantBuilder) result = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_auto (JournalLock) lock = -1;

  if (!change->dry_run)
    {
      lock = journal_lock (error);
      if (lock < 0 || !check_journal (bus, error))
        return NULL;
    }
  if (!run_on_what_is (&self, granted, &result, error))
    return NULL;
  return g_variant_ref_sink (g_variant_builder_end (&result));
}
