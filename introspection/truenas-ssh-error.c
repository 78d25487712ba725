/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-ssh-error.h"

#include <gio/gio.h>

#define NAME(x) "org.truenas.SSH.Error." x

static const GDBusErrorEntry entries[] = {
  { TRUENAS_SSH_ERROR_INVALID_SETTING, NAME ("InvalidSetting") },
  { TRUENAS_SSH_ERROR_INVALID_OPTION, NAME ("InvalidOption") },
  { TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE, NAME ("UnknownInterface") },
  { TRUENAS_SSH_ERROR_UNKNOWN_GROUP, NAME ("UnknownGroup") },
  { TRUENAS_SSH_ERROR_NOT_SUPPORTED, NAME ("NotSupported") },
  { TRUENAS_SSH_ERROR_NOT_INSTALLED, NAME ("NotInstalled") },
  { TRUENAS_SSH_ERROR_CONFIG_REJECTED, NAME ("ConfigRejected") },
  { TRUENAS_SSH_ERROR_PORT_IN_USE, NAME ("PortInUse") },
  { TRUENAS_SSH_ERROR_APPLY_FAILED, NAME ("ApplyFailed") },
  { TRUENAS_SSH_ERROR_ROLLBACK_FAILED, NAME ("RollbackFailed") },
  { TRUENAS_SSH_ERROR_LOCKOUT, NAME ("Lockout") },
  { TRUENAS_SSH_ERROR_BUSY, NAME ("Busy") },
  { TRUENAS_SSH_ERROR_CONFLICT, NAME ("Conflict") },
  { TRUENAS_SSH_ERROR_NOT_PENDING, NAME ("NotPending") },
  { TRUENAS_SSH_ERROR_SERVICE_FAILED, NAME ("ServiceFailed") },
  { TRUENAS_SSH_ERROR_FAILED, NAME ("Failed") },
};

G_STATIC_ASSERT (G_N_ELEMENTS (entries) == TRUENAS_SSH_ERROR_FAILED + 1);

/**
 * truenas_ssh_error_quark:
 *
 * Registers the error domain.
 *
 * Returns: the error domain
 *
 * Since: 0.1
 */
GQuark
truenas_ssh_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("truenas-ssh-error-quark", &quark, entries,
                                      G_N_ELEMENTS (entries));
  return (GQuark) quark;
}

/* An error that is read from the bus before its domain is known never gets it. */
__attribute__ ((constructor)) static void
register_errors (void)
{
  truenas_ssh_error_quark ();
}
