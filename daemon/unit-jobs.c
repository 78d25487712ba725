/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is done with the SSH unit. */

#include "config.h"

#include <string.h>

#include "systemd.h"
#include "truenas-ssh-error.h"
#include "unit.h"

#define ENDING_LIMIT   (1 * G_TIME_SPAN_SECOND)
#define STARTING_LIMIT (5 * G_TIME_SPAN_SECOND)
#define INTERVAL       (10 * G_TIME_SPAN_MILLISECOND)

static gboolean
waits (const char *sub_state)
{
  return g_str_has_prefix (sub_state, "auto-restart");
}

gboolean
unit_is_waiting (const UnitState *state)
{
  return !state->socket_activated && waits (state->sub_state);
}

gboolean
unit_is_lost (const UnitState *state)
{
  return !state->socket_activated && g_str_equal (state->active_state, "reloading")
         && state->main_pid == 0;
}

static gboolean
is_socket (const char *name)
{
  return g_str_has_suffix (name, ".socket");
}

/* systemd calls a job done that came to nothing, as where a condition of the unit is not met. */
static gboolean
check_running (GDBusConnection *bus, const char *name, gboolean running, GError **error)
{
  g_autoptr (GVariant) unit = systemd_properties (bus, name, SYSTEMD_UNIT, error);
  const char *state;

  if (unit == NULL)
    return FALSE;
  state = systemd_text (unit, "ActiveState");
  /* "activating" waits to be started again after a failure. */
  if (systemd_is_running (unit) == running && !g_str_equal (state, "activating"))
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
               "%s: systemd was done, but the unit is “%s”; see `systemctl status %s`", name, state,
               name);
  return FALSE;
}

/* Fails for a unit that systemd has not loaded. */
void
unit_reset_failed (GDBusConnection *bus, const char *name)
{
  GVariant *reply =
      systemd_call (bus, "ResetFailedUnit", g_variant_new ("(s)", name), "()", name, NULL, NULL);

  g_clear_pointer (&reply, g_variant_unref);
}

/* (nullable) NULL = none, or one for each connection */
static char *
socket_service (GDBusConnection *bus, const char *name)
{
  g_autoptr (GVariant) unit = systemd_properties (bus, name, SYSTEMD_UNIT, NULL);
  g_autofree const char **triggers = NULL;

  if (unit == NULL || !g_variant_lookup (unit, "Triggers", "^a&s", &triggers))
    return NULL;
  return triggers[0] != NULL && strchr (triggers[0], '@') == NULL ? g_strdup (triggers[0]) : NULL;
}

static gboolean
is_same (GVariant *before, GVariant *now)
{
  g_autoptr (GVariant) first = g_variant_lookup_value (before, "InvocationID", NULL);
  g_autoptr (GVariant) other = g_variant_lookup_value (now, "InvocationID", NULL);

  return first == NULL || other == NULL || g_variant_equal (first, other);
}

/* Whether it has been started since, or is about to be; it may be in the midst of ending. */
static gboolean
is_another (GDBusConnection *bus, const char *name, GVariant *before)
{
  const gint64 deadline = g_get_monotonic_time () + ENDING_LIMIT;

  while (before != NULL && g_get_monotonic_time () < deadline)
    {
      g_autoptr (UnitState) state = unit_state_read (bus, NULL);
      g_autoptr (GVariant) now = systemd_properties (bus, name, SYSTEMD_UNIT, NULL);

      if (state == NULL || now == NULL || unit_is_lost (state))
        return FALSE;
      if (state->queued || !is_same (before, now))
        return TRUE;
      if (state->main_pid != 0 || !systemd_is_running (now))
        return FALSE;
      g_usleep (INTERVAL);
    }
  return FALSE;
}

/* In the midst of its start it may have read its configuration, and systemd would call a reload
 * done without one. It may wait for our caller before it is started. (nullable) */
static GVariant *
started (GDBusConnection *bus, const char *name)
{
  const gint64 deadline = g_get_monotonic_time () + STARTING_LIMIT;
  GVariant *unit = systemd_properties (bus, name, SYSTEMD_UNIT, NULL);

  while (unit != NULL && g_str_equal (systemd_text (unit, "ActiveState"), "activating")
         && !waits (systemd_text (unit, "SubState")) && g_get_monotonic_time () < deadline)
    {
      g_usleep (INTERVAL);
      g_variant_unref (unit);
      unit = systemd_properties (bus, name, SYSTEMD_UNIT, NULL);
    }
  return unit;
}

gboolean
unit_reload (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) before = started (bus, name);
  g_autoptr (GError) local = NULL;

  /* Nobody is there to be told: a reload would be done, or waited for, and nothing come of it. */
  if (before != NULL && systemd_is_lost (bus, name, before))
    {
      unit_reset_failed (bus, name);
      return systemd_run_job (bus, "TryRestartUnit", name, cancellable, error);
    }
  if (before != NULL && waits (systemd_text (before, "SubState")))
    return systemd_run_job (bus, "TryRestartUnit", name, cancellable, error);
  if (systemd_run_job (bus, "ReloadOrTryRestartUnit", name, cancellable, &local))
    return TRUE;
  /* It may have ended just then; what it does since is for others to see. */
  if (is_another (bus, name, before))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
unit_revive (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error)
{
  unit_reset_failed (bus, name);
  return systemd_run_job (bus, "ReloadOrRestartUnit", name, cancellable, error)
         && check_running (bus, name, TRUE, error);
}

gboolean
unit_start (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error)
{
  unit_reset_failed (bus, name);
  return systemd_run_job (bus, "StartUnit", name, cancellable, error)
         && check_running (bus, name, TRUE, error);
}

gboolean
unit_stop (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *service = is_socket (name) ? socket_service (bus, name) : NULL;

  /* The socket first, or the next connection starts the service again. */
  if (!systemd_run_job (bus, "StopUnit", name, cancellable, error))
    return FALSE;
  if (service != NULL && !systemd_run_job (bus, "StopUnit", service, cancellable, error))
    return FALSE;
  return check_running (bus, name, FALSE, error)
         && (service == NULL || check_running (bus, service, FALSE, error));
}

/* Before something is stopped that could not be started again. */
static gboolean
check_loaded (GDBusConnection *bus, const char *name, GError **error)
{
  g_autoptr (GVariant) unit = systemd_properties (bus, name, SYSTEMD_UNIT, error);

  if (unit == NULL)
    return FALSE;
  if (g_str_equal (systemd_text (unit, "LoadState"), "loaded"))
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
               "%s: the unit is %s; see `systemctl status %s`", name,
               systemd_text (unit, "LoadState"), name);
  return FALSE;
}

gboolean
unit_restart (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error)
{
  /* systemd refuses to open a socket while its service runs, and it stays closed. */
  if (is_socket (name))
    return check_loaded (bus, name, error) && unit_stop (bus, name, cancellable, error)
           && unit_start (bus, name, cancellable, error);
  unit_reset_failed (bus, name);
  return systemd_run_job (bus, "RestartUnit", name, cancellable, error)
         && check_running (bus, name, TRUE, error);
}

gboolean
unit_daemon_reload (GDBusConnection *bus, GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) reply =
      systemd_call (bus, "Reload", NULL, "()", "daemon-reload", cancellable, error);

  return reply != NULL;
}
