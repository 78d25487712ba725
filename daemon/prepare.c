/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs before every start of sshd: undoes a change that a crash or a reboot has cut short, or that
 * nobody has confirmed, and renders for the interfaces that exist now and the ciphers that the
 * distribution allows now. What cannot be finished here is left to the service, which it starts
 * for that. Whatever happens here, sshd starts. */

#include "config.h"

#include "audit.h"
#include "binding.h"
#include "history.h"
#include "journal.h"
#include "systemctl.h"
#include "truenas-ssh-error.h"
#include "undo.h"

static gboolean
tell (const char *verb, const char *option, const char *unit, GError **error)
{
  g_autofree char *answer = systemctl (verb, option, unit, error);

  return answer != NULL;
}

/* Where a socket unit's file goes back, systemd has to read it before it opens the socket. */
static gboolean
undo (const Journal *journal, GError **error)
{
  return undo_files (journal, error)
         && (!journal_has_socket (journal) || tell ("daemon-reload", NULL, NULL, error));
}

/* In the boot in which it was made, sshd has to be seen to be back as well, however often it fails
 * to start: that is the service's, with the journal. */
static gboolean
recover (const Journal *journal, GError **error)
{
  HistoryOutcome outcome;

  if (!journal_is_old (journal))
    return undo_files (journal, error);
  outcome = undo (journal, error) ? HISTORY_ROLLED_BACK : HISTORY_FAILED;
  history_note (journal, outcome);
  if (outcome == HISTORY_ROLLED_BACK && !journal_remove (error))
    outcome = HISTORY_FAILED;
  audit_change (journal, outcome, NULL);
  return outcome == HISTORY_ROLLED_BACK;
}

static gboolean
is_down (const char *unit)
{
  g_autofree char *state = systemctl ("show", "--property=ActiveState", unit, NULL);

  return state != NULL
         && (g_str_equal (state, "ActiveState=inactive\n")
             || g_str_equal (state, "ActiveState=failed\n"));
}

/* The service has the socket down while files change; here, only what is not up yet can change. In
 * this boot, whoever has made the change is there again in a moment, or its time is up. In the next
 * one, the socket is not open yet. What starts at boot is settled by now: that has to be put right
 * behind us. */
static gboolean
recover_socket (const Journal *journal, GError **error)
{
  if (!journal_is_old (journal) || (*journal->socket != '\0' && !is_down (journal->socket)))
    return TRUE;
  return journal->moves ? undo_files (journal, error) : recover (journal, error);
}

/* What is on probation, or could not be undone here, has to come to its end, and an interface that
 * is late has to be bound, without anybody calling the service. */
static gboolean
leave_the_rest_to_the_service (GError **error)
{
  g_autoptr (GError) unreadable = NULL;
  g_autoptr (Journal) journal = journal_read (&unreadable);

  if (journal == NULL && unreadable == NULL && !binding_exists (NULL))
    return TRUE;
  return tell ("start", "--no-block", "truenas-ssh.service", error);
}

/* The service is at work. Where it has changed files and has sshd restarted over it, it knows what
 * it does; while it only looks, a device can have gone that it has not heard of yet. It may also be
 * about to end. */
static int
run_beside (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Journal) journal = journal_read (NULL);

  if (journal == NULL || !journal_is_due (journal))
    undo_rebind (&error);
  leave_the_rest_to_the_service (error ? NULL : &error);
  if (error == NULL)
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) late = NULL;
  g_auto (JournalLock) lock = journal_try_lock (&error);
  g_autoptr (Journal) journal = NULL;

  if (lock < 0 && g_error_matches (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_BUSY))
    return run_beside ();
  if (lock >= 0)
    undo_sweep ();
  journal = lock >= 0 ? journal_read (&error) : NULL;
  if (journal != NULL && journal_is_due (journal))
    (journal_has_socket (journal) ? recover_socket : recover) (journal, &error);
  /* Whatever else went wrong: over a device that is gone, sshd would not start. */
  if (undo_rebind (&late) && lock >= 0)
    undo_recipher (&late);
  leave_the_rest_to_the_service (error || late ? NULL : &late);
  if (error == NULL && late == NULL)
    return 0;
  g_printerr ("%s\n", error ? error->message : late->message);
  return 1;
}
