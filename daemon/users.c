/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "users.h"

#include <errno.h>
#include <grp.h>
#include <string.h>

/* Of a group with more members than fit, nobody is the only one. */
#define USER_BUFFER  (64 * 1024)
#define GROUP_BUFFER (1024 * 1024)

/* A source that tells more than this goes in circles. */
#define MAX_ENTRIES 500000

gboolean
users_each (gboolean (*function) (const struct passwd *user, gpointer user_data),
            gpointer user_data)
{
  /* getpwent () keeps its place in the process, not in the thread. */
  static GMutex mutex;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  g_autofree char *buffer = g_malloc (USER_BUFFER);
  struct passwd user, *found = NULL;
  gboolean more = TRUE;
  int code = 0;

  setpwent ();
  for (guint i = 0; more && code == 0 && i < MAX_ENTRIES; i++)
    {
      code = getpwent_r (&user, buffer, USER_BUFFER, &found);
      more = code == 0 && function (found, user_data);
    }
  endpwent ();
  /* ENOENT is the end, ESRCH that of some sources. */
  return code == ENOENT || code == ESRCH || (code == 0 && !more);
}

typedef struct
{
  gid_t group;
  uid_t user;
  guint members;
  gboolean others;
} Membership;

static gboolean
count_member (const struct passwd *user, gpointer user_data)
{
  Membership *membership = user_data;

  if (user->pw_gid != membership->group)
    return TRUE;
  membership->members++;
  membership->others = user->pw_uid != membership->user;
  return !membership->others;
}

static gboolean
is_name_of (const char *name, uid_t uid)
{
  g_autofree char *buffer = g_malloc (USER_BUFFER);
  struct passwd user, *found = NULL;

  return getpwuid_r (uid, &user, buffer, USER_BUFFER, &found) == 0 && found != NULL
         && g_str_equal (found->pw_name, name);
}

Answer
users_only_member (gid_t group, uid_t user, uid_t owner)
{
  Membership membership = { .group = group, .user = user };
  g_autofree char *buffer = g_malloc (GROUP_BUFFER);
  struct group entry, *found = NULL;

  if (getgrgid_r (group, &entry, buffer, GROUP_BUFFER, &found) == 0 && found == NULL)
    return ANSWER_NO;
  if (found == NULL || !users_each (count_member, &membership))
    return ANSWER_MAYBE;
  if (membership.others)
    return ANSWER_NO;
  if (found->gr_mem[0] == NULL)
    return membership.members > 0 ? ANSWER_YES : ANSWER_NO;
  return found->gr_mem[1] == NULL && is_name_of (found->gr_mem[0], owner) ? ANSWER_YES : ANSWER_NO;
}
