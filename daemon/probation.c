/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "probation.h"

#include <errno.h>
#include <sys/random.h>

#include "action.h"
#include "audit.h"
#include "deadline.h"
#include "history.h"
#include "logins.h"
#include "rollback.h"
#include "truenas-ssh-error.h"
#include "undo.h"

#define TOKEN_BYTES 16

static char *
new_token (GError **error)
{
  guint8 bytes[TOKEN_BYTES];
  g_autoptr (GString) token = g_string_new (NULL);

  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED, "no random bytes: %s",
                   g_strerror (errno));
      return NULL;
    }
  for (gsize i = 0; i < sizeof bytes; i++)
    g_string_append_printf (token, "%02x", bytes[i]);
  return g_string_free (g_steal_pointer (&token), FALSE);
}

static char *
hash_token (const char *token)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, token, -1);
}

gboolean
probation_begin (Journal *journal, const Change *change, char **token, GError **error)
{
  if (change->confirm_on_login && change->login_uid == G_MAXUINT32)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "confirm-on-login: you are not logged in as anybody who could log in again");
      return FALSE;
    }
  if (*journal->boot == '\0')
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
                   "/proc/sys/kernel/random/boot_id: cannot be read, so that a restart of the "
                   "machine could not be told; try again");
      return FALSE;
    }
  *token = new_token (error);
  if (*token == NULL)
    return FALSE;
  g_free (journal->token);
  journal->token = hash_token (*token);
  journal->deadline = journal_now () + (gint64) change->confirm_timeout * G_USEC_PER_SEC;
  journal->on_login = change->confirm_on_login;
  return TRUE;
}

static Journal *
find_pending (GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (Journal) journal = journal_read (&local);

  if (journal != NULL && !journal_is_due (journal))
    return g_steal_pointer (&journal);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_PENDING,
                 "there is no pending change; it was confirmed or rolled back already");
  return NULL;
}

/* What is pending, if the caller may end it. */
static Journal *
find_own (const char *token, guint granted, GError **error)
{
  g_autoptr (Journal) journal = find_pending (error);
  g_autofree char *hash = hash_token (token);

  if (journal == NULL)
    return NULL;
  if (*token == '\0' ? action_covers (granted, journal->actions)
                     : g_str_equal (hash, journal->token))
    return g_steal_pointer (&journal);
  /* The caller was asked for what the one took that was pending then. */
  if (*token == '\0')
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
                 "another change has become pending meanwhile; try again");
  else
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                 "token: this is not the pending change's");
  return NULL;
}

/* caller: (nullable) it was not a call. */
static gboolean
keep (GDBusConnection *bus, const Journal *journal, const Caller *caller, GError **error)
{
  history_note (journal, HISTORY_CONFIRMED);
  if (!journal_remove (error))
    return FALSE;
  audit_change (journal, HISTORY_CONFIRMED, caller);
  deadline_disarm (bus, journal->generation);
  return TRUE;
}

gboolean
probation_confirm (GDBusConnection *bus,
                   const char *token,
                   const Caller *caller,
                   guint granted,
                   GError **error)
{
  g_auto (JournalLock) lock = journal_lock (error);
  g_autoptr (Journal) journal = lock >= 0 ? find_own (token, granted, error) : NULL;

  return journal != NULL && keep (bus, journal, caller, error);
}

gboolean
probation_confirm_by_login (GDBusConnection *bus, const char *session, GError **error)
{
  g_auto (JournalLock) lock = journal_lock (error);
  g_autoptr (Journal) journal = lock >= 0 ? find_pending (error) : NULL;

  return journal != NULL && journal->on_login
         && logins_is_from_outside (bus, session, journal->login_uid, journal->verified)
         && keep (bus, journal, NULL, error);
}

static const char *
find_reason (const Journal *journal)
{
  if (journal->verified == JOURNAL_GIVEN_UP)
    return "it was being rolled back when that was interrupted";
  return journal->verified > 0 ? "nobody confirmed it in time"
                               : "the change was interrupted before it was proven";
}

/* It is tried again every few seconds, and told once. */
static void
note_failure (const Journal *journal, const Caller *caller)
{
  static guint64 told; /* with the journal's lock */

  if (told == journal->generation)
    return;
  told = journal->generation;
  history_note (journal, HISTORY_FAILED);
  audit_change (journal, HISTORY_FAILED, caller);
}

static gboolean
undo (GDBusConnection *bus, const Journal *journal, const Caller *caller, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!rollback (bus, journal, &local))
    {
      note_failure (journal, caller);
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_ROLLBACK_FAILED,
                   "the previous settings could not be brought back: %s", local->message);
      return FALSE;
    }
  audit_change (journal, HISTORY_ROLLED_BACK, caller);
  if (journal->deadline != 0)
    deadline_disarm (bus, journal->generation);
  return TRUE;
}

gboolean
probation_roll_back (GDBusConnection *bus,
                     const char *token,
                     const Caller *caller,
                     guint granted,
                     GError **error)
{
  g_auto (JournalLock) lock = journal_lock (error);
  g_autoptr (Journal) journal = lock >= 0 ? find_own (token, granted, error) : NULL;

  if (journal == NULL)
    return FALSE;
  journal_give_up (journal);
  return undo (bus, journal, caller, error);
}

/* While it is pending, what was to end it has been cut short, whatever the history says already. */
static void
correct_history (const Journal *journal)
{
  g_autoptr (GVariant) history = history_read ();
  const char *told = history_tells (history, journal->generation);

  if (g_strcmp0 (told, history_outcome (HISTORY_PENDING)) != 0)
    history_note (journal, HISTORY_PENDING);
}

gboolean
probation_recover_locked (GDBusConnection *bus, char **reason, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (Journal) journal = journal_read (&local);

  *reason = NULL;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (journal == NULL)
    return TRUE;
  if (!journal_is_due (journal))
    {
      correct_history (journal);
      return TRUE;
    }
  if (!undo (bus, journal, NULL, error))
    return FALSE;
  *reason = g_strdup (find_reason (journal));
  g_message ("Generation %" G_GUINT64_FORMAT " is rolled back: %s", journal->generation, *reason);
  return TRUE;
}

gboolean
probation_recover (GDBusConnection *bus, char **reason, GError **error)
{
  g_auto (JournalLock) lock = journal_lock (error);

  if (lock < 0)
    return FALSE;
  undo_sweep ();
  return probation_recover_locked (bus, reason, error);
}
