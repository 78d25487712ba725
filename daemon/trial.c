/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "trial.h"

#include "answers.h"
#include "scratch.h"
#include "truenas-ssh-error.h"

struct _Trial
{
  const Sshd *sshd;
  ConfigTree *disk;       /* (owned) (nullable) where it is about that */
  const ConfigTree *tree; /* (nullable) what it is about */
  Scratch *scratch;       /* (owned) (nullable) */
  char *main;             /* (owned) (nullable) what -f names */
  GHashTable *names;      /* (owned) copy → original */
  Complaint *obstacle;    /* (owned) (nullable) why sshd is not to be asked */
  gboolean any_method;
  gboolean known;      /* what sshd has said before will do */
  GString *last_words; /* (owned) */
};

void
complaint_free (Complaint *self)
{
  g_free (self->path);
  g_free (self->message);
  g_free (self);
}

static Complaint *
complaint_new (const char *path, guint line, const char *message, gboolean own)
{
  Complaint *self = g_new0 (Complaint, 1);

  self->path = g_strdup (path);
  self->line = line;
  self->message = g_strdup (message);
  self->own = own;
  return self;
}

void
trial_free (Trial *self)
{
  g_clear_pointer (&self->obstacle, complaint_free);
  g_clear_pointer (&self->disk, config_tree_free);
  g_clear_pointer (&self->scratch, scratch_free);
  g_free (self->main);
  g_hash_table_unref (self->names);
  g_string_free (self->last_words, TRUE);
  g_free (self);
}

static ConfigTree *
load_disk (const Sshd *sshd)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);

  return config_tree_load (sshd->main_config, nothing, NULL);
}

static void
find_obstacle (Trial *self)
{
  const ConfigLine *line = NULL;
  const char *obstacle = self->tree ? config_tree_obstacle (self->tree, &line) : NULL;

  if (obstacle != NULL)
    self->obstacle = complaint_new (line->path, line->line, obstacle, TRUE);
}

Trial *
trial_new (const Sshd *sshd, const ConfigTree *tree, GError **error)
{
  g_autoptr (Trial) self = g_new0 (Trial, 1);

  self->sshd = sshd;
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->last_words = g_string_new (NULL);
  self->disk = tree == NULL ? load_disk (sshd) : NULL;
  self->tree = tree ? tree : self->disk;
  find_obstacle (self);
  if (tree == NULL)
    return g_steal_pointer (&self);

  self->scratch = scratch_new (error);
  if (self->scratch == NULL)
    return NULL;
  self->main = config_tree_write_copy (tree, scratch_folder (self->scratch), self->names, error);
  return self->main != NULL ? g_steal_pointer (&self) : NULL;
}

void
trial_allow_any_method (Trial *self)
{
  self->any_method = TRUE;
}

void
trial_allow_known (Trial *self)
{
  self->known = TRUE;
}

/* (nullable) What an answer depends on. Of those about a configuration that is on no disk only the
 * ones are kept that will be asked for again, and none about somebody's connection is. */
static char *
find_key (const Trial *self, const char *connection)
{
  const gboolean kept = self->main == NULL || self->known;

  return self->tree != NULL && kept && !self->any_method && connection == NULL
             ? answers_key (self->sshd, self->tree)
             : NULL;
}

/* "FILE line 3: message" or "FILE: line 3: message"; anything else tells no place. */
GPtrArray *
trial_parse_complaints (GHashTable *names, const char *text)
{
  /* What is only deprecated is no reason, nor what an option for more messages brings up. */
  g_autoptr (GRegex) regex =
      g_regex_new ("^(?!debug\\d: )(.+?):? line (\\d+): (?!(?:Deprecated|Unsupported) option)(.*)$",
                   G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GPtrArray *complaints = g_ptr_array_new_with_free_func ((GDestroyNotify) complaint_free);

  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *path = g_match_info_fetch (match, 1);
      g_autofree char *line = g_match_info_fetch (match, 2);
      g_autofree char *message = g_strchomp (g_match_info_fetch (match, 3));
      const char *original = g_hash_table_lookup (names, path);

      g_ptr_array_add (complaints,
                       complaint_new (original ? original : path,
                                      (guint) g_ascii_strtoull (line, NULL, 10), message, FALSE));
    }
  return complaints;
}

