/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "config-tree.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "config-tree-private.h"
#include "store.h"
#include "truenas-ssh-error.h"

#define MAX_DEPTH 16 /* SERVCONF_MAX_DEPTH of sshd */
#define MAX_LINES 100000

static void
config_line_free (ConfigLine *self)
{
  g_free (self->path);
  g_free (self->text);
  directive_free (self->directive);
  g_free (self);
}

static void
include_free (ConfigInclude *self)
{
  g_ptr_array_unref (self->paths);
  g_free (self);
}

static void
file_free (ConfigFile *self)
{
  g_free (self->path);
  g_strfreev (self->lines);
  g_free (self->text);
  g_ptr_array_unref (self->includes);
  g_free (self);
}

void
config_tree_free (ConfigTree *self)
{
  g_free (self->main);
  g_hash_table_unref (self->changes);
  g_hash_table_unref (self->files);
  g_ptr_array_unref (self->order);
  g_ptr_array_unref (self->lines);
  g_hash_table_unref (self->reached);
  g_free (self);
}

/* One name for a file, by whichever symlinked folder it is reached. */
static char *
canonical (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *real = realpath (folder, NULL);

  return g_build_filename (real ? real : folder, name, NULL);
}

static int
compare_bytes (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Files that only the changes bring, of one folder. */
static void
add_new_of (ConfigTree *self, const char *folder, const char *pattern, GPtrArray *paths)
{
  GHashTableIter iter;
  const char *path, *text;

  g_hash_table_iter_init (&iter, self->changes);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, (gpointer *) &text))
    {
      g_autofree char *name = g_path_get_basename (path);
      g_autofree char *candidate = g_strconcat (folder, "/", name, NULL);
      g_autofree char *real = canonical (candidate);

      if (text != NULL && g_str_equal (real, path)
          && !g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK)
          && fnmatch (pattern, name, FNM_PERIOD) == 0)
        g_ptr_array_add (paths, g_steal_pointer (&candidate));
    }
}

/* Those that the pattern would find, named as it would name them. */
static void
add_new (ConfigTree *self, const char *pattern, GPtrArray *paths)
{
  const char *slash = strrchr (pattern, '/');
  g_autofree char *folder = g_strndup (pattern, (gsize) (slash - pattern));
  glob_t found = { 0 };

  if (*folder == '\0' || glob (folder, GLOB_NOSORT | GLOB_NOCHECK, NULL, &found) != 0)
    add_new_of (self, folder, slash + 1, paths);
  for (gsize i = 0; i < found.gl_pathc; i++)
    add_new_of (self, found.gl_pathv[i], slash + 1, paths);
  globfree (&found);
}

static GPtrArray *
expand_pattern (ConfigTree *self, const char *pattern, gboolean *dropped)
{
  g_autofree char *folder = g_path_get_dirname (self->main);
  g_autofree char *absolute =
      g_path_is_absolute (pattern) ? g_strdup (pattern) : g_build_filename (folder, pattern, NULL);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  glob_t found = { 0 };

  if (glob (absolute, GLOB_NOSORT, NULL, &found) == 0)
    for (gsize i = 0; i < found.gl_pathc; i++)
      {
        g_autofree char *real = canonical (found.gl_pathv[i]);
        gpointer text;

        if (g_hash_table_lookup_extended (self->changes, real, NULL, &text) && text == NULL)
          *dropped = TRUE;
        else
          g_ptr_array_add (paths, g_strdup (found.gl_pathv[i]));
      }
  globfree (&found);

  add_new (self, absolute, paths);
  g_ptr_array_sort (paths, compare_bytes);
  return paths;
}

static ConfigInclude *
include_new (ConfigTree *self, guint line, char **patterns)
{
  ConfigInclude *include = g_new0 (ConfigInclude, 1);

  include->line = line;
  include->paths = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; patterns != NULL && patterns[i] != NULL; i++)
    g_ptr_array_extend_and_steal (include->paths,
                                  expand_pattern (self, patterns[i], &include->dropped));
  return include;
}

static void
load_text (ConfigTree *self, ConfigFile *file, const char *real)
{
  gpointer text;

  file->changed = g_hash_table_lookup_extended (self->changes, real, NULL, &text);
  if (file->changed)
    file->text = g_strdup (text);
  else
    store_read (file->path, &file->text, NULL);
  if (file->text != NULL)
    file->lines = g_strsplit (file->text, "\n", -1);
}

ConfigFile *
config_tree_file (ConfigTree *self, const char *path)
{
  g_autofree char *real = canonical (path);
  ConfigFile *file = g_hash_table_lookup (self->files, real);

  if (file != NULL)
    return file;
  file = g_new0 (ConfigFile, 1);
  file->path = g_strdup (path);
  file->includes = g_ptr_array_new_with_free_func ((GDestroyNotify) include_free);
  load_text (self, file, real);
  for (guint i = 0; file->lines != NULL && file->lines[i] != NULL; i++)
    {
      g_autoptr (Directive) directive = directive_parse (file->lines[i]);

      if (directive != NULL && g_str_equal (directive->keyword, "include"))
        g_ptr_array_add (file->includes, include_new (self, i + 1, directive->args));
    }
  g_hash_table_insert (self->files, g_steal_pointer (&real), file);
  g_ptr_array_add (self->order, file);
  return file;
}

