/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "unit.h"

#include <string.h>

#include "command-line.h"
#include "socket.h"
#include "store.h"
#include "systemd.h"
#include "truenas-ssh-error.h"

/* Debian's name first: where both exist, the other one is its alias. */
static const char *const services[] = { "ssh.service", "sshd.service", NULL };
static const char *const sockets[] = { "ssh.socket", "sshd.socket", NULL };

void
unit_state_free (UnitState *state)
{
  g_free (state->name);
  g_free (state->socket);
  g_clear_pointer (&state->listen, g_ptr_array_unref);
  g_free (state->service);
  g_free (state->active_state);
  g_free (state->sub_state);
  g_free (state->load_state);
  g_free (state->service_active_state);
  g_free (state->control_group);
  g_free (state->sshd_path);
  g_strfreev (state->arguments);
  g_strfreev (state->service_arguments);
  g_free (state);
}

/* Reading. */

static gboolean
has_load_state (GVariant *unit, const char *load_state)
{
  return g_str_equal (systemd_text (unit, "LoadState"), load_state);
}

/* What systemd makes of the SysV script that a removed package leaves runs no sshd of which we know
 * anything. */
static gboolean
is_absent (GVariant *unit)
{
  return has_load_state (unit, "not-found")
         || g_str_equal (systemd_text (unit, "UnitFileState"), "generated");
}

/* The first of @names that can be used, or else the first that exists at all, such as a masked one.
 * @unit is NULL if there is none. */
static gboolean
find_unit (GDBusConnection *bus, const char *const *names, GVariant **unit, GError **error)
{
  g_autoptr (GVariant) unusable = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GVariant) candidate = systemd_properties (bus, names[i], SYSTEMD_UNIT, error);

      if (candidate == NULL)
        return FALSE;
      if (is_absent (candidate))
        continue;
      if (has_load_state (candidate, "loaded"))
        {
          *unit = g_steal_pointer (&candidate);
          return TRUE;
        }
      if (unusable == NULL)
        unusable = g_steal_pointer (&candidate);
    }
  *unit = g_steal_pointer (&unusable);
  return TRUE;
}

static gboolean
is_socket_mode (GDBusConnection *bus, GVariant *socket, GVariant *service)
{
  if (systemd_is_running (socket))
    return TRUE;
  return !systemd_is_running (service) && systemd_is_enabled (bus, socket)
         && !systemd_is_enabled (bus, service);
}

/* What files say wins. One that cannot be read is systemd's to complain about. */
static GHashTable *
read_variables (GVariant *properties)
{
  GHashTable *variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree const char **environment = NULL;
  g_autoptr (GVariantIter) files = NULL;
  const char *path;

  if (g_variant_lookup (properties, "Environment", "^a&s", &environment))
    for (gsize i = 0; environment[i] != NULL; i++)
      {
        const char *equals = strchr (environment[i], '=');

        if (equals != NULL)
          g_hash_table_insert (variables,
                               g_strndup (environment[i], (gsize) (equals - environment[i])),
                               g_strdup (equals + 1));
      }
  if (g_variant_lookup (properties, "EnvironmentFiles", "a(sb)", &files))
    while (g_variant_iter_next (files, "(&sb)", &path, NULL))
      {
        g_autofree char *text = NULL;

        if (store_read (path, &text, NULL) && text != NULL)
          command_line_read_variables (variables, text);
      }
  return variables;
}

