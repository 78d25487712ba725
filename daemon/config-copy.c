/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copies of a configuration: a tree written down with its changes, for sshd to judge. */

#include "config.h"

#include "config-tree-private.h"

#include <string.h>

#include "truenas-ssh-error.h"

static gboolean
include_needs_copy (ConfigTree *self, const ConfigInclude *include, GHashTable *copies)
{
  for (guint i = 0; i < include->paths->len; i++)
    if (g_hash_table_contains (copies,
                               config_tree_file (self, g_ptr_array_index (include->paths, i))))
      return TRUE;
  return include->dropped;
}

static gboolean
file_needs_copy (ConfigTree *self, const ConfigFile *file, GHashTable *copies)
{
  for (guint i = 0; i < file->includes->len; i++)
    if (include_needs_copy (self, g_ptr_array_index (file->includes, i), copies))
      return TRUE;
  return file->changed || g_str_equal (file->path, self->main);
}

static GHashTable *
choose_copies (ConfigTree *self, const char *folder)
{
  GHashTable *copies = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  guint before;

  do
    {
      before = g_hash_table_size (copies);
      for (guint i = 0; i < self->order->len; i++)
        {
          ConfigFile *file = g_ptr_array_index (self->order, i);
          g_autofree char *name = g_strdup_printf ("%u.conf", i);

          if (!g_hash_table_contains (copies, file) && file->text != NULL
              && file_needs_copy (self, file, copies))
            g_hash_table_insert (copies, file, g_build_filename (folder, name, NULL));
        }
    }
  while (g_hash_table_size (copies) > before);
  return copies;
}

/* A path for an Include line, where it is a pattern, in quotes. No line can hold a line break. */
static void
append_literal (GString *out, const char *path)
{
  g_autoptr (GString) escaped = g_string_new (NULL);
  g_autofree char *quoted = NULL;

  for (; *path != '\0'; path++)
    {
      if (strchr ("*?[\\", *path) != NULL)
        g_string_append_c (escaped, '\\');
      g_string_append_c (escaped, *path != '\n' ? *path : '?');
    }
  quoted = directive_quote (escaped->str);
  g_string_append_printf (out, " %s", quoted);
}

static char *
include_line (ConfigTree *self, const ConfigInclude *include, GHashTable *copies)
{
  g_autoptr (GString) line = g_string_new (include->paths->len > 0 ? "Include" : "# Include");

  for (guint i = 0; i < include->paths->len; i++)
    {
      const char *path = g_ptr_array_index (include->paths, i);
      const char *copy = g_hash_table_lookup (copies, config_tree_file (self, path));

      append_literal (line, copy ? copy : path);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static gboolean
write_copy (ConfigTree *self, const ConfigFile *file, GHashTable *copies, GError **error)
{
  const char *copy = g_hash_table_lookup (copies, file);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  for (guint i = 0; file->lines[i] != NULL; i++)
    g_ptr_array_add (lines, g_strdup (file->lines[i]));
  g_ptr_array_add (lines, NULL);
  for (guint i = 0; i < file->includes->len; i++)
    {
      const ConfigInclude *include = g_ptr_array_index (file->includes, i);

      if (!include_needs_copy (self, include, copies))
        continue;
      g_free (lines->pdata[include->line - 1]);
      lines->pdata[include->line - 1] = include_line (self, include, copies);
    }
  text = g_strjoinv ("\n", (char **) lines->pdata);
  return g_file_set_contents_full (copy, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

char *
config_tree_write_copy (const ConfigTree *tree,
                        const char *folder,
                        GHashTable *names,
                        GError **error)
{
  ConfigTree *self = (ConfigTree *) tree; /* every file is known by now */
  g_autoptr (GHashTable) copies = choose_copies (self, folder);
  GHashTableIter iter;
  const ConfigFile *file;
  const char *copy;

  if (!g_hash_table_contains (copies, config_tree_file (self, self->main)))
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
                   "%s: cannot be read as text", self->main);
      return NULL;
    }
  g_hash_table_iter_init (&iter, copies);
  while (g_hash_table_iter_next (&iter, (gpointer *) &file, (gpointer *) &copy))
    {
      if (!write_copy (self, file, copies, error))
        return NULL;
      g_hash_table_insert (names, g_strdup (copy), g_strdup (file->path));
    }
  return g_strdup (g_hash_table_lookup (copies, config_tree_file (self, self->main)));
}