static void
note_reached (ConfigTree *self, const char *path, gboolean conditional)
{
  g_autofree char *real = canonical (path);
  gpointer before;

  if (!g_hash_table_lookup_extended (self->reached, real, NULL, &before)
      || (GPOINTER_TO_INT (before) && !conditional))
    g_hash_table_insert (self->reached, g_steal_pointer (&real), GINT_TO_POINTER (conditional));
}

/* Why sshd must not be asked about it, or could not tell us; NULL: it can. Files are masked with
 * links to /dev/null, which ends at once. */
static const char *
find_obstacle (const char *path)
{
  struct stat info;

  if (stat (path, &info) < 0)
    return NULL;
  if (S_ISFIFO (info.st_mode) || S_ISBLK (info.st_mode)
      || (S_ISCHR (info.st_mode) && info.st_rdev != makedev (1, 3)))
    return "includes a pipe or a device, which sshd would read for ever; take it out";
  if (S_ISREG (info.st_mode) && info.st_size > STORE_MAX_BYTES)
    return "includes a file of more than 4 MiB; take it out";
  if (access (path, R_OK) < 0 && errno == EACCES)
    return "includes a file that truenas-ssh may not read; make root its owner";
  return NULL;
}

static const ConfigLine *
add_line (ConfigTree *self,
          const ConfigFile *file,
          guint i,
          Directive *directive,
          gboolean conditional)
{
  ConfigLine *line = g_new0 (ConfigLine, 1);

  line->path = g_strdup (file->path);
  line->line = i + 1;
  line->text = g_strdup (file->lines[i]);
  line->directive = directive;
  line->conditional = conditional;
  g_ptr_array_add (self->lines, line);
  return line;
}

/* A Match ends with its file; the lines that one of its lines includes are under it too. */
static gboolean
walk (ConfigTree *self, const char *path, gboolean conditional, guint depth, GError **error)
{
  const ConfigFile *file = config_tree_file (self, path);
  guint include = 0;

  note_reached (self, path, conditional);
  if (depth > MAX_DEPTH || self->lines->len > MAX_LINES)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
                   "%s: the Include lines go too deep", path);
      return FALSE;
    }
  for (guint i = 0; file->lines != NULL && file->lines[i] != NULL; i++)
    {
      Directive *directive = directive_parse (file->lines[i]);
      const ConfigLine *line;

      if (directive == NULL)
        continue;
      conditional = conditional || g_str_equal (directive->keyword, "match");
      line = add_line (self, file, i, directive, conditional);
      if (g_str_equal (directive->keyword, "include"))
        {
          const ConfigInclude *included = g_ptr_array_index (file->includes, include++);

          for (guint j = 0; j < included->paths->len; j++)
            {
              const char *name = g_ptr_array_index (included->paths, j);

              if (self->obstacle == NULL && (self->obstacle = find_obstacle (name)) != NULL)
                self->obstacle_line = line;
              if (!walk (self, name, conditional, depth + 1, error))
                return FALSE;
            }
        }
    }
  return TRUE;
}

ConfigTree *
config_tree_load (const char *main_path, GHashTable *changes, GError **error)
{
  g_autoptr (ConfigTree) self = g_new0 (ConfigTree, 1);
  GHashTableIter iter;
  const char *path, *text;

  self->main = g_strdup (main_path);
  self->changes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) file_free);
  self->order = g_ptr_array_new ();
  self->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) config_line_free);
  self->reached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_hash_table_iter_init (&iter, changes);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, (gpointer *) &text))
    g_hash_table_insert (self->changes, canonical (path), g_strdup (text));
  return walk (self, main_path, FALSE, 0, error) ? g_steal_pointer (&self) : NULL;
}

ConfigTree *
config_tree_reload (const ConfigTree *self)
{
  return config_tree_load (self->main, self->changes, NULL);
}

const char *
config_tree_obstacle (const ConfigTree *self, const ConfigLine **line)
{
  *line = self->obstacle_line;
  return self->obstacle;
}

const GPtrArray *
config_tree_lines (const ConfigTree *self)
{
  return self->lines;
}

char **
config_tree_paths (const ConfigTree *self)
{
  char **paths = g_new0 (char *, self->order->len + 1);

  for (guint i = 0; i < self->order->len; i++)
    paths[i] = ((ConfigFile *) g_ptr_array_index (self->order, i))->path;
  return paths;
}

const char *
config_tree_text (const ConfigTree *self, const char *path)
{
  g_autofree char *real = canonical (path);
  const ConfigFile *file = g_hash_table_lookup (self->files, real);

  return file ? file->text : NULL;
}

gboolean
config_tree_is_on_disk (const ConfigTree *self, const char *path)
{
  g_autofree char *real = canonical (path);

  return !g_hash_table_contains (self->changes, real);
}

gboolean
config_tree_reaches (const ConfigTree *self, const char *path, gboolean *conditional)
{
  g_autofree char *real = canonical (path);
  gpointer value = NULL;
  gboolean reached = g_hash_table_lookup_extended (self->reached, real, NULL, &value);

  *conditional = GPOINTER_TO_INT (value);
  return reached;
}
