/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "follow.h"

#include "drop-in.h"
#include "journal.h"
#include "rebind.h"
#include "settings.h"
#include "sshd.h"
#include "store.h"
#include "systemd.h"
#include "trial.h"
#include "truenas-ssh-error.h"
#include "unit.h"
#include "verify.h"

/* An interface can go while we write about it. */
#define MAX_TRIES 3

/* 1. The drop-in. */

/* replaced: whether it was another text. Nobody who has sshd started meanwhile waits for more than
 * that. */
static gboolean
write_drop_in (gboolean *replaced, gboolean *bound, GError **error)
{
  g_auto (JournalLock) lock = journal_lock (error);
  g_autofree char *text = NULL;
  g_autofree char *fresh = NULL;
  g_autoptr (DropIn) drop_in = NULL;
  g_autofree const char **names = NULL;

  if (lock < 0 || !store_read (DROP_IN_PATH, &text, error))
    return FALSE;
  drop_in = drop_in_parse (text);
  names = settings_get_strv (drop_in->settings, SETTING_BIND_INTERFACES);
  *bound = !drop_in->edited && names[0] != NULL;
  fresh = rebind (text);
  *replaced = fresh != NULL;
  return fresh == NULL || store_update (DROP_IN_PATH, text, fresh, 0644, error);
}

/* 2. sshd. */

static gboolean
has_stale (const UnitState *unit)
{
  g_autoptr (GPtrArray) listeners = verify_listeners (unit);

  return listeners != NULL && verify_is_stale (listeners);
}

/* What sshd is to do by its files. */
static GPtrArray *
find_endpoints (const UnitState *unit, GError **error)
{
  g_autoptr (Sshd) sshd =
      sshd_read (unit->sshd_path, (const char *const *) unit->arguments, NULL, error);
  g_autoptr (Effective) effective = sshd ? trial_effective (sshd, NULL, error) : NULL;

  return effective ? effective_endpoints (effective) : NULL;
}

static gboolean
tell (GDBusConnection *bus, const UnitState *unit, const GPtrArray *endpoints, GError **error)
{
  g_autoptr (GHashTable) before = verify_sockets (unit, endpoints, error);

  return before != NULL && unit_reload (bus, unit->name, NULL, error)
         && verify_listening (bus, endpoints, before, error);
}

/* Has sshd do what the drop-in says, unless it does; it may not have been told when that was
 * written. What does not run stays as it is, but what has failed over a device that is gone comes
 * back. */
static gboolean
use (GDBusConnection *bus,
     const UnitState *unit,
     gboolean replaced,
     gboolean revive,
     GError **error)
{
  gboolean failed = g_str_equal (unit->service_active_state, "failed");
  g_autoptr (GPtrArray) endpoints = NULL;

  if (unit->socket_activated || unit->queued || g_str_equal (unit->service_active_state, "inactive")
      || (failed && !revive))
    return TRUE;
  endpoints = find_endpoints (unit, error);
  if (endpoints == NULL)
    return FALSE;
  if (!replaced && !failed && !has_stale (unit) && verify_listening (bus, endpoints, NULL, NULL))
    return TRUE;
  if (!(failed ? unit_revive (bus, unit->name, NULL, error)
                     && verify_listening (bus, endpoints, NULL, error)
               : tell (bus, unit, endpoints, error)))
    return FALSE;
  g_message ("sshd is bound to the interfaces as they are now");
  return TRUE;
}

static gboolean
try_once (GDBusConnection *bus, gboolean *revive, GError **error)
{
  g_autoptr (UnitState) unit = NULL;
  gboolean replaced, bound;

  if (!write_drop_in (&replaced, &bound, error))
    return FALSE;
  *revive = *revive || replaced;
  unit = unit_state_read (bus, error);
  if (unit == NULL || (bound && !use (bus, unit, replaced, *revive, error)))
    return FALSE;
  *revive = FALSE;
  return TRUE;
}

gboolean
follow (GDBusConnection *bus, gboolean *revive, GError **error)
{
  gboolean done = FALSE;

  for (guint i = 0; i < MAX_TRIES && !done; i++)
    {
      g_clear_error (error);
      done = try_once (bus, revive, error);
    }
  return done;
}