/* The one before its farewell, if that is all that the last one is. */
static void
note_last_words (const Trial *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = g_strv_length (lines); i > 0; i--)
    {
      g_strstrip (lines[i - 1]);
      if (*lines[i - 1] == '\0' || g_str_has_suffix (lines[i - 1], " -- exiting."))
        continue;
      g_string_assign (self->last_words, lines[i - 1]);
      return;
    }
}

static void
set_refused (const Trial *self, GError **error)
{
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
               "%s refuses the configuration", self->sshd->path);
}

static ChildResult *
ask (const Trial *self, const char *connection, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();

  g_ptr_array_add (args, (gpointer) "-T");
  /* The first one counts. */
  if (self->any_method)
    g_ptr_array_add (args, (gpointer) "-oAuthenticationMethods=any");
  for (gsize i = 0; self->sshd->arguments != NULL && self->sshd->arguments[i] != NULL; i++)
    g_ptr_array_add (args, self->sshd->arguments[i]);
  /* Of these the last one counts. */
  if (self->main != NULL)
    {
      g_ptr_array_add (args, (gpointer) "-f");
      g_ptr_array_add (args, self->main);
    }
  /* Nobody's connection; without any port a Match LocalPort is fatal. */
  g_ptr_array_add (args, (gpointer) "-C");
  g_ptr_array_add (args, (gpointer) (connection ? connection : "lport=1"));
  g_ptr_array_add (args, NULL);
  return sshd_run (self->sshd->path, (const char *const *) args->pdata, cancellable, error);
}

/* Unless something has changed meanwhile: nobody knows what sshd has read then. */
static void
keep (const Trial *self, const char *key, const char *output)
{
  g_autoptr (ConfigTree) now = config_tree_reload (self->tree);
  g_autofree char *after = now ? answers_key (self->sshd, now) : NULL;

  if (after != NULL && g_str_equal (after, key))
    answers_keep (key, output);
}

Effective *
trial_run (const Trial *self,
           const char *connection,
           GPtrArray **complaints,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *key = NULL;
  g_autofree char *before = NULL;
  g_autoptr (ChildResult) result = NULL;

  *complaints = NULL;
  if (self->obstacle != NULL)
    {
      *complaints = g_ptr_array_new_with_free_func ((GDestroyNotify) complaint_free);
      g_ptr_array_add (*complaints, complaint_new (self->obstacle->path, self->obstacle->line,
                                                   self->obstacle->message, TRUE));
      set_refused (self, error);
      return NULL;
    }
  key = find_key (self, connection);
  before = key != NULL && self->known ? answers_find (key) : NULL;
  if (before != NULL)
    return effective_parse (before);
  result = ask (self, connection, cancellable, error);
  if (result == NULL)
    return NULL;
  if (result->status == 0)
    {
      if (key != NULL)
        keep (self, key, result->out);
      return effective_parse (result->out);
    }
  *complaints = trial_parse_complaints (self->names, result->err);
  note_last_words (self, result->err);
  set_refused (self, error);
  return NULL;
}

const char *
trial_last_words (const Trial *self)
{
  return self->last_words->str;
}

Effective *
trial_effective_known (const Sshd *self)
{
  g_autoptr (Trial) trial = trial_new (self, NULL, NULL);
  g_autoptr (GPtrArray) complaints = NULL;

  if (trial == NULL)
    return NULL;
  trial_allow_known (trial);
  return trial_run (trial, NULL, &complaints, NULL, NULL);
}

Effective *
trial_effective (const Sshd *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (Trial) trial = trial_new (self, NULL, error);
  g_autoptr (GPtrArray) complaints = NULL;
  Effective *effective = trial ? trial_run (trial, NULL, &complaints, cancellable, error) : NULL;

  if (effective == NULL && complaints != NULL && complaints->len > 0)
    {
      const Complaint *complaint = g_ptr_array_index (complaints, 0);

      g_prefix_error (error, "%s:%u: ", complaint->path, complaint->line);
    }
  return effective;
}
