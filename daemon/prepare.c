/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs before every start of sshd: undoes a change that a crash or a reboot has cut short, or that
 * nobody has confirmed, and renders for the interfaces that exist now and the ciphers that the
 * distribution allows now. Where interfaces are bound, it has the service follow them from then on.
 * Whatever happens here, sshd starts. */

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

static gboolean
recover (const Journal *journal, GError **error)
{
  HistoryOutcome outcome = undo (journal, error) ? HISTORY_ROLLED_BACK : HISTORY_FAILED;

  history_note (journal, outcome);
  if (outcome == HISTORY_ROLLED_BACK && !journal_remove (error))
    outcome = HISTORY_FAILED;
  audit_change (journal, outcome, NULL);
  return outcome == HISTORY_ROLLED_BACK;
}

/* It has the socket down while files change; here, only what is not up yet can change. */
static gboolean
leave_to_service (GError **error)
{
  return tell ("start", "--no-block", "truenas-ssh.service", error);
}

static gboolean
is_down (const char *unit)
{
  g_autofree char *state = systemctl ("show", "--property=ActiveState", unit, NULL);

  return state != NULL
         && (g_str_equal (state, "ActiveState=inactive\n")
             || g_str_equal (state, "ActiveState=failed\n"));
}

/* In this boot, whoever has made the change is there again in a moment, or its time is up, and then
 * the service is woken for it. In the next one, the socket is not open yet. What starts at boot is
 * settled by now: that has to be put right behind us. */
static gboolean
recover_socket (const Journal *journal, GError **error)
{
  if (!journal_is_old (journal) || (*journal->socket != '\0' && !is_down (journal->socket)))
    return leave_to_service (error);
  if (journal->moves)
    return undo_files (journal, error) && leave_to_service (error);
  return recover (journal, error) || (leave_to_service (NULL) && FALSE);
}

/* The service is at work. Where it has changed files and has sshd restarted over it, it knows what
 * it does; while it only looks, a device can have gone that it has not heard of yet. */
static int
run_beside (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Journal) journal = journal_read (NULL);

  if ((journal != NULL && journal_is_due (journal)) || undo_rebind (&error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}

/* One that is late has to be bound as well, without anybody calling the service. */
static void
follow_interfaces (void)
{
  g_autoptr (GError) error = NULL;

  if (binding_exists (&error))
    leave_to_service (&error);
  if (error != NULL)
    g_printerr ("Nothing follows the interfaces as they come and go: %s\n", error->message);
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
  if (lock >= 0)
    follow_interfaces ();
  if (error == NULL && late == NULL)
    return 0;
  g_printerr ("%s\n", error ? error->message : late->message);
  return 1;
}
