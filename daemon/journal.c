/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "boot-id.h"
#include "drop-in.h"
#include "record.h"
#include "socket-file.h"
#include "store.h"
#include "truenas-ssh-error.h"

#define LOCK_LIMIT    (2 * G_TIME_SPAN_SECOND)
#define LOCK_INTERVAL (10 * G_TIME_SPAN_MILLISECOND)

#define FORMAT "truenas-ssh journal 1"
#define TYPE   "(tsxxsbbuuua{sv}a{sv}sa(ayaayus)(ssbbbb))"

static void
journal_file_free (JournalFile *self)
{
  g_free (self->path);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

Journal *
journal_new (void)
{
  Journal *self = g_new0 (Journal, 1);
  const char *boot = boot_id_get ();

  self->boot = g_strdup (boot ? boot : "");
  self->token = g_strdup ("");
  self->socket = g_strdup ("");
  self->service = g_strdup ("");
  self->login_uid = G_MAXUINT32;
  self->uid = G_MAXUINT32;
  self->before = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  self->after = g_variant_ref (self->before);
  self->diff = g_strdup ("");
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) journal_file_free);
  return self;
}

void
journal_free (Journal *self)
{
  g_free (self->boot);
  g_free (self->token);
  g_free (self->socket);
  g_free (self->service);
  g_variant_unref (self->before);
  g_variant_unref (self->after);
  g_free (self->diff);
  g_ptr_array_unref (self->files);
  g_free (self);
}

static char *
hash (const char *text)
{
  return text ? g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1) : g_strdup ("");
}

static void
add_file (Journal *self, const char *path, const char *before, guint mode, char *after)
{
  JournalFile *file = g_new0 (JournalFile, 1);

  file->path = g_strdup (path);
  file->before = g_strdup (before);
  file->mode = mode;
  file->after = after;
  g_ptr_array_add (self->files, file);
}

void
journal_add_file (Journal *self,
                  const char *path,
                  const char *before,
                  guint mode,
                  const char *after)
{
  add_file (self, path, before, mode, hash (after));
}

void
journal_leave_out (Journal *self, guint n)
{
  g_ptr_array_set_size (self->files, (int) n);
}

const JournalFile *
journal_drop_in (const Journal *self)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const JournalFile *file = g_ptr_array_index (self->files, i);

      if (drop_in_is (file->path))
        return file;
    }
  return NULL;
}

/* Files are bytes, and so are their names: an array of none or one stands for a file that may be
 * absent. */
static GVariant *
files_to_variant (const Journal *self)
{
  g_auto (GVariantBuilder) files = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayaayus)"));

  for (guint i = 0; i < self->files->len; i++)
    {
      const JournalFile *file = g_ptr_array_index (self->files, i);
      const char *const none[] = { NULL };
      const char *const one[] = { file->before, NULL };

      g_variant_builder_add (&files, "(^ay@aayus)", file->path,
                             g_variant_new_bytestring_array (file->before ? one : none, -1),
                             file->mode, file->after);
    }
  return g_variant_builder_end (&files);
}

static void
files_from_variant (Journal *self, GVariant *files)
{
  GVariantIter iter;
  const char *path, *after;
  GVariant *before;
  guint mode;

  g_variant_iter_init (&iter, files);
  while (g_variant_iter_next (&iter, "(^&ay@aayu&s)", &path, &before, &mode, &after))
    {
      g_autoptr (GVariant) owned G_GNUC_UNUSED = before;
      g_autofree const char **texts = g_variant_get_bytestring_array (before, NULL);

      add_file (self, path, texts[0], mode, g_strdup (after));
    }
}

char *
journal_compose (const Journal *self)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new (
      "(tsxxsbbuuu@a{sv}@a{sv}s@a(ayaayus)(ssbbbb))", self->generation, self->boot, self->deadline,
      self->verified, self->token, self->running, self->on_login, self->login_uid, self->uid,
      self->actions, self->before, self->after, self->diff, files_to_variant (self), self->socket,
      self->service, self->open, self->moves, self->socket_on_boot, self->service_on_boot));

  return record_compose (FORMAT, value);
}

gboolean
journal_write (const Journal *self, GError **error)
{
  g_autofree char *text = journal_compose (self);
  g_autofree char *path = store_path ("journal");

  return store_replace (path, text, 0600, error);
}

void
journal_give_up (Journal *self)
{
  g_autoptr (GError) error = NULL;

  self->verified = JOURNAL_GIVEN_UP;
  if (!journal_write (self, &error))
    g_message ("Going back all the same: %s", error->message);
}

