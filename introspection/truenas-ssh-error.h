/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "truenas-ssh-extern.h"

G_BEGIN_DECLS

/**
 * TRUENAS_SSH_ERROR:
 *
 * The error domain of everything that goes wrong in org.truenas.SSH. Each code travels over D-Bus
 * under its own name, `org.truenas.SSH.Error.*`.
 *
 * Since: 0.1
 */
#define TRUENAS_SSH_ERROR (truenas_ssh_error_quark ())

/**
 * TruenasSshError:
 * @TRUENAS_SSH_ERROR_INVALID_SETTING: a key, type or value that a change cannot carry
 * @TRUENAS_SSH_ERROR_INVALID_OPTION: an option that is unknown, of the wrong type or out of range
 * @TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE: no such network interface, or none that can be bound
 * @TRUENAS_SSH_ERROR_UNKNOWN_GROUP: no such group
 * @TRUENAS_SSH_ERROR_NOT_SUPPORTED: this machine's sshd or system cannot do it
 * @TRUENAS_SSH_ERROR_NOT_INSTALLED: OpenSSH's server is not installed
 * @TRUENAS_SSH_ERROR_CONFIG_REJECTED: sshd refuses the configuration, or would not do what was
 * asked
 * @TRUENAS_SSH_ERROR_PORT_IN_USE: somebody else listens on the port
 * @TRUENAS_SSH_ERROR_APPLY_FAILED: sshd did not come to do what was asked; the previous settings
 * are back
 * @TRUENAS_SSH_ERROR_ROLLBACK_FAILED: the same, and the previous settings could not be brought back
 * @TRUENAS_SSH_ERROR_LOCKOUT: nobody could log in any more
 * @TRUENAS_SSH_ERROR_BUSY: another change is under way
 * @TRUENAS_SSH_ERROR_CONFLICT: the machine is not as the caller assumes: other generation, foreign
 *   lines, edits by hand
 * @TRUENAS_SSH_ERROR_NOT_PENDING: there is no pending change
 * @TRUENAS_SSH_ERROR_SERVICE_FAILED: the SSH unit could not be started, stopped or enabled
 * @TRUENAS_SSH_ERROR_FAILED: anything else, such as a disk that is full
 *
 * What has gone wrong. A message begins with the place: a setting, a line of the caller's text, or
 * file and line.
 *
 * Since: 0.1
 */
typedef enum
{
  TRUENAS_SSH_ERROR_INVALID_SETTING,
  TRUENAS_SSH_ERROR_INVALID_OPTION,
  TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE,
  TRUENAS_SSH_ERROR_UNKNOWN_GROUP,
  TRUENAS_SSH_ERROR_NOT_SUPPORTED,
  TRUENAS_SSH_ERROR_NOT_INSTALLED,
  TRUENAS_SSH_ERROR_CONFIG_REJECTED,
  TRUENAS_SSH_ERROR_PORT_IN_USE,
  TRUENAS_SSH_ERROR_APPLY_FAILED,
  TRUENAS_SSH_ERROR_ROLLBACK_FAILED,
  TRUENAS_SSH_ERROR_LOCKOUT,
  TRUENAS_SSH_ERROR_BUSY,
  TRUENAS_SSH_ERROR_CONFLICT,
  TRUENAS_SSH_ERROR_NOT_PENDING,
  TRUENAS_SSH_ERROR_SERVICE_FAILED,
  TRUENAS_SSH_ERROR_FAILED,
} TruenasSshError;

TRUENAS_SSH_EXTERN
GQuark truenas_ssh_error_quark (void);

G_END_DECLS
