/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "install.h"

#include "audit.h"
#include "deadline.h"
#include "generation.h"
#include "history.h"
#include "rollback.h"
#include "socket-file.h"
#include "store.h"
#include "switch.h"
#include "trial.h"
#include "truenas-ssh-error.h"
#include "undo.h"
#include "verify.h"

/* 1. Files. */

static gboolean
replace_file (const PlanFile *file, GError **error)
{
  return socket_file_is (file->path)
             ? store_replace_in_folder (file->path, file->after, file->mode, error)
             : store_update (file->path, file->before, file->after, file->mode, error);
}

/* What somebody else has changed since it was read is not ours to put back, but where a socket is
 * down for it: then all goes back, and the history has what was there. */
static gboolean
replace_files (const Install *self, gboolean down, GError **error)
{
  for (guint i = 0; i < self->plan->files->len; i++)
    {
      GError *local = NULL;

      if (replace_file (g_ptr_array_index (self->plan->files, i), &local))
        continue;
      if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG) && !down)
        journal_leave_out (self->journal, i);
      g_propagate_error (error, local);
      return FALSE;
    }
  return TRUE;
}

/* Before a socket is taken down for it. */
static gboolean
check_unchanged (const Install *self, GError **error)
{
  for (guint i = 0; i < self->plan->files->len; i++)
    {
      const PlanFile *file = g_ptr_array_index (self->plan->files, i);

      if (store_is_still (file->path, file->before, error))
        continue;
      journal_leave_out (self->journal, 0);
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_running (const UnitState *unit)
{
  return !g_str_equal (unit->service_active_state, "inactive")
         && !g_str_equal (unit->service_active_state, "failed");
}

static gboolean
is_open (const UnitState *unit)
{
  return unit->socket_activated && g_str_equal (unit->active_state, "active");
}

static void
fill_socket (const Install *self)
{
  g_free (self->journal->socket);
  self->journal->socket = g_strdup (self->unit->socket_activated ? self->unit->name : "");
  g_free (self->journal->service);
  self->journal->service = g_strdup (self->unit->service);
  self->journal->open = is_open (self->unit);
  self->journal->moves = self->moves;
  self->journal->socket_on_boot = self->unit->socket_activated && self->unit->start_on_boot;
  self->journal->service_on_boot = self->unit->service_on_boot;
}

static void
fill_journal (const Install *self)
{
  fill_socket (self);
  self->journal->generation = self->plan->generation;
  self->journal->running = is_running (self->unit);
  for (guint i = 0; i < self->plan->files->len; i++)
    {
      const PlanFile *file = g_ptr_array_index (self->plan->files, i);

      journal_add_file (self->journal, file->path, file->before, file->mode, file->after);
    }
}

/* 2. sshd. */

/* Where it was to listen so far; nowhere, if its configuration is broken now. */
static GPtrArray *
find_served (const Install *self)
{
  g_autoptr (Effective) effective = trial_effective_known (self->sshd);

  return effective ? effective_endpoints (effective)
                   : g_ptr_array_new_with_free_func ((GDestroyNotify) endpoint_free);
}

static gboolean
check_files (const Install *self, GError **error)
{
  g_autoptr (Effective) effective = trial_effective (self->sshd, NULL, error);

  if (effective == NULL)
    return FALSE;
  if (effective_equal (effective, self->plan->effective))
    return TRUE;
  g_set_error (
      error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
      "sshd reads something else from its files than was checked; did somebody change one?");
  return FALSE;
}

/* A socket-activated sshd does not survive a reload; its socket stays. */
static gboolean
tell (const Install *self, GPtrArray *endpoints, GHashTable *before, GError **error)
{
  g_autoptr (UnitState) now = self->unit->queued ? unit_state_read (self->bus, error) : NULL;

  if (self->unit->queued && now == NULL)
    return FALSE;
  /* It reads the files when it starts, if nobody calls that off. */
  if (now != NULL && (now->queued || g_str_equal (now->service_active_state, "inactive")))
    return TRUE;
  if (self->unit->socket_activated)
    return unit_restart (self->bus, self->unit->service, NULL, error)
           && verify_opened (self->bus, NULL, TRUE, NULL, error);
  return unit_reload (self->bus, self->unit->name, NULL, error)
         && verify_listening (self->bus, endpoints, before, error);
}

static gboolean
start (const Install *self, GPtrArray *endpoints, GError **error)
{
  return unit_start (self->bus, self->unit->name, NULL, error)
         && (self->unit->socket_activated ? verify_opened (self->bus, NULL, FALSE, NULL, error)
                                          : verify_listening (self->bus, endpoints, NULL, error));
}

/* systemd can lose sight of a server that runs, as where a unit with two names is unmasked. It
 * would go on with the old settings, and nobody could tell it of the new ones. */
static gboolean
check_known (const Install *self, const GPtrArray *served, GError **error)
{
  if (is_running (self->unit) || self->unit->socket_activated
      || !verify_is_forgotten (self->unit, served))
    return TRUE;
  g_set_error (
      error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
      "%s: systemd takes it for stopped, but its server still runs; end that one, and start "
      "the unit",
      self->unit->service);
  return FALSE;
}

/* Makes sshd use what the files say, and proves it. */
static gboolean
use (const Install *self, GHashTable *before, GError **error)
{
  g_autoptr (GPtrArray) endpoints = effective_endpoints (self->plan->effective);

  if (!check_files (self, error))
    return FALSE;
  /* The drop-in of a socket unit that is not in use. */
  if (self->plan->socket_changes && !unit_daemon_reload (self->bus, NULL, error))
    return FALSE;
  if (is_running (self->unit))
    return tell (self, endpoints, before, error);
  return !self->start || start (self, endpoints, error);
}

/* 3. The same where the socket unit itself changes, or gives way to the service: the time in which
 * nobody can connect is as short as can be, so that all else comes before or after it. */

/* A unit that cannot be enabled would be gone after the next boot. */
static gboolean
check_boot (const Install *self, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (self->bus, error);

  if (unit == NULL)
    return FALSE;
  if (unit->service_on_boot)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
               "%s: systemd does not start it at boot; see `systemctl is-enabled %s`",
               unit->service, unit->service);
  return FALSE;
}

static gboolean
move (const Install *self, GError **error)
{
  gboolean on_boot = self->unit->start_on_boot || self->unit->service_on_boot;
  gboolean up = is_open (self->unit) || is_running (self->unit) || self->start;
  g_autoptr (GPtrArray) endpoints = effective_endpoints (self->plan->effective);

  return switch_boot (self->bus, self->unit->name, FALSE, self->unit->service, on_boot, error)
         && switch_up (self->bus, NULL, up ? self->unit->service : NULL, error)
         && check_files (self, error)
         && (!up || verify_listening (self->bus, endpoints, NULL, error))
         && (!on_boot || check_boot (self, error));
}

static gboolean
open_again (const Install *self, GHashTable *before, GError **error)
{
  gboolean up = is_open (self->unit) || self->start;
  gboolean running = is_running (self->unit);

  return switch_up (self->bus, up ? self->unit->name : NULL, running ? self->unit->service : NULL,
                    error)
         && check_files (self, error)
         && (!up || verify_opened (self->bus, self->plan->wanted, running, before, error));
}

static gboolean
take_over (const Install *self, GHashTable *before, GError **error)
{
  return switch_down (self->bus, self->unit->name, self->unit->service, error)
         && replace_files (self, TRUE, error)
         && (self->moves ? move (self, error) : open_again (self, before, error));
}

/* 4. Done, or back to where we were. */

/* What this change has started does not run on without it. */
static gboolean
stop_again (const Install *self, GError **error)
{
  if (!self->start || is_running (self->unit) || g_str_equal (self->unit->active_state, "active"))
    return TRUE;
  return unit_stop (self->bus, self->unit->name, NULL, error);
}

/* Before sshd was told, it has seen nothing of it. */
static gboolean
undo (const Install *self, GError **error)
{
  return undo_files (self->journal, error) && journal_remove (error);
}

/* Turns the reason into what the caller is told. Before sshd was told, it has seen nothing of it.
 */
static void
go_back (const Install *self, gboolean told, GError **error)
{
  g_autoptr (GError) reason = g_steal_pointer (error);
  g_autoptr (GError) local = NULL;
  gboolean back;

  g_message ("Generation %" G_GUINT64_FORMAT " failed, going back: %s", self->journal->generation,
             reason->message);
  back = (told ? rollback (self->bus, self->journal, &local) : undo (self, &local))
         && stop_again (self, &local);
  if (!back)
    history_note (self->journal, HISTORY_FAILED);
  if (!back || told)
    audit_change (self->journal, back ? HISTORY_ROLLED_BACK : HISTORY_FAILED, NULL);
  if (!back)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_ROLLBACK_FAILED,
                 "%s; and the previous settings could not be brought back: %s", reason->message,
                 local->message);
  else if (told)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_APPLY_FAILED,
                 "%s; the previous settings are back", reason->message);
  else
    g_propagate_error (error, g_steal_pointer (&reason));
}

