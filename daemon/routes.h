/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Does a default route of a family (AF_INET, AF_INET6), of whatever table and metric, lead through
 * an interface? TRUE also where the kernel does not tell. Asks the kernel: for worker threads. */
gboolean routes_have_default (const char *interface, int family);
