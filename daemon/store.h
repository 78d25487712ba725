/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Durable files. Blocks: for worker threads. */

#define STORE_MAX_BYTES (4 * 1024 * 1024)

/* text: NULL where there is no such file. G_IO_ERROR_INVALID_DATA: it is no regular file of a
 * sensible size with text in it. */
gboolean store_read (const char *path, char **text, GError **error);

/* Whether the file can be replaced: FALSE for a symlink, a mount, a read-only file system, telling
 * what to do. Touches nothing. */
gboolean store_check (const char *path, GError **error);

/* Durably puts text in the place of what is there, or, where it is NULL, takes the file away: at
 * every instant the path holds the old bytes or the new ones. Keeps owner and access list, and of
 * the mode what the given one has too; a new file gets that. */
gboolean store_replace (const char *path, const char *text, guint mode, GError **error);

/* The same, but for what somebody has made of it since it was read: G_IO_ERROR_WRONG_ETAG where it
 * is no longer before. */
gboolean
store_update (const char *path, const char *before, const char *text, guint mode, GError **error);

/* Whether it is; G_IO_ERROR_WRONG_ETAG where it is not. */
gboolean store_is_still (const char *path, const char *before, GError **error);

/* As store_replace () for a file in a folder that there is for its sake: made if it is missing, and
 * gone once it is empty. */
gboolean store_replace_in_folder (const char *path, const char *text, guint mode, GError **error);

/* Takes away what writes that were cut short have left in a folder. Nobody may be writing there. */
void store_sweep (const char *folder);

/* A file of the service's own, in its state folder. */
char *store_path (const char *name);

/* Puts one of them aside, if it can be. */
void store_rename (const char *from, const char *to);

/* Keeps a text that is about to be replaced, under the generation that replaces it. */
gboolean store_keep_edited (const char *text, guint64 generation, GError **error);
