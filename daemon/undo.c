/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "undo.h"

#include <gio/gio.h>

#include "audit.h"
#include "drop-in.h"
#include "generation.h"
#include "history.h"
#include "rebind.h"
#include "recipher.h"
#include "store.h"

#define MAX_TRIES 3

void
undo_sweep (void)
{
  g_autofree char *own = store_path (NULL);

  store_sweep (own);
  store_sweep ("/etc/ssh");
  store_sweep ("/etc/ssh/sshd_config.d");
  store_sweep ("/etc/systemd/system/ssh.socket.d");
  store_sweep ("/etc/systemd/system/sshd.socket.d");
}

static gboolean
renew_once (char *(*render) (const char *text), GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *fresh = NULL;

  g_autoptr (GError) local = NULL;

  if (!store_read (DROP_IN_PATH, &text, &local))
    {
      /* None of ours. */
      if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  fresh = render (text);
  return fresh == NULL || store_update (DROP_IN_PATH, text, fresh, 0644, error);
}

/* Whatever somebody has made of it just now. */
static gboolean
renew (char *(*render) (const char *text), GError **error)
{
  GError *local = NULL;

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_clear_error (&local);
      if (renew_once (render, &local))
        return TRUE;
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG))
        break;
    }
  g_propagate_error (error, local);
  return FALSE;
}

gboolean
undo_rebind (GError **error)
{
  return renew (rebind, error);
}

gboolean
undo_recipher (GError **error)
{
  return renew (recipher, error);
}

/* What somebody has made of the drop-in since the change. (nullable) */
static char *
find_edit (const Journal *journal)
{
  const JournalFile *file = journal_drop_in (journal);
  g_autofree char *text = NULL;
  g_autoptr (DropIn) drop_in = NULL;

  if (file == NULL || !store_read (file->path, &text, NULL) || text == NULL
      || g_strcmp0 (text, file->before) == 0)
    return NULL;
  drop_in = drop_in_parse (text);
  return drop_in->edited ? g_steal_pointer (&text) : NULL;
}

static void
note_edit (const Journal *journal, guint64 generation, const char *text)
{
  g_autofree char *diff = history_compare (text);

  history_note_edit (generation, diff);
  audit_edit (journal, generation, text);
}

/* The generation last: a disk that is full must not keep anything from coming back, and without it
 * the number of the change itself is used up all the same. One that cannot be read is not written,
 * since it may be a higher one. Trying once more with the same files is no new one. */
gboolean
undo_files (const Journal *journal, GError **error)
{
  g_autofree char *edit = find_edit (journal);
  guint64 known = 0;
  gboolean is_known =
      edit ? generation_note_drop_in (edit, 0, &known, NULL) : generation_read (&known, NULL);
  guint64 generation = MAX (journal->generation, known);
  gboolean changed;

  if (!journal_undo (journal, &changed, error) || !undo_rebind (error))
    return FALSE;
  if (edit != NULL)
    note_edit (journal, generation, edit);
  if (is_known && (changed || known <= journal->generation))
    generation_set (generation + 1, NULL);
  return TRUE;
}