/* On probation, the timer that sees to the end runs before anything is replaced. */
static gboolean
begin (const Install *self, GError **error)
{
  gint64 left = (self->journal->deadline - journal_now ()) / G_USEC_PER_SEC;

  fill_journal (self);
  if (!generation_set (self->plan->generation, error) || !journal_write (self->journal, error))
    return FALSE;
  if (self->journal->deadline == 0
      || deadline_arm (self->bus, self->journal->generation, (guint) MAX (left, 0), error))
    return TRUE;
  journal_remove (NULL);
  return FALSE;
}

/* On probation, the journal stays. */
static gboolean
finish (const Install *self, GError **error)
{
  gboolean pending = self->journal->deadline != 0;

  if (pending)
    {
      self->journal->verified = journal_now ();
      if (!journal_write (self->journal, error))
        return FALSE;
    }
  history_note (self->journal, pending ? HISTORY_PENDING : HISTORY_APPLIED);
  if (!pending && !journal_remove (error))
    return FALSE;
  audit_change (self->journal, pending ? HISTORY_PENDING : HISTORY_APPLIED, NULL);
  return TRUE;
}

gboolean
install_run (const Install *self, GError **error)
{
  g_autoptr (GPtrArray) served = find_served (self);
  g_autoptr (GHashTable) before = verify_sockets (self->unit, served, error);
  gboolean replaced, done;

  if (before == NULL || !check_known (self, served, error) || !begin (self, error))
    return FALSE;
  if (self->unit->socket_activated && (self->moves || self->plan->socket_changes))
    {
      replaced = check_unchanged (self, error); /* or at least the sockets are closed */
      done = replaced && take_over (self, before, error);
    }
  else
    {
      replaced = replace_files (self, FALSE, error);
      done = replaced && use (self, before, error);
    }
  if (done && finish (self, error))
    return TRUE;
  /* The journal on disk may be gone by now, or say that all is well. */
  if (done)
    journal_give_up (self->journal);
  go_back (self, replaced, error);
  if (self->journal->deadline != 0)
    deadline_disarm (self->bus, self->journal->generation);
  return FALSE;
}
