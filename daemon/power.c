/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "power.h"

#include "boot.h"
#include "effective.h"
#include "sshd.h"
#include "trial.h"
#include "truenas-ssh-error.h"
#include "unit.h"
#include "verify.h"

static GPtrArray *
find_endpoints (const UnitState *unit, GError **error)
{
  g_autoptr (Sshd) sshd =
      sshd_read (unit->sshd_path, (const char *const *) unit->arguments, NULL, error);
  g_autoptr (Effective) effective = sshd ? trial_effective (sshd, NULL, error) : NULL;

  return effective ? effective_endpoints (effective) : NULL;
}

static gboolean
bring_up (GDBusConnection *bus,
          gboolean (*job) (GDBusConnection *, const char *, GCancellable *, GError **),
          GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (bus, error);
  g_autoptr (GPtrArray) endpoints = NULL;

  if (unit == NULL)
    return FALSE;
  if (!unit->socket_activated && !unit->masked)
    {
      endpoints = find_endpoints (unit, error);
      if (endpoints == NULL)
        return FALSE;
    }
  if (!job (bus, unit->name, NULL, error))
    return FALSE;
  if (endpoints != NULL)
    return verify_listening (bus, endpoints, NULL, error);
  return !unit->socket_activated || verify_opened (bus, NULL, FALSE, NULL, error);
}

gboolean
power_start (GDBusConnection *bus, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (bus, error);

  if (unit == NULL)
    return FALSE;
  return g_str_equal (unit->active_state, "active")
         || bring_up (bus, unit_is_lost (unit) ? unit_restart : unit_start, error);
}

gboolean
power_restart (GDBusConnection *bus, GError **error)
{
  return bring_up (bus, unit_restart, error);
}

gboolean
power_stop (GDBusConnection *bus, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (bus, error);

  return unit != NULL && unit_stop (bus, unit->name, NULL, error);
}

gboolean
power_set_start_on_boot (GDBusConnection *bus, gboolean enable, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (bus, error);

  return unit != NULL && boot_set (bus, unit->name, enable, error);
}
