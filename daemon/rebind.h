/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* A drop-in for the interfaces that exist now: the same settings, the same lines, but for those
 * that bind sshd to interfaces. A device that has vanished since would keep sshd from starting at
 * all. Asks nobody but the kernel. NULL: it is right as it is, binds nothing, or is not ours to
 * touch. */
char *rebind (const char *text);
