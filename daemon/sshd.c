/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "sshd.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "child.h"
#include "command-line.h"
#include "scratch.h"
#include "truenas-ssh-error.h"

#define SUBSYSTEM_TWICE "Subsystem sftp /bin/false\nSubsystem sftp /bin/false\n"

struct _Trial
{
  const Sshd *sshd;
  Scratch *scratch;    /* (owned) (nullable) */
  char *main;          /* (owned) (nullable) what -f names */
  GHashTable *names;   /* (owned) copy → original */
  Complaint *obstacle; /* (owned) (nullable) why sshd is not to be asked */
  gboolean any_method;
  GString *last_words; /* (owned) */
};

void
sshd_free (Sshd *self)
{
  g_free (self->path);
  g_free (self->main_config);
  g_free (self->version);
  g_strfreev (self->weak_ciphers);
  g_strfreev (self->arguments);
  g_free (self);
}

/* With another file than its own it reads that one everywhere, so that it is the one to judge. */
static void
set_arguments (Sshd *self, const char *const *arguments)
{
  const char *config = arguments ? command_line_config (arguments) : NULL;

  self->arguments = g_strdupv ((char **) arguments);
  if (config == NULL)
    return;
  g_free (self->main_config);
  self->main_config = g_canonicalize_filename (config, "/");
}

static Sshd *
sshd_copy (const Sshd *self, const char *const *arguments)
{
  Sshd *copy = g_new0 (Sshd, 1);

  copy->path = g_strdup (self->path);
  copy->main_config = g_strdup (self->main_config);
  copy->version = g_strdup (self->version);
  copy->weak_ciphers = g_strdupv (self->weak_ciphers);
  copy->private_groups = self->private_groups;
  copy->second_subsystem_fatal = self->second_subsystem_fatal;
  set_arguments (copy, arguments);
  return copy;
}

/* sshd refuses to judge anything without it, and systemd takes it away when sshd has failed. */
static void
ensure_privilege_separation_folder (void)
{
  if (mkdir ("/run/sshd", 0755) == 0)
    g_chmod ("/run/sshd", 0755);
}

static ChildResult *
run (const char *path, const char *const *args, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) path);
  for (; *args != NULL; args++)
    g_ptr_array_add (argv, (gpointer) *args);
  g_ptr_array_add (argv, NULL);
  ensure_privilege_separation_folder ();
  return child_run ((const char *const *) argv->pdata, cancellable, error);
}

/* (nullable) What sshd says about a configuration. */
static char *
judge (const char *path, const char *config, GCancellable *cancellable)
{
  g_autoptr (Scratch) scratch = scratch_new (NULL);
  g_autofree char *file = scratch ? scratch_write (scratch, "probe.conf", config, NULL) : NULL;
  const char *args[] = { "-t", "-f", file, NULL };
  g_autoptr (ChildResult) result = file ? run (path, args, cancellable, NULL) : NULL;

  return result != NULL && result->status >= 0 ? g_steal_pointer (&result->err) : NULL;
}

/* One that cannot be asked does not take it. */
static gboolean
complains (const char *said, const char *words)
{
  return said == NULL || strstr (said, words) != NULL;
}

