/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <gio/gio.h>

#include "truenas-ssh-error.h"

/* Between the name of a file and six characters in that of its new text, until that is whole. */
#define TEMPORARY ".truenas-ssh-"

static gboolean
fail (GError **error, const char *path, const char *what, int code)
{
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED, "%s: %s: %s", path, what,
               g_strerror (code));
  return FALSE;
}

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED, "%s: %s", path, why);
  return FALSE;
}

/* Not for what cannot be read just now, but for what is not ours to read at all. */
static gboolean
refuse_content (GError **error, const char *path, const char *why)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: %s", path, why);
  return FALSE;
}

static gboolean
close_and_fail (int fd, GError **error, const char *path, const char *what)
{
  int code = errno;

  close (fd);
  return fail (error, path, what, code);
}

static gboolean
read_all (int fd, char *buffer, gsize size, gsize *length)
{
  *length = 0;
  while (*length < size)
    {
      gssize n = TEMP_FAILURE_RETRY (read (fd, buffer + *length, size - *length));

      if (n < 0)
        return FALSE;
      if (n == 0)
        break;
      *length += (gsize) n;
    }
  return TRUE;
}

gboolean
store_read (const char *path, char **text, GError **error)
{
  struct stat info;
  g_autofree char *buffer = NULL;
  gsize length = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    {
      *text = NULL;
      return TRUE;
    }
  if (fd < 0)
    return fail (error, path, "cannot be opened", errno);
  if (fstat (fd, &info) < 0)
    return close_and_fail (fd, error, path, "cannot be read");
  if (!S_ISREG (info.st_mode) || info.st_size > STORE_MAX_BYTES)
    {
      close (fd);
      return refuse_content (error, path, "is no ordinary file of at most 4 MiB");
    }

  buffer = g_malloc0 ((gsize) info.st_size + 1);
  if (!read_all (fd, buffer, (gsize) info.st_size, &length))
    return close_and_fail (fd, error, path, "cannot be read");
  close (fd);
  if (strlen (buffer) < length)
    return refuse_content (error, path, "is no text file");
  *text = g_steal_pointer (&buffer);
  return TRUE;
}

static gboolean
can_keep_owner (const struct statx *info)
{
  return (info->stx_uid == geteuid () && info->stx_gid == getegid ())
         || prctl (PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 1;
}

gboolean
store_check (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct statx info;
  gboolean regular, mount;

  if (access (folder, W_OK) < 0)
    return fail (error, folder, "cannot be written to", errno);
  if (statx (AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) < 0)
    return errno == ENOENT || fail (error, path, "cannot be used", errno);

  regular = S_ISREG (info.stx_mode);
  mount = (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  if (regular && !mount && !can_keep_owner (&info))
    return refuse (error, path,
                   "its owner or group is another one than root, which truenas-ssh cannot keep; "
                   "give it to root");
  if (regular && !mount)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
               "%s: is %s, which truenas-ssh does not replace; put an ordinary file in its place",
               path,
               S_ISLNK (info.stx_mode) ? "a symbolic link"
               : regular               ? "a mount"
                                       : "no ordinary file");
  return FALSE;
}

static gboolean
sync_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return fail (error, folder, "cannot be opened", errno);
  if (fsync (fd) < 0)
    return close_and_fail (fd, error, folder, "cannot be made durable");
  close (fd);
  return TRUE;
}

static gboolean
write_all (int fd, const char *text)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n = TEMP_FAILURE_RETRY (write (fd, text, left));

      if (n < 0)
        return FALSE;
      text += n;
      left -= (gsize) n;
    }
  return TRUE;
}

/* The access list, where the old file has one; other attributes the system sets anew. */
static gboolean
copy_access_list (const char *path, int fd)
{
  static const char name[] = "system.posix_acl_access";
  char value[4096];
  gssize length = getxattr (path, name, value, sizeof value);

  if (length < 0)
    return errno == ENODATA || errno == ENOTSUP;
  return fsetxattr (fd, name, value, (gsize) length, 0) == 0;
}

static gboolean
copy_owner (const char *path, int fd, guint mode)
{
  struct stat info;

  if (lstat (path, &info) < 0)
    return errno == ENOENT && fchmod (fd, mode) == 0;
  if ((info.st_uid != geteuid () || info.st_gid != getegid ())
      && fchown (fd, info.st_uid, info.st_gid) < 0)
    return FALSE;
  return fchmod (fd, info.st_mode & mode) == 0 && copy_access_list (path, fd);
}

