/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "config-tree.h"

/* What loading and copying share. */

typedef struct
{
  guint line;
  GPtrArray *paths; /* (owned) what it includes, in order */
  gboolean dropped; /* it includes a file that the changes take away */
} ConfigInclude;

typedef struct
{
  char *path;          /* (owned) as sshd names it */
  char **lines;        /* (owned) (nullable) cannot be read as text */
  char *text;          /* (owned) (nullable) */
  GPtrArray *includes; /* (owned) (element-type ConfigInclude) */
  gboolean changed;
} ConfigFile;

struct _ConfigTree
{
  char *main;                      /* (owned) */
  GHashTable *changes;             /* (owned) canonical path → text, or NULL */
  GHashTable *files;               /* (owned) canonical path → ConfigFile */
  GPtrArray *order;                /* (owned) (element-type ConfigFile) (unowned elements) */
  GPtrArray *lines;                /* (owned) (element-type ConfigLine) */
  const char *obstacle;            /* (nullable) in English */
  const ConfigLine *obstacle_line; /* (nullable) whose it is */
  GHashTable *reached;             /* (owned) canonical path → whether under a Match only */
};

/* Loads a file on its first use. */
ConfigFile *config_tree_file (ConfigTree *self, const char *path);
