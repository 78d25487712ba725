/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "view.h"

#include "generation.h"
#include "rebind.h"
#include "settings.h"
#include "store.h"
#include "trial.h"
#include "verify.h"

void
view_clear (View *view)
{
  g_clear_pointer (&view->unit, unit_state_free);
  g_clear_pointer (&view->sshd, sshd_free);
  g_clear_pointer (&view->drop_in, drop_in_free);
  g_free (view->text);
  g_clear_pointer (&view->effective, effective_free);
  g_clear_pointer (&view->complaints, g_ptr_array_unref);
  g_clear_pointer (&view->tree, config_tree_free);
  g_clear_pointer (&view->listening, g_ptr_array_unref);
  g_free (view->deaf_to);
  g_clear_pointer (&view->journal, journal_free);
}

/* By the files as they would be at its next start, when devices that have vanished are left out. */
static void
look_at_sshd (View *view)
{
  g_autoptr (GHashTable) changes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *rebound = rebind (view->text);
  g_autoptr (Trial) trial = NULL;

  view->adrift = rebound != NULL;
  view->sshd =
      sshd_read (view->unit ? view->unit->sshd_path : NULL,
                 view->unit ? (const char *const *) view->unit->arguments : NULL, NULL, NULL);
  if (view->sshd == NULL)
    return;
  if (rebound != NULL)
    g_hash_table_insert (changes, (gpointer) DROP_IN_PATH, rebound);
  view->tree = config_tree_load (view->sshd->main_config, changes, NULL);
  trial = trial_new (view->sshd, rebound != NULL ? view->tree : NULL, NULL);
  if (trial == NULL)
    return;
  trial_allow_known (trial);
  view->effective = trial_run (trial, NULL, &view->complaints, NULL, NULL);
}

/* What a change that is under way writes is nobody's edit by hand. */
static gboolean
find_generation (View *view)
{
  const guint64 own = view->drop_in->generation;

  if (view->journal == NULL || view->journal->verified > 0)
    return generation_note_drop_in (view->text, own, &view->generation, NULL);
  if (!generation_read (&view->generation, NULL))
    return FALSE;
  view->generation = MAX (view->generation, own);
  return TRUE;
}

/* It may only not have come to it yet. */
static char *
find_deaf (const View *view)
{
  g_autoptr (GPtrArray) endpoints = NULL;
  g_autofree char *fault = NULL;

  if (view->unit == NULL || view->effective == NULL || view->listening == NULL
      || !g_str_equal (view->unit->active_state, "active"))
    return NULL;
  endpoints = effective_endpoints (view->effective);
  fault = verify_fault (view->unit, view->listening, endpoints);
  if (fault == NULL)
    return NULL;
  return g_strdup_printf (view->unit->socket_activated
                              ? "%s, though it says so; stop it and its service, and start it"
                              : "%s, though its configuration says so; see its log, and reload it",
                          fault);
}

static gboolean
is_bound (const View *view)
{
  g_autofree const char **names =
      settings_get_strv (view->drop_in->settings, SETTING_BIND_INTERFACES);

  return names[0] != NULL && !view->drop_in->edited && !view->unit->socket_activated;
}

void
view_look (View *view, GDBusConnection *bus)
{
  g_autoptr (GError) unreadable = NULL;
  g_autoptr (GError) error = NULL;

  view->unit = unit_state_read (bus, NULL);
  view->whole = store_read (DROP_IN_PATH, &view->text, &unreadable)
                || g_error_matches (unreadable, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  look_at_sshd (view);
  view->drop_in = drop_in_parse (view->text);
  view->journal = journal_read (&error);
  view->counted = view->whole && find_generation (view);
  view->whole = view->counted && error == NULL;
  view->listening = view->unit ? verify_listeners (view->unit) : NULL;
  view->adrift = view->adrift || (view->listening != NULL && verify_is_stale (view->listening));
  view->deaf_to = find_deaf (view);
  view->adrift = view->adrift
                 || ((view->deaf_to != NULL || (view->unit != NULL && unit_is_lost (view->unit)))
                     && is_bound (view));
}

gboolean
view_is_pending (const View *view)
{
  return view->journal != NULL
         && (!journal_is_due (view->journal) || (view->journal->verified > 0 && !view->stuck));
}