Journal *
journal_parse (const char *text)
{
  g_autoptr (GVariant) value = record_parse (FORMAT, TYPE, text);
  g_autoptr (GVariant) before = NULL;
  g_autoptr (GVariant) after = NULL;
  g_autoptr (GVariant) files = NULL;
  g_autoptr (Journal) self = NULL;

  if (value == NULL)
    return NULL;

  self = journal_new ();
  g_clear_pointer (&self->boot, g_free);
  g_clear_pointer (&self->token, g_free);
  g_clear_pointer (&self->diff, g_free);
  g_clear_pointer (&self->socket, g_free);
  g_clear_pointer (&self->service, g_free);
  g_variant_get (value, "(tsxxsbbuuu@a{sv}@a{sv}s@a(ayaayus)(ssbbbb))", &self->generation,
                 &self->boot, &self->deadline, &self->verified, &self->token, &self->running,
                 &self->on_login, &self->login_uid, &self->uid, &self->actions, &before, &after,
                 &self->diff, &files, &self->socket, &self->service, &self->open, &self->moves,
                 &self->socket_on_boot, &self->service_on_boot);
  g_variant_unref (self->before);
  g_variant_unref (self->after);
  self->before = g_steal_pointer (&before);
  self->after = g_steal_pointer (&after);
  files_from_variant (self, files);
  return g_steal_pointer (&self);
}

Journal *
journal_read (GError **error)
{
  g_autofree char *path = store_path ("journal");
  g_autofree char *aside = store_path (JOURNAL_BROKEN);
  g_autofree char *text = NULL;
  Journal *self;

  if (!store_read (path, &text, error) || text == NULL)
    return NULL;
  self = journal_parse (text);
  if (self == NULL)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_ROLLBACK_FAILED,
                   "%s: cannot be understood, and was moved to %s; a change may be half done", path,
                   aside);
      store_rename (path, aside);
    }
  return self;
}

gboolean
journal_remove (GError **error)
{
  g_autofree char *path = store_path ("journal");

  return store_replace (path, NULL, 0, error);
}

gint64
journal_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* To a tenth of a second, so that it comes out the same whenever it is asked. */
guint64
journal_deadline_realtime (const Journal *self)
{
  gint64 left = CLAMP (self->deadline, 0, G_MAXINT64 / 4) - journal_now ();
  gint64 deadline = g_get_real_time () + left;
  gint64 tenth = G_USEC_PER_SEC / 10;

  return (guint64) ((deadline + tenth / 2) / tenth * tenth);
}

gboolean
journal_is_old (const Journal *self)
{
  const char *boot = boot_id_get ();

  return boot == NULL || !g_str_equal (boot, self->boot);
}

gboolean
journal_is_due (const Journal *self)
{
  return self->verified <= 0 || self->deadline <= journal_now () || journal_is_old (self);
}

gboolean
journal_has_socket (const Journal *self)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const JournalFile *file = g_ptr_array_index (self->files, i);

      if (socket_file_is (file->path))
        return TRUE;
    }
  return self->moves;
}

/* Rendered for other interfaces since, it is still our own. */
static gboolean
is_edited (const char *text)
{
  g_autoptr (DropIn) drop_in = drop_in_parse (text);

  return drop_in->edited;
}

static gboolean
undo_file (const Journal *self, const JournalFile *file, gboolean *changed, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *now = NULL;

  if (!store_read (file->path, &text, error))
    return FALSE;
  if (g_strcmp0 (text, file->before) == 0)
    return TRUE;
  now = hash (text);
  if (!g_str_equal (now, file->after))
    {
      if (!drop_in_is (file->path) && !socket_file_is (file->path))
        return TRUE;
      if (drop_in_is (file->path) && is_edited (text)
          && !store_keep_edited (text, self->generation, error))
        return FALSE;
    }
  *changed = TRUE;
  if (socket_file_is (file->path))
    return store_replace_in_folder (file->path, file->before, file->mode, error);
  return store_replace (file->path, file->before, file->mode, error);
}

/* The last first: the drop-in goes back before the lines do that it stood in for. */
gboolean
journal_undo (const Journal *self, gboolean *changed, GError **error)
{
  *changed = FALSE;
  for (guint i = self->files->len; i-- > 0;)
    if (!undo_file (self, g_ptr_array_index (self->files, i), changed, error))
      return FALSE;
  return TRUE;
}

JournalLock
journal_try_lock (GError **error)
{
  g_autofree char *path = store_path ("lock");
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean busy;

  /* Where the disk has turned read-only, what is on another one can still be put back. */
  if (fd < 0 && errno == EROFS)
    fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  busy = errno == EWOULDBLOCK;
  g_set_error (error, TRUENAS_SSH_ERROR, busy ? TRUENAS_SSH_ERROR_BUSY : TRUENAS_SSH_ERROR_FAILED,
               "%s: %s", path, busy ? "a change is under way" : g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

JournalLock
journal_lock (GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + LOCK_LIMIT;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      JournalLock lock = journal_try_lock (&local);

      if (lock >= 0)
        return lock;
      if (!g_error_matches (local, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_BUSY)
          || g_get_monotonic_time () > deadline)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return -1;
        }
      g_usleep (LOCK_INTERVAL);
    }
}

void
journal_unlock (JournalLock lock)
{
  close (lock);
}
