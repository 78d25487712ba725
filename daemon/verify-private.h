/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "listeners.h"
#include "verify.h"

/* Of all sockets (element-type Listener) those of the unit's service, which may have others'
 * forwarded ports among them, and where the unit is a socket, those that systemd has opened for it.
 * (element-type Listener) */
GPtrArray *verify_own (const UnitState *unit, const GPtrArray *all);
