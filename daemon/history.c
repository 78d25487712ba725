/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "history.h"

#include <string.h>

#include "diff.h"
#include "drop-in.h"
#include "generation.h"
#include "rebind.h"
#include "record.h"
#include "settings.h"
#include "store.h"
#include "truenas-ssh-error.h"

#define FORMAT      "truenas-ssh history 1"
#define TYPE        "(saa{sv})"
#define NAME        "history"
#define MAX_ENTRIES 50
#define MAX_DIFF    (32 * 1024)
#define MAX_BYTES   (3 * 1024 * 1024) /* of the file */

/* In an entry, beside what the interface shows. */
#define SETTINGS "settings"        /* a{sv}; not after a failure or an edit, which leave none */
#define NEXT     "next-generation" /* t, the one that a rollback has led to */

static const char *const outcomes[] = {
  [HISTORY_APPLIED] = "applied",     [HISTORY_PENDING] = "pending",
  [HISTORY_CONFIRMED] = "confirmed", [HISTORY_ROLLED_BACK] = "rolled-back",
  [HISTORY_FAILED] = "failed",       [HISTORY_EDITED] = "edited",
};

G_STATIC_ASSERT (G_N_ELEMENTS (outcomes) == HISTORY_N_OUTCOMES);

const char *
history_outcome (HistoryOutcome outcome)
{
  return outcomes[outcome];
}

/* Reading. */

GVariant *
history_parse (const char *text)
{
  return record_parse (FORMAT, TYPE, text);
}

/* broken: there is a file, but not one of ours. An error is set where that cannot be told now. */
static GVariant *
load (gboolean *broken, GError **error)
{
  g_autofree char *path = store_path (NAME);
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  GVariant *value = NULL;

  *broken = !store_read (path, &text, &local);
  if (local != NULL && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    g_propagate_error (error, g_steal_pointer (&local));
  if (text != NULL)
    {
      value = history_parse (text);
      *broken = value == NULL;
    }
  return value ? value : g_variant_ref_sink (g_variant_new ("(saa{sv})", "", NULL));
}

GVariant *
history_read (void)
{
  gboolean broken;
  g_autoptr (GVariant) value = load (&broken, NULL);

  return g_variant_get_child_value (value, 1);
}

GVariant *
history_list (GVariant *history)
{
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (history, i);
      g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (entry);

      g_variant_dict_remove (&dict, SETTINGS);
      g_variant_dict_remove (&dict, NEXT);
      g_variant_builder_add_value (&list, g_variant_dict_end (&dict));
    }
  return g_variant_ref_sink (g_variant_builder_end (&list));
}

static guint64
get_generation (GVariant *entry, const char *key)
{
  guint64 generation = 0;

  g_variant_lookup (entry, key, "t", &generation);
  return generation;
}

static gboolean
is_of (GVariant *entry, guint64 generation)
{
  return get_generation (entry, "generation") == generation
         || get_generation (entry, NEXT) == generation;
}

/* Before the first change nothing is managed, whether that one is still known or not. */
GVariant *
history_find (GVariant *history, guint64 generation, GError **error)
{
  const char *why = "is not in the history; ListHistory tells which are";

  if (generation == 0)
    return g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (history, i);
      g_autoptr (GVariant) settings = NULL;

      if (!is_of (entry, generation))
        continue;
      settings = g_variant_lookup_value (entry, SETTINGS, G_VARIANT_TYPE_VARDICT);
      if (settings != NULL)
        return g_steal_pointer (&settings);
      why = "has left no settings to go back to: it failed, or was an edit by hand";
    }
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
               "generation %" G_GUINT64_FORMAT " %s", generation, why);
  return NULL;
}

const char *
history_tells (GVariant *history, guint64 generation)
{
  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (history, i);
      const char *told = "";

      if (get_generation (entry, "generation") != generation
          || !g_variant_lookup (entry, "outcome", "&s", &told))
        continue;
      for (gsize j = 0; j < G_N_ELEMENTS (outcomes); j++)
        if (g_str_equal (told, outcomes[j]))
          return outcomes[j];
    }
  return NULL;
}

/* Writing. */

/* The entries in their order, with this one in its place. (element-type GVariant) */
static GPtrArray *
insert (GVariant *history, GVariant *entry)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  guint64 generation = get_generation (entry, "generation");
  guint place = 0;

  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) other = g_variant_get_child_value (history, i);
      guint64 others = get_generation (other, "generation");

      place += others > generation;
      if (others != generation)
        g_ptr_array_add (entries, g_steal_pointer (&other));
    }
  g_ptr_array_insert (entries, (int) place, g_variant_ref (entry));
  if (entries->len > MAX_ENTRIES)
    g_ptr_array_set_size (entries, MAX_ENTRIES);
  return entries;
}

