/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* A folder for the files of a test, which goes with everything in it. */
typedef struct
{
  char *path; /* (owned) canonical */
} Folder;

Folder *folder_new (void);
void folder_free (Folder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Folder, folder_free)

/* A path in it: name may hold slashes. */
char *folder_path (const Folder *self, const char *name);

/* Writes a file, and makes the folders above it. */
void folder_write (const Folder *self, const char *name, const char *text);

void folder_link (const Folder *self, const char *name, const char *target);

/* NULL: it is not there. */
char *folder_read (const Folder *self, const char *name);

/* Names of the files in it, sorted, with spaces between. */
char *folder_names (const Folder *self);
