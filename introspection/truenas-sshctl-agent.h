/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* pkttyagent, which asks for a password where polkit wants one and no desktop does it. */

#pragma once

#include <glib.h>

/* Starts one for this program, if there is a terminal to ask on; it ends with it. */
void agent_start (void);
void agent_stop (void);
