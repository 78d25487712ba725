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

/* Whether a server that has failed is started again is known soon. */
#define REVIVE_LIMIT (2 * G_TIME_SPAN_SECOND)
#define START_LIMIT  (2 * G_TIME_SPAN_SECOND)
#define INTERVAL     (10 * G_TIME_SPAN_MILLISECOND)

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
static gboolean
is_queued (GVariant *unit)
{
  guint32 job = 0;

  g_variant_lookup (unit, "Job", "(uo)", &job, NULL);
  return job != 0 && !systemd_is_running (unit);
}

static UnitState *
read_once (GDBusConnection *bus, GError **error)
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
  state->queued = is_queued (service);
  state->service_active_state =
      g_strdup (state->queued ? "activating" : systemd_text (service, "ActiveState"));
  state->control_group = g_strdup (systemd_text (details, "ControlGroup"));
  g_variant_lookup (details, "NRestarts", "u", &state->restarts);
  g_variant_lookup (details, "MainPID", "u", &state->main_pid);
  read_command (state, details);
  return g_steal_pointer (&state);
}

static gboolean
is_down (const UnitState *state)
{
  return g_str_equal (state->service_active_state, "failed")
         || g_str_equal (state->service_active_state, "inactive");
}

/* Whether what sees to a service that has failed is at it: it makes it an inactive one first. */
static gboolean
is_seen_to (GDBusConnection *bus, const UnitState *state)
{
  g_autofree char *name = g_strdup_printf ("truenas-ssh-revive@%s.service", state->service);
  g_autoptr (GVariant) unit = systemd_properties (bus, name, SYSTEMD_UNIT, NULL);

  return unit != NULL && (is_queued (unit) || systemd_is_running (unit));
}

/* What is down, while nobody sees to it, and still is. */
UnitState *
unit_state_read (GDBusConnection *bus, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + REVIVE_LIMIT;
  UnitState *state = read_once (bus, error);
  gboolean seen_to = TRUE;

  while (state != NULL && is_down (state) && seen_to && g_get_monotonic_time () < deadline)
    {
      seen_to = is_seen_to (bus, state);
      if (seen_to)
        g_usleep (INTERVAL);
      unit_state_free (state);
      state = read_once (bus, error);
    }
  return state;
}

UnitState *
unit_state_settle (GDBusConnection *bus, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + START_LIMIT;
  UnitState *state = unit_state_read (bus, error);

  while (state != NULL && state->queued && g_get_monotonic_time () < deadline)
    {
      g_usleep (INTERVAL);
      unit_state_free (state);
      state = unit_state_read (bus, error);
    }
  return state;
}
