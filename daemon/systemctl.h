/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* systemd without a bus, for programs that run before there is one, or whether there is one or not.
 * What it prints; NULL: it has failed. option, unit: (nullable) */
char *systemctl (const char *verb, const char *option, const char *unit, GError **error);
