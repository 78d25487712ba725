/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "switch.h"

#include "boot.h"
#include "unit.h"

gboolean
switch_down (GDBusConnection *bus, const char *socket, const char *service, GError **error)
{
  unit_reset_failed (bus, socket);
  unit_reset_failed (bus, service);
  /* The socket first, or the next connection starts the service again. */
  return unit_stop (bus, socket, NULL, error) && unit_stop (bus, service, NULL, error);
}

gboolean
switch_up (GDBusConnection *bus, const char *socket, const char *service, GError **error)
{
  return unit_daemon_reload (bus, NULL, error)
         && (socket == NULL || unit_start (bus, socket, NULL, error))
         && (service == NULL || unit_start (bus, service, NULL, error));
}

gboolean
switch_boot (GDBusConnection *bus,
             const char *socket,
             gboolean socket_on_boot,
             const char *service,
             gboolean service_on_boot,
             GError **error)
{
  return boot_write (bus, socket, socket_on_boot, error)
         && boot_write (bus, service, service_on_boot, error);
}
