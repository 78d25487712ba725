/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "directive.h"

/* sshd's configuration as it reads it: the main file with everything that it includes. Reads files:
 * for worker threads. */

typedef struct
{
  char *path;           /* (owned) of the file it stands in */
  guint line;           /* from 1 */
  char *text;           /* (owned) */
  Directive *directive; /* (owned) */
  gboolean conditional; /* it is a Match, or among the lines of one */
} ConfigLine;

typedef struct _ConfigTree ConfigTree;

void config_tree_free (ConfigTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ConfigTree, config_tree_free)

/* changes: (element-type filename utf8) what files would hold; a NULL text: the file is not there.
 */
ConfigTree *config_tree_load (const char *main_path, GHashTable *changes, GError **error);

/* (nullable) The same with the same changes, as the files are now. */
ConfigTree *config_tree_reload (const ConfigTree *self);

/* (element-type ConfigLine) every line with a directive, in the order in which sshd meets them. */
const GPtrArray *config_tree_lines (const ConfigTree *self);

/* The files, main first. (transfer container) */
char **config_tree_paths (const ConfigTree *self);

/* What a file holds, with the changes; NULL: it is not part of it, or cannot be read as text. */
const char *config_tree_text (const ConfigTree *self, const char *path);

/* Whether that is what it holds on disk. */
gboolean config_tree_is_on_disk (const ConfigTree *self, const char *path);

/* Whether sshd comes to read this file, and if so whether under a Match only. */
gboolean config_tree_reaches (const ConfigTree *self, const char *path, gboolean *conditional);

/* Why sshd is not to be asked about it, in English, and the Include line that is to blame: it leads
 * to a pipe, a device, a huge file, or one that we may not read. NULL: sshd can be asked. */
const char *config_tree_obstacle (const ConfigTree *self, const ConfigLine **line);

/* Writes a main file into a folder that makes sshd read the tree with its changes, though none of
 * them is made: it and the files on the way to a change are copies, in which Include lines name
 * copies. Every line stays where it was. names: (element-type filename filename) copy → original.
 */
char *config_tree_write_copy (const ConfigTree *self,
                              const char *folder,
                              GHashTable *names,
                              GError **error);
