/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <sys/stat.h>

/* Which file it is, and as of which change, as text: another one for another file, and after
 * anything that was done to this one. */
char *file_identity (const struct stat *info);