static char *
find_version (const char *path, GCancellable *cancellable)
{
  static const char *const args[] = { "-V", NULL };
  g_autoptr (ChildResult) result = run (path, args, cancellable, NULL);
  g_autoptr (GRegex) regex = g_regex_new ("OpenSSH_[^\\s,]+", G_REGEX_DEFAULT, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (result != NULL && g_regex_match (regex, result->err, 0, &match))
    return g_match_info_fetch (match, 0);
  return g_strdup ("");
}

/* Not every distribution has it in /etc/ssh. sshd names it, and goes on to read it, which may have
 * no end. */
static char *
find_main_config (const char *path, GCancellable *cancellable)
{
  const char *const argv[] = { path, "-t", "-d", "-d", NULL };
  g_autoptr (GRegex) regex =
      g_regex_new ("load_server_config: filename (/\\S+)", G_REGEX_DEFAULT, 0, NULL);
  char *found = child_find (argv, regex, cancellable);

  return found ? found : g_strdup ("/etc/ssh/sshd_config");
}

static char **
find_weak_ciphers (const char *said)
{
  g_autoptr (GStrvBuilder) ciphers = g_strv_builder_new ();

  if (!complains (said, "onfiguration option: NoneEnabled"))
    g_strv_builder_add (ciphers, "NONE");
  if (!complains (said, "cipher spec"))
    g_strv_builder_add (ciphers, "AES128-CBC");
  return g_strv_builder_end (ciphers);
}

/* All in one file, as each start of sshd takes its time: it goes on behind an option that it does
 * not know, and ends at a cipher, behind which there are only the subsystems. */
static void
find_abilities (Sshd *self, GCancellable *cancellable)
{
  g_autofree char *said =
      judge (self->path, "NoneEnabled yes\nDebianBanner yes\nCiphers aes128-cbc\n" SUBSYSTEM_TWICE,
             cancellable);
  gboolean ended = complains (said, "cipher spec");
  g_autofree char *rest = ended ? judge (self->path, SUBSYSTEM_TWICE, cancellable) : NULL;

  self->weak_ciphers = find_weak_ciphers (said);
  self->private_groups = !complains (said, "onfiguration option: DebianBanner");
  self->second_subsystem_fatal = complains (ended ? rest : said, "already defined");
}

static Sshd *
ask (const char *path, GCancellable *cancellable)
{
  Sshd *self = g_new0 (Sshd, 1);

  self->path = g_strdup (path);
  self->version = find_version (path, cancellable);
  self->main_config = find_main_config (path, cancellable);
  find_abilities (self, cancellable);
  return self;
}

Sshd *
sshd_read (const char *path,
           const char *const *arguments,
           GCancellable *cancellable,
           GError **error)
{
  static GMutex mutex;
  static Sshd *last = NULL;
  static char *last_identity = NULL;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  g_autofree char *identity = NULL;
  struct stat info;

  path = path ? path : "/usr/sbin/sshd";
  if (stat (path, &info) < 0)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_INSTALLED,
                   "%s: %s; install OpenSSH's server", path, g_strerror (errno));
      return NULL;
    }
  identity = g_strdup_printf ("%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                              path, (guint64) info.st_ino, (gint64) info.st_ctim.tv_sec,
                              (gint64) info.st_ctim.tv_nsec);
  if (g_strcmp0 (identity, last_identity) != 0)
    {
      g_autoptr (Sshd) fresh = ask (path, cancellable);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      g_clear_pointer (&last, sshd_free);
      g_free (last_identity);
      last = g_steal_pointer (&fresh);
      last_identity = g_steal_pointer (&identity);
    }
  g_assert (last != NULL);
  return sshd_copy (last, arguments);
}

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
  g_clear_pointer (&self->scratch, scratch_free);
  g_free (self->main);
  g_hash_table_unref (self->names);
  g_string_free (self->last_words, TRUE);
  g_free (self);
}

static void
find_obstacle (Trial *self, const ConfigTree *tree)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ConfigTree) disk =
      tree == NULL ? config_tree_load (self->sshd->main_config, nothing, NULL) : NULL;
  const ConfigLine *line;
  const char *obstacle;

  if (tree == NULL && disk == NULL)
    return;
  obstacle = config_tree_obstacle (tree ? tree : disk, &line);
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
  find_obstacle (self, tree);
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

/* "FILE line 3: message" or "FILE: line 3: message"; anything else tells no place. */
GPtrArray *
sshd_parse_complaints (GHashTable *names, const char *text)
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

Effective *
trial_run (const Trial *self,
           const char *connection,
           GPtrArray **complaints,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  g_autoptr (ChildResult) result = NULL;

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
  *complaints = NULL;
  if (self->obstacle != NULL)
    {
      *complaints = g_ptr_array_new_with_free_func ((GDestroyNotify) complaint_free);
      g_ptr_array_add (*complaints, complaint_new (self->obstacle->path, self->obstacle->line,
                                                   self->obstacle->message, TRUE));
      set_refused (self, error);
      return NULL;
    }
  result = run (self->sshd->path, (const char *const *) args->pdata, cancellable, error);
  if (result == NULL)
    return NULL;
  if (result->status == 0)
    return effective_parse (result->out);

  *complaints = sshd_parse_complaints (self->names, result->err);
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
sshd_effective (const Sshd *self, GCancellable *cancellable, GError **error)
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