/* As many as there is room for. */
static char *
compose (const char *written, GPtrArray *entries)
{
  for (;; g_ptr_array_set_size (entries, (int) entries->len - 1))
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (
          g_variant_new ("(s@aa{sv})", written,
                         g_variant_new_array (G_VARIANT_TYPE_VARDICT, (GVariant **) entries->pdata,
                                              entries->len)));
      g_autofree char *text = record_compose (FORMAT, value);

      if (entries->len <= 1 || strlen (text) <= MAX_BYTES)
        return g_steal_pointer (&text);
    }
}

static void
put_aside (void)
{
  g_autofree char *path = store_path (NAME);
  g_autofree char *aside = store_path (NAME ".broken");

  g_message ("%s: cannot be understood, and is moved to %s", path, aside);
  store_rename (path, aside);
}

/* written: (nullable) the drop-in, if it is as we have written it. */
static void
save (GVariant *entry, const char *written)
{
  gboolean broken;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = load (&broken, &error);
  g_autoptr (GVariant) history = g_variant_get_child_value (value, 1);
  g_autoptr (GPtrArray) entries = insert (history, entry);
  g_autofree char *path = store_path (NAME);
  g_autofree char *text = NULL;
  const char *before;

  if (broken && error == NULL)
    put_aside ();
  g_variant_get_child (value, 0, "&s", &before);
  text = compose (written ? written : before, entries);
  if (error != NULL || !store_replace (path, text, 0600, &error))
    g_message ("The history lacks generation %" G_GUINT64_FORMAT ": %s",
               get_generation (entry, "generation"), error->message);
}

static void
begin (GVariantDict *entry, guint64 generation, HistoryOutcome outcome)
{
  g_variant_dict_init (entry, NULL);
  g_variant_dict_insert (entry, "generation", "t", generation);
  g_variant_dict_insert (entry, "time", "t", (guint64) g_get_real_time ());
  g_variant_dict_insert (entry, "outcome", "s", outcomes[outcome]);
}

/* The settings are those that the drop-in holds now: a rollback can lead to other ones than there
 * were, such as none. */
void
history_note (const Journal *journal, HistoryOutcome outcome)
{
  g_auto (GStrv) changed = settings_changed (journal->before, journal->after);
  g_autofree char *text = NULL;
  gboolean readable = store_read (DROP_IN_PATH, &text, NULL);
  g_autoptr (DropIn) drop_in = drop_in_parse (text);
  g_autoptr (GVariant) entry = NULL;
  guint64 next;
  g_auto (GVariantDict) dict;

  begin (&dict, journal->generation, outcome);
  g_variant_dict_insert (&dict, "uid", "u", journal->uid);
  g_variant_dict_insert (&dict, "login-uid", "u", journal->login_uid);
  g_variant_dict_insert (&dict, "changed", "^as", changed);
  g_variant_dict_insert (&dict, "diff", "s", journal->diff);
  if (outcome == HISTORY_ROLLED_BACK && generation_read (&next, NULL))
    g_variant_dict_insert (&dict, NEXT, "t", next);
  if (outcome != HISTORY_FAILED && readable && !drop_in->edited)
    g_variant_dict_insert_value (&dict, SETTINGS, drop_in->settings);
  entry = g_variant_ref_sink (g_variant_dict_end (&dict));
  save (entry, !readable || drop_in->edited ? NULL : text ? text : "");
}

char *
history_compare (const char *text)
{
  gboolean broken;
  g_autoptr (GVariant) value = load (&broken, NULL);
  g_autofree char *rebound = NULL;
  g_autofree char *diff = NULL;
  const char *written;

  g_variant_get_child (value, 0, "&s", &written);
  rebound = rebind (written);
  diff = diff_plain (DROP_IN_PATH, rebound ? rebound : written, text);
  return history_cut (diff);
}

/* Nobody knows who it was. */
void
history_note_edit (guint64 generation, const char *diff)
{
  static const char *const none[] = { NULL };
  g_autoptr (GVariant) entry = NULL;
  g_auto (GVariantDict) dict;

  begin (&dict, generation, HISTORY_EDITED);
  g_variant_dict_insert (&dict, "uid", "u", G_MAXUINT32);
  g_variant_dict_insert (&dict, "login-uid", "u", G_MAXUINT32);
  g_variant_dict_insert (&dict, "changed", "^as", none);
  g_variant_dict_insert (&dict, "diff", "s", diff);
  entry = g_variant_ref_sink (g_variant_dict_end (&dict));
  save (entry, NULL);
}

char *
history_cut (const char *diff)
{
  gsize length = strlen (diff);
  const char *end;
  gsize kept;

  if (length <= MAX_DIFF)
    return g_strdup (diff);
  end = memrchr (diff, '\n', MAX_DIFF);
  end = end ? end + 1 : g_utf8_find_prev_char (diff, diff + MAX_DIFF);
  kept = (gsize) (end - diff);
  return g_strdup_printf ("%.*s%s\\ Cut off here: %" G_GSIZE_FORMAT " more bytes\n", (int) kept,
                          diff, end[-1] == '\n' ? "" : "\n", length - kept);
}
