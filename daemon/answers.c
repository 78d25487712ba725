/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "answers.h"

#include <string.h>

#include "file-identity.h"

#define LIFETIME    (60 * G_TIME_SPAN_SECOND)
#define MAX_ANSWERS 8

typedef struct
{
  char *output;    /* (owned) */
  gint64 deadline; /* monotonic */
} Answer;

static GMutex mutex;
static GHashTable *answers; /* (owned) (nullable) key → Answer */

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_free (self->output);
  g_free (self);
}

/* With its end, so that two texts are never taken for two others. */
static void
add_text (GChecksum *sum, const char *text)
{
  g_checksum_update (sum, (const guchar *) (text ? text : ""), -1);
  g_checksum_update (sum, (const guchar *) (text ? "\0t" : "\0n"), 2);
}

static void
add_file (GChecksum *sum, const char *path)
{
  struct stat info = { 0 };
  g_autofree char *identity = NULL;

  add_text (sum, path);
  if (path == NULL || stat (path, &info) < 0)
    return;
  identity = file_identity (&info);
  add_text (sum, identity);
}

/* Without any of them sshd refuses to say anything. */
static void
add_host_keys (GChecksum *sum, const ConfigTree *tree)
{
  const GPtrArray *lines = config_tree_lines (tree);

  add_file (sum, "/etc/ssh/ssh_host_rsa_key");
  add_file (sum, "/etc/ssh/ssh_host_ecdsa_key");
  add_file (sum, "/etc/ssh/ssh_host_ed25519_key");
  for (guint i = 0; i < lines->len; i++)
    {
      const Directive *directive = ((const ConfigLine *) g_ptr_array_index (lines, i))->directive;

      if (g_str_has_prefix (directive->keyword, "host") && directive->args != NULL)
        add_file (sum, directive->args[0]);
    }
}

char *
answers_key (const Sshd *sshd, const ConfigTree *tree)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char **paths = config_tree_paths (tree);

  add_file (sum, sshd->path);
  for (gsize i = 0; sshd->arguments != NULL && sshd->arguments[i] != NULL; i++)
    {
      add_text (sum, sshd->arguments[i]);
      /* It may name a key, as in "-h FILE" or "-o HostKey=FILE". */
      add_file (sum, strchr (sshd->arguments[i], '/'));
    }
  for (gsize i = 0; paths[i] != NULL; i++)
    {
      if (config_tree_is_on_disk (tree, paths[i]))
        add_file (sum, paths[i]);
      else
        add_text (sum, paths[i]);
      add_text (sum, config_tree_text (tree, paths[i]));
    }
  add_host_keys (sum, tree);
  return g_strdup (g_checksum_get_string (sum));
}

static gboolean
is_over (gpointer key, gpointer value, gpointer user_data)
{
  return ((const Answer *) value)->deadline < g_get_monotonic_time ();
}

static void
forget_oldest (void)
{
  GHashTableIter iter;
  gpointer key = NULL;
  gpointer value = NULL;
  gpointer oldest = NULL;
  gint64 deadline = G_MAXINT64;

  g_hash_table_iter_init (&iter, answers);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((const Answer *) value)->deadline < deadline)
      {
        oldest = key;
        deadline = ((const Answer *) value)->deadline;
      }
  g_hash_table_remove (answers, oldest);
}

char *
answers_find (const char *key)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  const Answer *answer = NULL;

  if (answers == NULL)
    return NULL;
  g_hash_table_foreach_remove (answers, is_over, NULL);
  answer = g_hash_table_lookup (answers, key);
  return answer ? g_strdup (answer->output) : NULL;
}

void
answers_keep (const char *key, const char *output)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  Answer *answer = g_new0 (Answer, 1);

  answer->output = g_strdup (output);
  answer->deadline = g_get_monotonic_time () + LIFETIME;
  if (answers == NULL)
    answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, answer_free);
  if (g_hash_table_size (answers) >= MAX_ANSWERS)
    forget_oldest ();
  g_hash_table_replace (answers, g_strdup (key), answer);
}