/* Hidden, so that no pattern of an Include line finds it. */
static char *
write_temporary (const char *path, const char *text, guint mode, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *temporary = g_strdup_printf ("%s/.%s" TEMPORARY "XXXXXX", folder, name);
  const char *what = NULL;
  int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600);
  int code;

  if (fd < 0)
    {
      fail (error, folder, "cannot be written to", errno);
      return NULL;
    }
  if (!write_all (fd, text))
    what = "cannot be written";
  else if (!copy_owner (path, fd, mode))
    what = "its owner and mode cannot be kept";
  else if (fsync (fd) < 0)
    what = "cannot be made durable";

  code = errno;
  if (close (fd) < 0 && what == NULL)
    {
      code = errno;
      what = "cannot be written";
    }
  if (what == NULL)
    return g_steal_pointer (&temporary);
  unlink (temporary);
  fail (error, path, what, code);
  return NULL;
}

gboolean
store_is_still (const char *path, const char *before, GError **error)
{
  g_autofree char *now = NULL;
  g_autoptr (GError) local = NULL;
  gboolean read = store_read (path, &now, &local);

  if (!read && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (read && g_strcmp0 (now, before) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG,
               "%s: somebody has changed it meanwhile; try again", path);
  return FALSE;
}

static gboolean
take_away (const char *path, GError **error)
{
  if (unlink (path) < 0 && errno != ENOENT)
    return fail (error, path, "cannot be removed", errno);
  return sync_folder (path, error);
}

static gboolean
put_in_place (const char *path, const char *temporary, GError **error)
{
  if (rename (temporary, path) < 0)
    return fail (error, path, "cannot be replaced", errno);
  return sync_folder (path, error);
}

/* before: (nullable) where it does not matter. As late as can be: what is written meanwhile waits
 * for the disk. */
static gboolean
replace (const char *path, const char *const *before, const char *text, guint mode, GError **error)
{
  g_autofree char *temporary = NULL;

  if (text == NULL)
    return (before == NULL || store_is_still (path, *before, error)) && take_away (path, error);
  temporary = write_temporary (path, text, mode, error);
  if (temporary == NULL)
    return FALSE;
  if ((before == NULL || store_is_still (path, *before, error))
      && put_in_place (path, temporary, error))
    return TRUE;
  unlink (temporary);
  return FALSE;
}

gboolean
store_replace (const char *path, const char *text, guint mode, GError **error)
{
  return replace (path, NULL, text, mode, error);
}

gboolean
store_update (const char *path, const char *before, const char *text, guint mode, GError **error)
{
  return replace (path, &before, text, mode, error);
}

gboolean
store_replace_in_folder (const char *path, const char *text, guint mode, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (text == NULL && access (folder, F_OK) < 0 && errno == ENOENT)
    return TRUE;
  /* Whatever the umask: what configures units is for everybody to read. */
  if (text != NULL && (mkdir (folder, 0755) == 0 ? chmod (folder, 0755) < 0 : errno != EEXIST))
    return fail (error, folder, "cannot be made", errno);
  if (text != NULL && !sync_folder (folder, error))
    return FALSE;
  if (!store_replace (path, text, mode, error))
    return FALSE;
  if (text == NULL && rmdir (folder) == 0)
    return sync_folder (folder, error);
  return TRUE;
}

void
store_sweep (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      const char *mark = g_strrstr (name, TEMPORARY);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (name[0] == '.' && mark != NULL && strlen (mark) == strlen (TEMPORARY "XXXXXX"))
        unlink (path);
    }
}

/* systemd names the folder; outside of it, as in tests, it is the same. */
char *
store_path (const char *name)
{
  const char *folder = g_getenv ("STATE_DIRECTORY");

  return g_build_filename (folder ? folder : "/var/lib/truenas-ssh", name, NULL);
}

gboolean
store_keep_edited (const char *text, guint64 generation, GError **error)
{
  g_autofree char *name = g_strdup_printf ("edited-%" G_GUINT64_FORMAT ".conf", generation);
  g_autofree char *path = store_path (name);

  return store_replace (path, text, 0600, error);
}

void
store_rename (const char *from, const char *to)
{
  if (rename (from, to) == 0)
    sync_folder (to, NULL);
}
