/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "administrators.h"

#include <errno.h>
#include <grp.h>

#include "name-service.h"
#include "users.h"

/* Debian and Fedora, Red Hat and Arch, old Ubuntu. */
static const char *const groups[] = { "sudo", "wheel", "admin" };

#define FIRST_BUFFER 4096
#define MAX_BUFFER   (64 * 1024 * 1024)

/* A set that keeps its order. */
typedef struct
{
  GPtrArray *names; /* (owned) */
  guint most;
  gboolean all;
} List;

static void
add (List *list, const char *name)
{
  if (g_ptr_array_find_with_equal_func (list->names, name, g_str_equal, NULL))
    return;
  if (list->names->len < list->most)
    g_ptr_array_add (list->names, g_strdup (name));
  else
    list->all = FALSE;
}

static char **
finish (List *list, gboolean *all)
{
  *all = list->all;
  g_ptr_array_add (list->names, NULL);
  return (char **) g_ptr_array_free (list->names, FALSE);
}

/* NULL: there is no such group, or the list cannot tell. */
static struct group *
find_group (const char *name, struct group *group, char **buffer, List *list)
{
  gsize size = FIRST_BUFFER;
  struct group *found = NULL;
  int code;

  do
    {
      size *= 2;
      *buffer = g_realloc (*buffer, size);
      code = getgrnam_r (name, group, *buffer, size, &found);
    }
  while (code == ERANGE && size < MAX_BUFFER);
  if (found == NULL && code != 0 && code != ENOENT && code != ESRCH)
    list->all = FALSE;
  return found;
}

static char **
find_listed (guint most, gboolean *all)
{
  List list = { .names = g_ptr_array_new (), .most = most, .all = TRUE };

  add (&list, "root");
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_autofree char *buffer = NULL;
      struct group entry, *group = find_group (groups[i], &entry, &buffer, &list);

      for (gsize j = 0; group != NULL && group->gr_mem[j] != NULL; j++)
        add (&list, group->gr_mem[j]);
    }
  return finish (&list, all);
}

typedef struct
{
  gid_t gids[G_N_ELEMENTS (groups)];
  guint n_gids;
  List list;
} Search;

static gboolean
look_at (const struct passwd *user, gpointer user_data)
{
  Search *search = user_data;
  gboolean fits = user->pw_uid == 0;

  for (guint i = 0; !fits && i < search->n_gids; i++)
    fits = user->pw_gid == search->gids[i];
  if (fits)
    add (&search->list, user->pw_name);
  return TRUE;
}

static char **
find_by_number (guint most, gboolean *all)
{
  Search search = { .list = { .names = g_ptr_array_new (), .most = most, .all = TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_autofree char *buffer = NULL;
      struct group entry, *group = find_group (groups[i], &entry, &buffer, &search.list);

      if (group != NULL)
        search.gids[search.n_gids++] = group->gr_gid;
    }
  if (!users_each (look_at, &search))
    search.list.all = FALSE;
  return finish (&search.list, all);
}

typedef struct
{
  char **(*find) (guint most, gboolean *all);
  guint most;
  char **names; /* (owned) (nullable) */
  gboolean all;
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  g_strfreev (self->names);
  g_free (self);
}

static void
ask (gpointer data)
{
  Question *self = data;

  self->names = self->find (self->most, &self->all);
}

static char **
find (char **(*function) (guint most, gboolean *all), guint most, gboolean *all)
{
  Question *question = g_new0 (Question, 1);
  char **names;

  question->find = function;
  question->most = most;
  *all = FALSE;
  if (!name_service_ask (ask, question, question_free))
    return g_new0 (char *, 1);
  *all = question->all;
  names = g_steal_pointer (&question->names);
  question_free (question);
  return names;
}

char **
administrators_listed (guint most, gboolean *all)
{
  return find (find_listed, most, all);
}

char **
administrators_by_number (guint most, gboolean *all)
{
  return find (find_by_number, most, all);
}
