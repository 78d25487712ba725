/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "generation.h"

#include <gio/gio.h>

#include "store.h"

/* The generation, and on a second line which drop-in it stands for. Fails where nobody can tell now
 * which ones were used, as opposed to none. */
static gboolean
read_file (guint64 *generation, char **mark, GError **error)
{
  g_autofree char *path = store_path ("generation");
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) local = NULL;

  *generation = 0;
  *mark = NULL;
  if (!store_read (path, &text, &local)
      && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (text == NULL || *text == '\0')
    return TRUE;
  lines = g_strsplit (text, "\n", -1);
  g_ascii_string_to_unsigned (lines[0], 10, 0, G_MAXUINT64, generation, NULL);
  if (lines[1] != NULL && *lines[1] != '\0')
    *mark = g_strdup (lines[1]);
  return TRUE;
}

static gboolean
write_file (guint64 generation, const char *mark, GError **error)
{
  g_autofree char *path = store_path ("generation");
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT "\n%s\n", generation, mark);

  return store_replace (path, text, 0600, error);
}

gboolean
generation_read (guint64 *generation, GError **error)
{
  g_autofree char *mark = NULL;

  return read_file (generation, &mark, error);
}

gboolean
generation_set (guint64 generation, GError **error)
{
  return write_file (generation, "", error);
}

/* Our own text goes by its number, which never repeats; an edited one by its hash. */
static char *
make_mark (const char *text, guint64 own)
{
  if (text == NULL)
    return g_strdup ("none");
  if (own > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT, own);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

gboolean
generation_note_drop_in (const char *text, guint64 own, guint64 *generation, GError **error)
{
  g_autofree char *mark = make_mark (text, own);
  g_autofree char *known = NULL;
  gboolean edited = text != NULL && own == 0;

  if (!read_file (generation, &known, error))
    return FALSE;
  *generation = MAX (*generation, own);
  if (g_strcmp0 (mark, known) == 0 || (text == NULL && *generation == 0))
    return TRUE;
  /* After a change or rollback, which did not say what would come of it. */
  if (known == NULL && !edited && own < *generation)
    return TRUE;
  if (known != NULL || edited)
    (*generation)++;
  write_file (*generation, mark, NULL);
  return TRUE;
}
