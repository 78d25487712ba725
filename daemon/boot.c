/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "boot.h"

#include "systemd.h"
#include "truenas-ssh-error.h"
#include "unit.h"

static gboolean
enable (GDBusConnection *bus, const char *name, gboolean running, GError **error)
{
  const char *names[] = { name, NULL };
  g_autoptr (GVariant) reply = NULL;

  /* To enable a running service may give it another name (Debian's sshd.service): systemd 257 then
   * loses track of it at the reload that follows, and dies when the service's process ends. What a
   * target wants gets no new name. */
  if (running && !g_str_has_suffix (name, ".socket"))
    reply = systemd_call (
        bus, "AddDependencyUnitFiles",
        g_variant_new ("(^asssbb)", names, "multi-user.target", "Wants", FALSE, FALSE), "(a(sss))",
        name, NULL, error);
  else
    reply = systemd_call (bus, "EnableUnitFiles", g_variant_new ("(^asbb)", names, FALSE, FALSE),
                          "(ba(sss))", name, NULL, error);
  return reply != NULL;
}

static gboolean
disable (GDBusConnection *bus, const char *name, GError **error)
{
  const char *names[] = { name, NULL };
  g_autoptr (GVariant) reply =
      systemd_call (bus, "DisableUnitFiles", g_variant_new ("(^asb)", names, FALSE), "(a(sss))",
                    name, NULL, error);

  return reply != NULL;
}

gboolean
boot_write (GDBusConnection *bus, const char *name, gboolean start_on_boot, GError **error)
{
  return start_on_boot ? enable (bus, name, FALSE, error) : disable (bus, name, error);
}

gboolean
boot_set (GDBusConnection *bus, const char *name, gboolean start_on_boot, GError **error)
{
  g_autoptr (GVariant) before = systemd_properties (bus, name, SYSTEMD_UNIT, error);
  g_autoptr (GVariant) after = NULL;
  gboolean running;

  if (before == NULL)
    return FALSE;
  if (!systemd_starts_on_boot (bus, before) == !start_on_boot)
    return TRUE;
  running = systemd_is_running (before);
  if (!(start_on_boot ? enable (bus, name, running, error) : disable (bus, name, error))
      || !unit_daemon_reload (bus, NULL, error))
    return FALSE;
  after = systemd_properties (bus, name, SYSTEMD_UNIT, error);
  if (after == NULL)
    return FALSE;
  if (!systemd_starts_on_boot (bus, after) == !start_on_boot)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
               "%s: systemd did not %s it; see `systemctl is-enabled %s`", name,
               start_on_boot ? "enable" : "disable", name);
  return FALSE;
}
