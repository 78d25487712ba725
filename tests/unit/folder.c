/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "folder.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Folder *
folder_new (void)
{
  g_autofree char *made = g_dir_make_tmp ("truenas-ssh-test-XXXXXX", NULL);
  Folder *self = g_new0 (Folder, 1);

  g_assert_nonnull (made);
  self->path = realpath (made, NULL);
  g_assert_nonnull (self->path);
  return self;
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_unlink (path) == 0)
    return;
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_rmdir (path);
}

void
folder_free (Folder *self)
{
  remove_all (self->path);
  free (self->path);
  g_free (self);
}

char *
folder_path (const Folder *self, const char *name)
{
  return g_build_filename (self->path, name, NULL);
}

static char *
prepare (const Folder *self, const char *name)
{
  g_autofree char *path = folder_path (self, name);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  return g_steal_pointer (&path);
}

void
folder_write (const Folder *self, const char *name, const char *text)
{
  g_autofree char *path = prepare (self, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

void
folder_link (const Folder *self, const char *name, const char *target)
{
  g_autofree char *path = prepare (self, name);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

char *
folder_read (const Folder *self, const char *name)
{
  g_autofree char *path = folder_path (self, name);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
folder_names (const Folder *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, (gpointer) g_intern_string (name));
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}
