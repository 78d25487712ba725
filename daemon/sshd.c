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
#include "file-identity.h"
#include "scratch.h"
#include "truenas-ssh-error.h"

#define MAX_TRIES       3
#define SUBSYSTEM_TWICE "Subsystem sftp /bin/false\nSubsystem sftp /bin/false\n"

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

/* sshd refuses to judge anything without it, and systemd takes it away when sshd stops or fails. */
static void
ensure_privilege_separation_folder (void)
{
  if (mkdir ("/run/sshd", 0755) == 0)
    g_chmod ("/run/sshd", 0755);
}

/* It was taken away between the two of us. */
static gboolean
lacks_privilege_separation_folder (const ChildResult *result)
{
  return result != NULL && result->status != 0
         && strstr (result->err, "Missing privilege separation directory") != NULL;
}

ChildResult *
sshd_run (const char *path, const char *const *args, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  ChildResult *result = NULL;

  g_ptr_array_add (argv, (gpointer) path);
  for (; *args != NULL; args++)
    g_ptr_array_add (argv, (gpointer) *args);
  g_ptr_array_add (argv, NULL);
  for (guint tries = 0; tries < MAX_TRIES; tries++)
    {
      g_clear_pointer (&result, child_result_free);
      ensure_privilege_separation_folder ();
      result = child_run ((const char *const *) argv->pdata, cancellable, error);
      if (!lacks_privilege_separation_folder (result))
        break;
    }
  return result;
}

/* (nullable) What sshd says about a configuration. */
static char *
judge (const char *path, const char *config, GCancellable *cancellable)
{
  g_autoptr (Scratch) scratch = scratch_new (NULL);
  g_autofree char *file = scratch ? scratch_write (scratch, "probe.conf", config, NULL) : NULL;
  const char *args[] = { "-t", "-f", file, NULL };
  g_autoptr (ChildResult) result = file ? sshd_run (path, args, cancellable, NULL) : NULL;

  return result != NULL && result->status >= 0 ? g_steal_pointer (&result->err) : NULL;
}

/* One that cannot be asked does not take it. */
static gboolean
complains (const char *said, const char *words)
{
  return said == NULL || strstr (said, words) != NULL;
}

/* (nullable) */
static char *
find_version (const char *path, GCancellable *cancellable)
{
  static const char *const args[] = { "-V", NULL };
  g_autoptr (ChildResult) result = sshd_run (path, args, cancellable, NULL);
  g_autoptr (GRegex) regex = g_regex_new ("OpenSSH_[^\\s,]+", G_REGEX_DEFAULT, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (result != NULL && g_regex_match (regex, result->err, 0, &match))
    return g_match_info_fetch (match, 0);
  return NULL;
}

/* (nullable) Not every distribution has it in /etc/ssh. sshd names it, and goes on to read it,
 * which may have no end. */
static char *
find_main_config (const char *path, GCancellable *cancellable)
{
  const char *const argv[] = { path, "-t", "-d", "-d", NULL };
  g_autoptr (GRegex) regex =
      g_regex_new ("load_server_config: filename (/\\S+)", G_REGEX_DEFAULT, 0, NULL);

  return child_find (argv, regex, cancellable);
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
 * not know, and ends at a cipher, behind which there are only the subsystems. Whether it answered.
 */
static gboolean
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
  return said != NULL && (!ended || rest != NULL);
}

/* A question that is put to sshd while others are. */
typedef struct
{
  char *(*find) (const char *path, GCancellable *cancellable);
  const char *path;
  GCancellable *cancellable;
  GThread *thread; /* (nullable) */
} Question;

static gpointer
run_question (gpointer data)
{
  const Question *question = data;

  return question->find (question->path, question->cancellable);
}

static void
begin (Question *question)
{
  question->thread = g_thread_try_new ("sshd", run_question, question, NULL);
}

static char *
end (Question *question)
{
  return question->thread ? g_thread_join (question->thread) : run_question (question);
}

/* complete: whether it answered everything. */
static Sshd *
ask (const char *path, GCancellable *cancellable, gboolean *complete)
{
  Question version = { .find = find_version, .path = path, .cancellable = cancellable };
  Question main_config = { .find = find_main_config, .path = path, .cancellable = cancellable };
  Sshd *self = g_new0 (Sshd, 1);

  self->path = g_strdup (path);
  begin (&version);
  begin (&main_config);
  *complete = find_abilities (self, cancellable);
  self->version = end (&version);
  self->main_config = end (&main_config);
  *complete = *complete && self->version != NULL && self->main_config != NULL;
  if (self->version == NULL)
    self->version = g_strdup ("");
  if (self->main_config == NULL)
    self->main_config = g_strdup ("/etc/ssh/sshd_config");
  return self;
}

/* What it can do is asked of each program once. One that did not answer everything, as where there
 * was no memory for it, is asked again. */
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
  g_autofree char *state = NULL;
  g_autofree char *identity = NULL;
  struct stat info;

  path = path ? path : "/usr/sbin/sshd";
  if (stat (path, &info) < 0)
    {
      gboolean missing = errno == ENOENT || errno == ENOTDIR;

      g_set_error (error, TRUENAS_SSH_ERROR,
                   missing ? TRUENAS_SSH_ERROR_NOT_INSTALLED : TRUENAS_SSH_ERROR_FAILED, "%s: %s%s",
                   path, g_strerror (errno), missing ? "; install OpenSSH's server" : "");
      return NULL;
    }
  state = file_identity (&info);
  identity = g_strdup_printf ("%s %s", path, state);
  if (g_strcmp0 (identity, last_identity) != 0)
    {
      gboolean complete;
      g_autoptr (Sshd) fresh = ask (path, cancellable, &complete);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      g_clear_pointer (&last, sshd_free);
      g_clear_pointer (&last_identity, g_free);
      last = g_steal_pointer (&fresh);
      if (complete)
        last_identity = g_steal_pointer (&identity);
    }
  g_assert (last != NULL);
  return sshd_copy (last, arguments);
}
