/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "activation.h"

#include "settings.h"
#include "socket.h"
#include "store.h"
#include "truenas-ssh-error.h"
#include "verify.h"
#include "warnings.h"

gboolean
activation_moves (const UnitState *unit, const Change *change)
{
  return unit->socket_activated && change->use_service;
}

const char *const *
activation_arguments (const UnitState *unit, const Change *change)
{
  return (const char *const *) (change->use_service ? unit->service_arguments : unit->arguments);
}

static gboolean
binds (GVariant *settings)
{
  g_autofree const char **names = settings_get_strv (settings, SETTING_BIND_INTERFACES);

  return names[0] != NULL;
}

gboolean
activation_check (const UnitState *unit,
                  const Change *change,
                  char **changed,
                  GVariant *after,
                  GError **error)
{
  gboolean touches = g_strv_contains ((const char *const *) changed, SETTING_BIND_INTERFACES)
                     || change_names (change, SETTING_TCP_PORT);

  if (!unit->socket_activated || change->use_service || !touches || !binds (after))
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_SUPPORTED,
               SETTING_BIND_INTERFACES ": %s listens in the place of sshd, on every interface; "
                                       "allow to change over to %s with use-service",
               unit->name, unit->service);
  return FALSE;
}

/* The drop-in of the socket unit as it is to be; without a port, there is none. wanted: (out) what
 * the unit then listens on, less what a generator may add. */
static gboolean
derive (GDBusConnection *bus,
        const UnitState *unit,
        gboolean replace_foreign,
        GVariant *settings,
        char **text,
        GPtrArray **wanted,
        GError **error)
{
  guint16 port;

  *text = NULL;
  *wanted = NULL;
  if (!g_variant_lookup (settings, SETTING_TCP_PORT, "q", &port))
    *wanted = socket_listen_without (bus, unit->socket, error);
  else
    *text = socket_derive (bus, unit->socket, port, replace_foreign, wanted, error);
  return *wanted != NULL;
}

gboolean
activation_is_due (GDBusConnection *bus,
                   const UnitState *unit,
                   const Change *change,
                   GVariant *settings)
{
  g_autoptr (GPtrArray) wanted = NULL;
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (activation_moves (unit, change))
    return TRUE;
  if (!unit->socket_activated || !change_names (change, SETTING_TCP_PORT))
    return FALSE;
  path = socket_file_path (unit->socket);
  /* Where it cannot be told here, the change itself tells why. */
  return !derive (bus, unit, change->replace_foreign, settings, &after, &wanted, NULL)
         || !store_read (path, &before, NULL) || g_strcmp0 (before, after) != 0;
}

/* A change of something else leaves alone what nobody has asked for; what is there is kept in step,
 * so that it holds whichever unit somebody changes over to. */
static gboolean
concerns_socket (const UnitState *unit, const Change *change, const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS)
         || (unit->socket_activated && !change->use_service
             && change_names (change, SETTING_TCP_PORT));
}

static gboolean
plan_socket (GDBusConnection *bus,
             const UnitState *unit,
             const Change *change,
             Plan *plan,
             GError **error)
{
  g_autofree char *path = socket_file_path (unit->socket);
  g_autofree char *before = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) wanted = NULL;
  guint n = plan->files->len;

  if (!concerns_socket (unit, change, path))
    return TRUE;
  /* Who has allowed it to win over an administrator's line once is not asked again. */
  if (!derive (bus, unit, change->replace_foreign || !change_names (change, SETTING_TCP_PORT),
               plan->settings, &text, &wanted, error)
      || !store_read (path, &before, error)
      || !plan_add_file (plan, path, before, text, 0644, error))
    return FALSE;
  plan->socket_changes = plan->files->len > n;
  if (plan->socket_changes && unit->socket_activated && !change->use_service
      && !verify_free (bus, unit, wanted, error))
    return FALSE;
  /* Without ours, a generator may have its say. */
  if (text != NULL)
    plan->wanted = g_steal_pointer (&wanted);
  return TRUE;
}

gboolean
activation_plan (GDBusConnection *bus,
                 const UnitState *unit,
                 const Change *change,
                 Plan *plan,
                 GError **error)
{
  g_autoptr (GPtrArray) endpoints = effective_endpoints (plan->effective);
  g_autoptr (GPtrArray) own = verify_wanted (endpoints);

  if (unit->socket != NULL && !plan_socket (bus, unit, change, plan, error))
    return FALSE;
  return (unit->socket_activated && !change->use_service) || verify_free (bus, unit, own, error);
}

/* Warnings. */

static void
warn (const char *setting, char *message, GVariantBuilder *warnings)
{
  g_autofree char *owned = message;

  warning_add (warnings, "socket-activated", owned, "setting", g_variant_new_string (setting),
               NULL);
}

/* The first port that is another one; 0: there is none. */
static guint16
find_other (const UnitState *unit, guint16 port)
{
  for (guint i = 0; i < unit->listen->len; i++)
    {
      const Listener *listener = g_ptr_array_index (unit->listen, i);

      if (listener->port != port)
        return listener->port;
    }
  return 0;
}

/* What is not set tells the first one. */
static void
warn_several (const UnitState *unit, GVariantBuilder *warnings)
{
  const Listener *first = unit->listen->len > 0 ? g_ptr_array_index (unit->listen, 0) : NULL;
  g_autofree char *message =
      g_strdup_printf (SETTING_TCP_PORT ": %s listens on several ports", unit->name);

  if (first != NULL && find_other (unit, first->port) != 0)
    warning_add (warnings, "not-expressible", message, "setting",
                 g_variant_new_string (SETTING_TCP_PORT), NULL);
}

void
activation_warn (const UnitState *unit, GVariant *settings, GVariantBuilder *warnings)
{
  guint16 port;

  if (!unit->socket_activated)
    return;
  if (binds (settings))
    warn (SETTING_BIND_INTERFACES,
          g_strdup_printf (SETTING_BIND_INTERFACES
                           ": %s listens in the place of sshd, and is bound to no interface",
                           unit->name),
          warnings);
  if (!g_variant_lookup (settings, SETTING_TCP_PORT, "q", &port))
    warn_several (unit, warnings);
  else if (find_other (unit, port) != 0)
    warn (SETTING_TCP_PORT,
          g_strdup_printf (SETTING_TCP_PORT ": %s listens in the place of sshd, on port %u",
                           unit->name, find_other (unit, port)),
          warnings);
}
