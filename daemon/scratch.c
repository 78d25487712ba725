/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "scratch.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "truenas-ssh-error.h"

struct _Scratch
{
  char *folder; /* (owned) */
};

Scratch *
scratch_new (GError **error)
{
  const char *runtime = g_getenv ("RUNTIME_DIRECTORY");
  g_autofree char *folder =
      g_build_filename (runtime ? runtime : g_get_tmp_dir (), "scratch-XXXXXX", NULL);
  Scratch *self;

  if (g_mkdtemp_full (folder, 0700) == NULL)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED, "%s: cannot be made: %s",
                   folder, g_strerror (errno));
      return NULL;
    }
  self = g_new0 (Scratch, 1);
  self->folder = g_steal_pointer (&folder);
  return self;
}

void
scratch_free (Scratch *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self);
}

const char *
scratch_folder (const Scratch *self)
{
  return self->folder;
}

char *
scratch_write (const Scratch *self, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error))
    return NULL;
  return g_steal_pointer (&path);
}
