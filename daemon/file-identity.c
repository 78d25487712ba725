/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "file-identity.h"

char *
file_identity (const struct stat *info)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
                          " %" G_GINT64_FORMAT ".%ld %" G_GINT64_FORMAT ".%ld",
                          (guint64) info->st_dev, (guint64) info->st_ino, (gint64) info->st_size,
                          (gint64) info->st_mtim.tv_sec, info->st_mtim.tv_nsec,
                          (gint64) info->st_ctim.tv_sec, info->st_ctim.tv_nsec);
}
