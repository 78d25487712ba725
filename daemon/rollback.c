/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "rollback.h"

#include "history.h"
#include "sshd.h"
#include "switch.h"
#include "trial.h"
#include "undo.h"
#include "unit.h"
#include "verify.h"

/* Where sshd is to listen, by the files as they are now. */
static GPtrArray *
find_endpoints (const UnitState *unit, GError **error)
{
  g_autoptr (Sshd) sshd =
      sshd_read (unit->sshd_path, (const char *const *) unit->arguments, NULL, error);
  g_autoptr (Effective) effective = sshd ? trial_effective (sshd, NULL, error) : NULL;

  return effective ? effective_endpoints (effective) : NULL;
}

/* To be told to reload, a server that hangs in one, or that listens to nobody, is in no state. */
static gboolean
is_stuck (const UnitState *unit)
{
  g_autoptr (GPtrArray) listeners = verify_listeners (unit);

  return g_str_equal (unit->service_active_state, "reloading")
         || (listeners != NULL && listeners->len == 0);
}

/* What a reload does not bring about, because it fails or sshd does not heed it, a restart does. */
static gboolean
revive (GDBusConnection *bus, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (bus, error);
  g_autoptr (GPtrArray) endpoints = unit ? find_endpoints (unit, error) : NULL;
  g_autoptr (GHashTable) before = endpoints ? verify_sockets (unit, endpoints, error) : NULL;

  if (before == NULL)
    return FALSE;
  /* A socket-activated sshd does not survive a reload; its socket stays. */
  if (unit->socket_activated)
    return unit_restart (bus, unit->service, NULL, error)
           && verify_opened (bus, NULL, TRUE, NULL, error);
  if (!is_stuck (unit) && unit_revive (bus, unit->name, NULL, NULL)
      && verify_listening (bus, endpoints, before, NULL))
    return TRUE;
  return unit_restart (bus, unit->name, NULL, error)
         && verify_listening (bus, endpoints, NULL, error);
}

/* Somebody may have changed over from the socket to the service meanwhile: then that stays. */
static gboolean
has_to_switch (const Journal *journal, const UnitState *unit)
{
  if (!journal_has_socket (journal))
    return FALSE;
  if (*journal->socket == '\0')
    return unit->socket_activated;
  /* A change that was cut short may have left both of them down. */
  return journal->moves || unit->socket_activated
         || !g_str_equal (unit->service_active_state, "active");
}

static gboolean
serves (const UnitState *unit)
{
  return !g_str_equal (unit->service_active_state, "inactive")
         && !g_str_equal (unit->service_active_state, "failed");
}

/* Which of the two are to be up. */
typedef struct
{
  const char *socket; /* its name */
  const char *service;
  gboolean open;
  gboolean running;
} Units;

static Units
find_now (const Journal *journal, const UnitState *unit)
{
  return (Units){ .socket = *journal->socket != '\0' ? journal->socket : unit->socket,
                  .service = journal->service,
                  .open = unit->socket_activated && g_str_equal (unit->active_state, "active"),
                  .running = serves (unit) };
}

/* As before the change; after a boot, what starts then. Never none where there is one now, and none
 * other where somebody has gone over to the socket since. */
static Units
find_before (const Journal *journal, const Units *now)
{
  gboolean old = journal_is_old (journal);
  Units before = *now;

  if (*journal->socket == '\0')
    return before;
  before.open = old ? journal->socket_on_boot : journal->open;
  before.running = old ? journal->service_on_boot && !journal->socket_on_boot : journal->running;
  return before.open || before.running ? before : *now;
}

static gboolean
bring_up (GDBusConnection *bus, const Units *units, GError **error)
{
  return switch_up (bus, units->open ? units->socket : NULL, units->running ? units->service : NULL,
                    error);
}

/* The socket unit's files are read again only while it is down. Whatever fails meanwhile, SSH does
 * not stay down over it: what was up comes up again, or at least the service. */
static gboolean
switch_back (GDBusConnection *bus, const Journal *journal, const UnitState *unit, GError **error)
{
  const Units now = find_now (journal, unit);
  const Units before = find_before (journal, &now);
  gboolean undone = switch_down (bus, now.socket, now.service, error) && undo_files (journal, error)
                    && (!journal->moves
                        || switch_boot (bus, journal->socket, journal->socket_on_boot,
                                        journal->service, journal->service_on_boot, error));

  if (undone && bring_up (bus, &before, error))
    return !before.open || verify_opened (bus, NULL, before.running, NULL, error);
  if (!bring_up (bus, &now, NULL) && !unit_start (bus, now.service, NULL, NULL))
    g_message ("Neither %s nor %s comes up", now.socket, now.service);
  return FALSE;
}

/* What has been started since has read the change. */
static gboolean
go_back (GDBusConnection *bus, const Journal *journal, const UnitState *unit, GError **error)
{
  if (!undo_files (journal, error))
    return FALSE;
  if (journal_has_socket (journal) && !unit_daemon_reload (bus, NULL, error))
    return FALSE;
  /* What waits for others before it starts, maybe for us, reads them then. */
  return unit->queued || (!journal->running && !serves (unit)) || revive (bus, error);
}

static gboolean
bring_back (GDBusConnection *bus, const Journal *journal, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_settle (bus, error);

  if (unit == NULL)
    return FALSE;
  if (!(has_to_switch (journal, unit) ? switch_back : go_back) (bus, journal, unit, error))
    return FALSE;
  history_note (journal, HISTORY_ROLLED_BACK);
  return TRUE;
}

gboolean
rollback (GDBusConnection *bus, const Journal *journal, GError **error)
{
  /* Where only the journal cannot be taken away, sshd is not bothered again. Whoever is here has
   * the lock. */
  static guint64 left = 0;
  gboolean removed;

  if (left != journal->generation && !bring_back (bus, journal, error))
    return FALSE;
  removed = journal_remove (error);
  left = removed ? 0 : journal->generation;
  return removed;
}
