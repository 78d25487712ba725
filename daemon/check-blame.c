/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Refusals for which sshd tells no line, such as of a command without its user, or of keys that are
 * not there. */

#include "config.h"

#include "check.h"

#include "auxiliary.h"
#include "directive.h"
#include "drop-in.h"
#include "settings.h"
#include "trial.h"
#include "truenas-ssh-error.h"

/* Each costs a run of sshd, while the caller waits. */
#define MAX_LINES 100

typedef enum
{
  ACCEPTED,
  REFUSED_SOMEWHERE,
  REFUSED_AT_LINE,
  UNKNOWN,
} Verdict;

typedef struct
{
  const Sshd *sshd;
  GHashTable *files;
  GCancellable *cancellable;
  char *last_words; /* (owned) (nullable) of an sshd that has told no line */
} Blame;

static Verdict
judge (Blame *self, char **lines)
{
  g_autofree char *text = g_strjoinv ("\n", lines);
  g_autoptr (SshdConfig) config = sshd_config_render_auxiliary (text, NULL);
  g_autoptr (ConfigTree) tree = NULL;
  g_autoptr (Trial) trial = NULL;
  g_autoptr (GPtrArray) complaints = NULL;
  g_autoptr (Effective) effective = NULL;

  if (config == NULL)
    return UNKNOWN;
  g_hash_table_insert (self->files, g_strdup (DROP_IN_PATH), g_strdup (config->text));
  tree = config_tree_load (self->sshd->main_config, self->files, NULL);
  trial = tree ? trial_new (self->sshd, tree, NULL) : NULL;
  if (trial == NULL)
    return UNKNOWN;
  trial_allow_any_method (trial);
  effective = trial_run (trial, NULL, &complaints, self->cancellable, NULL);
  if (effective != NULL)
    return ACCEPTED;
  if (complaints == NULL)
    return UNKNOWN;
  if (complaints->len > 0)
    return REFUSED_AT_LINE;
  g_free (self->last_words);
  self->last_words = g_strdup (trial_last_words (trial));
  return REFUSED_SOMEWHERE;
}

/* Whose absence makes sshd take the rest; 0: none alone. */
static guint
find_line (Blame *self, char **lines)
{
  static char nothing[] = "";

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (Directive) directive = directive_parse (lines[i]);
      char *line = lines[i];
      Verdict verdict;

      if (directive == NULL)
        continue;
      lines[i] = nothing;
      verdict = judge (self, lines);
      lines[i] = line;
      if (verdict == ACCEPTED)
        return i + 1;
    }
  return 0;
}

/* Whether all that sshd could quote is of the caller's. */
static gboolean
quotes_nothing (char **lines)
{
  for (; *lines != NULL; lines++)
    {
      g_autoptr (Directive) directive = directive_parse (*lines);

      if (directive != NULL && g_str_equal (directive->keyword, "include"))
        return FALSE;
    }
  return TRUE;
}

void
check_auxiliary_blame (const Sshd *sshd,
                       GHashTable *files,
                       const char *text,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (Auxiliary) auxiliary = auxiliary_parse (text);
  Blame blame = { .sshd = sshd, .files = files, .cancellable = cancellable };
  g_autofree char *said = NULL;
  guint line;

  if (g_strv_length (auxiliary->lines) > MAX_LINES
      || judge (&blame, auxiliary->lines) != REFUSED_SOMEWHERE)
    return;
  said = g_steal_pointer (&blame.last_words);
  line = find_line (&blame, auxiliary->lines);
  g_free (blame.last_words);
  if (line == 0)
    return;
  g_clear_error (error);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
               SETTING_AUXILIARY_PARAMETERS
               ":%u: sshd refuses the configuration because of this line%s%s",
               line, *said != '\0' && quotes_nothing (auxiliary->lines) ? ": " : "",
               quotes_nothing (auxiliary->lines) ? said : "");
}
