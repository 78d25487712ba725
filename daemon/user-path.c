/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "user-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACCESS_LIST "system.posix_acl_access"

/* Calls the function for the folders on the way to a path, from the root down, until it returns
 * FALSE. */
static void
each_folder (const char *path,
             gboolean (*function) (const char *folder, gpointer user_data),
             gpointer user_data)
{
  g_autoptr (GString) folder = g_string_new ("/");
  gboolean more = function (folder->str, user_data);

  for (const char *slash = strchr (path + 1, '/'); more && slash != NULL;
       slash = strchr (slash + 1, '/'))
    {
      g_string_truncate (folder, 0);
      g_string_append_len (folder, path, slash - path);
      more = function (folder->str, user_data);
    }
}

/* Opening. */

static gboolean
note_dangling (const char *path, gpointer user_data)
{
  gboolean *dangling = user_data;
  struct stat info;

  *dangling = lstat (path, &info) == 0 && S_ISLNK (info.st_mode) && stat (path, &info) < 0;
  return !*dangling;
}

/* A link that leads nowhere may lead to what is hidden from here. */
static gboolean
is_dangling (const char *path)
{
  gboolean dangling = FALSE;

  each_folder (path, note_dangling, &dangling);
  return dangling || !note_dangling (path, &dangling);
}

static void
judge_failure (const char *path, int code, gboolean *missing, Verdict *verdict)
{
  if (code == ELOOP)
    verdict_limit (verdict, ANSWER_NO, "%s is a loop of links", path);
  else if (code != ENOENT && code != ENOTDIR && code != ENAMETOOLONG)
    verdict_limit (verdict, ANSWER_MAYBE, "%s cannot be read from here", path);
  else if (is_dangling (path))
    verdict_limit (verdict, ANSWER_MAYBE, "%s leads to what cannot be seen from here", path);
  else
    {
      verdict_limit (verdict, ANSWER_NO, "%s is not there", path);
      *missing = TRUE;
    }
}

/* By way of a descriptor that only names it: opening a device could set something off. */
int
user_path_open (const char *path, struct stat *info, gboolean *missing, Verdict *verdict)
{
  char name[64];
  int place, fd = -1;

  *missing = FALSE;
  /* Of devices it sees only some. */
  if (g_str_has_prefix (path, "/dev/"))
    {
      verdict_limit (verdict, ANSWER_MAYBE, "%s cannot be seen from here", path);
      return -1;
    }
  place = open (path, O_PATH | O_CLOEXEC);
  if (place < 0 || fstat (place, info) < 0)
    judge_failure (path, errno, missing, verdict);
  else if (!S_ISREG (info->st_mode))
    verdict_limit (verdict, ANSWER_NO, "%s is no regular file", path);
  else
    {
      g_snprintf (name, sizeof name, "/proc/self/fd/%d", place);
      fd = open (name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
      if (fd < 0)
        verdict_limit (verdict, ANSWER_MAYBE, "%s cannot be read from here", path);
    }
  if (place >= 0)
    close (place);
  return fd;
}

/* Reading. */

static gboolean
is_in_group (const Account *user, gid_t gid)
{
  for (guint i = 0; i < user->gids->len; i++)
    if (g_array_index (user->gids, gid_t, i) == gid)
      return TRUE;
  return FALSE;
}

/* right: of S_IROTH and S_IXOTH. What an access list says is not looked into. */
static void
check_right (const Account *user,
             const char *path,
             const struct stat *info,
             mode_t right,
             Verdict *verdict)
{
  mode_t rights = info->st_mode;

  if (user->uid == 0)
    return;
  if (info->st_uid == user->uid)
    rights >>= 6;
  else if (is_in_group (user, info->st_gid))
    rights >>= 3;
  if (getxattr (path, ACCESS_LIST, NULL, 0) > 0)
    verdict_limit (verdict, ANSWER_MAYBE, "%s has an access list", path);
  else if ((rights & right) == 0)
    verdict_limit (verdict, ANSWER_NO, "%s may not %s %s", user->name,
                   right == S_IXOTH ? "enter" : "read", path);
}

typedef struct
{
  const Account *user;
  Verdict *verdict;
} Walk;

static gboolean
check_search (const char *path, gpointer user_data)
{
  const Walk *walk = user_data;
  struct stat info;

  if (stat (path, &info) < 0)
    verdict_limit (walk->verdict, ANSWER_MAYBE, "%s cannot be read from here", path);
  else
    check_right (walk->user, path, &info, S_IXOTH, walk->verdict);
  return TRUE;
}

void
user_path_check_readable (const Account *user,
                          const char *path,
                          const struct stat *info,
                          Verdict *verdict)
{
  g_autofree char *real = realpath (path, NULL);
  Walk walk = { user, verdict };

  each_folder (path, check_search, &walk);
  if (real != NULL)
    each_folder (real, check_search, &walk);
  check_right (user, path, info, S_IROTH, verdict);
}

/* Writing. */

void
user_path_group_free (UserPathGroup *self)
{
  g_free (self->path);
  g_free (self);
}

static void
add_group (const char *path, const struct stat *info, GPtrArray *groups)
{
  UserPathGroup *group = g_new0 (UserPathGroup, 1);

  group->path = g_strdup (path);
  group->group = info->st_gid;
  group->owner = info->st_uid;
  g_ptr_array_add (groups, group);
}

static void
check_writers (const Account *user,
               const char *path,
               const struct stat *info,
               GPtrArray *groups,
               Verdict *verdict)
{
  if (info->st_uid != 0 && info->st_uid != user->uid)
    verdict_limit (verdict, ANSWER_NO, "%s belongs neither to root nor to %s", path, user->name);
  else if ((info->st_mode & S_IWOTH) != 0)
    verdict_limit (verdict, ANSWER_NO, "others may write to %s", path);
  else if ((info->st_mode & S_IWGRP) != 0)
    add_group (path, info, groups);
}

void
user_path_check_strict (const Account *user,
                        const char *path,
                        const struct stat *info,
                        GPtrArray *groups,
                        Verdict *verdict)
{
  g_autofree char *real = realpath (path, NULL);
  g_autofree char *home = realpath (user->home, NULL);
  struct stat above;

  if (real == NULL)
    {
      verdict_limit (verdict, ANSWER_MAYBE, "%s cannot be read from here", path);
      return;
    }
  check_writers (user, real, info, groups, verdict);
  do
    {
      *MAX (strrchr (real, '/'), real + 1) = '\0';
      if (stat (real, &above) < 0)
        verdict_limit (verdict, ANSWER_MAYBE, "%s cannot be read from here", real);
      else
        check_writers (user, real, &above, groups, verdict);
    }
  while (g_strcmp0 (real, home) != 0 && real[1] != '\0');
}
