/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The time in which a change has to be confirmed, on a terminal. */

#pragma once

#include "truenas-ssh.h"

typedef enum
{
  COUNTDOWN_KEPT,        /* a key was pressed, or somebody else has confirmed */
  COUNTDOWN_ROLLED_BACK, /* time is up, Ctrl+C was pressed, or somebody else has rolled back */
} CountdownEnd;

/* Waits for a key. A program that is killed meanwhile, as when the connection is lost, leaves it to
 * the service to undo the change. FALSE with an error. */
gboolean
countdown_run (TruenasSshClient *client, const char *token, CountdownEnd *end, GError **error);
