/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "config-tree.h"
#include "match.h"

/* A main file that is on no disk; no paths, so that nothing else is read. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (GHashTable) changes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ConfigTree) tree = NULL;
  g_auto (GStrv) origins = NULL;

  if (strchr (text, '/') != NULL)
    return 0;
  g_hash_table_insert (changes, (gpointer) "/none/sshd_config", text);
  tree = config_tree_load ("/none/sshd_config", changes, NULL);
  if (tree == NULL)
    return 0;
  match_asks_for_user (tree);
  origins = match_origins (tree, 100);
  return 0;
}