/* How it starts sshd. */
static void
read_command (UnitState *state, GVariant *properties)
{
  g_autoptr (GVariant) commands =
      g_variant_lookup_value (properties, "ExecStart", G_VARIANT_TYPE ("a(sasbttttuii)"));
  g_autoptr (GHashTable) variables = read_variables (properties);
  g_autofree const char **words = NULL;
  g_auto (GStrv) arguments = NULL;

  if (commands != NULL && g_variant_n_children (commands) > 0)
    g_variant_get_child (commands, 0, "(s^a&sbttttuii)", &state->sshd_path, &words, NULL, NULL,
                         NULL, NULL, NULL, NULL, NULL, NULL);
  arguments = words != NULL && words[0] != NULL
                  ? command_line_expand ((const char *const *) words + 1, variables)
                  : g_new0 (char *, 1);
  state->service_arguments = command_line_relevant ((const char *const *) arguments, TRUE);
  state->arguments =
      command_line_relevant ((const char *const *) arguments, !state->socket_activated);
}

/* What is down only until systemd has started it, as in the midst of a restart, is not stopped. */
static const char *
find_active_state (GVariant *unit)
{
  const char *state = systemd_text (unit, "ActiveState");
  guint32 job = 0;

  g_variant_lookup (unit, "Job", "(uo)", &job, NULL);
  return job != 0 && (g_str_equal (state, "inactive") || g_str_equal (state, "failed"))
             ? "activating"
             : state;
}

UnitState *
unit_state_read (GDBusConnection *bus, GError **error)
{
  g_autoptr (GVariant) service = NULL;
  g_autoptr (GVariant) socket = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (UnitState) state = g_new0 (UnitState, 1);
  GVariant *unit;

  if (!find_unit (bus, services, &service, error) || !find_unit (bus, sockets, &socket, error))
    return NULL;
  if (service == NULL)
    {
      g_set_error_literal (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_INSTALLED,
                           "Unit: neither ssh.service nor sshd.service exists; install OpenSSH's "
                           "server");
      return NULL;
    }
  details = systemd_properties (bus, systemd_text (service, "Id"), SYSTEMD_SERVICE, error);
  if (details == NULL)
    return NULL;

  state->socket_activated = socket != NULL && is_socket_mode (bus, socket, service);
  unit = state->socket_activated ? socket : service;
  state->name = g_strdup (systemd_text (unit, "Id"));
  if (socket != NULL && has_load_state (socket, "loaded"))
    state->socket = g_strdup (systemd_text (socket, "Id"));
  state->listen = state->socket_activated
                      ? socket_listen (bus, state->name)
                      : g_ptr_array_new_with_free_func ((GDestroyNotify) listener_free);
  state->active_state = g_strdup (systemd_text (unit, "ActiveState"));
  state->sub_state = g_strdup (systemd_text (unit, "SubState"));
  state->load_state = g_strdup (systemd_text (unit, "LoadState"));
  state->masked = has_load_state (unit, "masked");
  state->start_on_boot = systemd_starts_on_boot (bus, unit);
  state->service_on_boot =
      state->socket_activated ? systemd_starts_on_boot (bus, service) : state->start_on_boot;
  state->service = g_strdup (systemd_text (service, "Id"));
  state->service_active_state = g_strdup (find_active_state (service));
  state->control_group = g_strdup (systemd_text (details, "ControlGroup"));
  g_variant_lookup (details, "NRestarts", "u", &state->restarts);
  g_variant_lookup (details, "MainPID", "u", &state->main_pid);
  read_command (state, details);
  return g_steal_pointer (&state);
}

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

/* Jobs. */

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
is_waiting (GDBusConnection *bus, const char *name)
{
  g_autoptr (GVariant) unit = systemd_properties (bus, name, SYSTEMD_UNIT, NULL);

  return unit != NULL && waits (systemd_text (unit, "SubState"));
}

gboolean
unit_reload (GDBusConnection *bus, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!is_waiting (bus, name))
    {
      if (systemd_run_job (bus, "ReloadOrTryRestartUnit", name, cancellable, &local))
        return TRUE;
      /* It may have ended just then. */
      if (!is_waiting (bus, name))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  /* Nobody is there to be told: a reload would be done, and nothing come of it. */
  return systemd_run_job (bus, "TryRestartUnit", name, cancellable, error);
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
  if (has_load_state (unit, "loaded"))
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
