/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plan as a value: the files that it changes. */

#include "config.h"

#include "plan.h"

#include <sys/stat.h>

#include "diff.h"
#include "drop-in.h"
#include "store.h"

static void
plan_file_free (PlanFile *self)
{
  g_free (self->path);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

Plan *
plan_new (GVariant *settings, guint64 generation)
{
  Plan *self = g_new0 (Plan, 1);

  self->settings = g_variant_ref (settings);
  self->generation = generation;
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) plan_file_free);
  return self;
}

void
plan_free (Plan *self)
{
  g_clear_pointer (&self->settings, g_variant_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_free (self->config);
  g_clear_pointer (&self->effective, effective_free);
  g_clear_pointer (&self->trial, trial_free);
  g_clear_pointer (&self->tree, config_tree_free);
  g_clear_pointer (&self->warnings, g_variant_unref);
  g_clear_pointer (&self->wanted, g_ptr_array_unref);
  g_free (self);
}

/* A folder that is missing yet is made with the file. */
static gboolean
check_place (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return store_check (g_file_test (folder, G_FILE_TEST_IS_DIR) ? path : folder, error);
}

static guint
count_without_drop_in (const Plan *self)
{
  const PlanFile *last =
      self->files->len > 0 ? g_ptr_array_index (self->files, self->files->len - 1) : NULL;

  return self->files->len - (last != NULL && drop_in_is (last->path) ? 1 : 0);
}

/* The drop-in is as readable as the main file: what that does not show, it does not either. Others
 * stay as they are. */
guint
plan_file_mode (const Sshd *sshd, const char *path)
{
  const char *model = drop_in_is (path) ? sshd->main_config : path;
  struct stat info;

  if (stat (model, &info) < 0)
    return 0600;
  if (!drop_in_is (path))
    return info.st_mode & 07777;
  return (info.st_mode & S_IROTH) ? 0644 : 0600;
}

gboolean
plan_add_file (Plan *self,
               const char *path,
               const char *before,
               const char *after,
               guint mode,
               GError **error)
{
  PlanFile *file;

  if (g_strcmp0 (before, after) == 0)
    return TRUE;
  if (!check_place (path, error))
    return FALSE;
  file = g_new0 (PlanFile, 1);
  file->path = g_strdup (path);
  file->before = g_strdup (before);
  file->after = g_strdup (after);
  file->mode = mode;
  g_ptr_array_insert (self->files, (int) count_without_drop_in (self), file);
  return TRUE;
}

char *
plan_diff (const Plan *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < self->files->len; i++)
    {
      const PlanFile *file = g_ptr_array_index (self->files, i);
      g_autofree char *diff =
          diff_texts (file->path, file->before, file->after, cancellable, error);

      if (diff == NULL)
        return NULL;
      g_string_append (all, diff);
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}
