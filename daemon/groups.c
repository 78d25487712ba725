/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "groups.h"

#include <errno.h>
#include <grp.h>
#include <string.h>

#include "group-file.h"
#include "name-service.h"
#include "truenas-ssh-error.h"

#define DEFAULT_LIMIT 1000

/* A group with a hundred thousand members needs a few MiB; what needs more than this is broken. */
#define FIRST_BUFFER 1024
#define MAX_BUFFER   (64 * 1024 * 1024)

/* A source that tells more than this goes in circles. */
#define MAX_ENTRIES 500000

/* getgrent () keeps its place in the process, not in the thread. */
static GMutex enumeration;

static void
set_nss_error (GError **error, int code, const char *doing)
{
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
               "PasswordLoginGroups: %s failed: %s; see whether the machine's directory service "
               "answers",
               doing, g_strerror (code));
}

/* Asking for one. */

typedef enum
{
  BY_NAME,
  BY_GID,
} Key;

/* @name is asked for, or @gid. The members of @group are in @buffer. 0 or an errno; without an
 * error
 * @found is NULL if there is no such group. */
static int
lookup (Key key,
        const char *name,
        gid_t gid,
        struct group *group,
        char **buffer,
        struct group **found)
{
  gsize size = FIRST_BUFFER;
  int code;

  do
    {
      size *= 2;
      *buffer = g_realloc (*buffer, size);
      code = key == BY_NAME ? getgrnam_r (name, group, *buffer, size, found)
                            : getgrgid_r (gid, group, *buffer, size, found);
    }
  while (code == ERANGE && size < MAX_BUFFER);
  /* How "no such group" looks where a source of names is configured, but not installed. */
  if (code == ENOENT || code == ESRCH)
    {
      *found = NULL;
      return 0;
    }
  return code;
}

static gboolean
exists (const char *name, GError **error)
{
  g_autofree char *buffer = NULL;
  struct group group, *found = NULL;
  int code = lookup (BY_NAME, name, 0, &group, &buffer, &found);

  if (code == 0 && found == NULL)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_GROUP,
                   "PasswordLoginGroups: there is no group “%s”; create it or name another", name);
      return FALSE;
    }
  /* sshd asks for a user's groups by number and compares the names that come back. */
  if (code == 0)
    code = lookup (BY_GID, NULL, found->gr_gid, &group, &buffer, &found);
  if (code != 0)
    {
      set_nss_error (error, code, "looking the group up");
      return FALSE;
    }
  if (found != NULL && g_str_equal (found->gr_name, name))
    return TRUE;
  if (found != NULL && g_utf8_validate (found->gr_name, -1, NULL))
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_GROUP,
                 "PasswordLoginGroups: sshd knows the group “%s” as “%s”; use that name", name,
                 found->gr_name);
  else
    g_set_error (
        error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_GROUP,
        "PasswordLoginGroups: sshd does not know the group “%s” by this name; name another", name);
  return FALSE;
}

/* Asking for all. */

/* 0 or an errno. */
static int
next_group (struct group *group, char **buffer, gsize *size, struct group **found)
{
  int code;

  while ((code = getgrent_r (group, *buffer, *size, found)) == ERANGE && *size < MAX_BUFFER)
    {
      *size *= 2;
      *buffer = g_realloc (*buffer, *size);
    }
  return code;
}

static gboolean
enumerate (GroupFunc function, gpointer user_data, GError **error)
{
  /* Large from the start: some sources skip the entry that did not fit. */
  gsize size = 64 * FIRST_BUFFER;
  g_autofree char *buffer = g_malloc (size);
  struct group group, *found;
  gboolean more = TRUE;
  int code = 0;

  g_mutex_lock (&enumeration);
  setgrent ();
  for (guint i = 0; more && i < MAX_ENTRIES; i++)
    {
      code = next_group (&group, &buffer, &size, &found);
      more = code == 0 && function (found, user_data);
    }
  endgrent ();
  g_mutex_unlock (&enumeration);
  if (more)
    code = EOVERFLOW;
  /* ENOENT is the end, ESRCH that of some sources. */
  if (code == 0 || code == ENOENT || code == ESRCH)
    return TRUE;
  set_nss_error (error, code, "listing the groups");
  return FALSE;
}

typedef struct
{
  const char *prefix;
  GHashTable *gids; /* name → gid */
} Listing;

static gboolean
add_group (const struct group *group, gpointer user_data)
{
  Listing *listing = user_data;

  /* A name that is not UTF-8 cannot travel over D-Bus. */
  if (g_str_has_prefix (group->gr_name, listing->prefix)
      && g_utf8_validate (group->gr_name, -1, NULL))
    g_hash_table_insert (listing->gids, g_strdup (group->gr_name),
                         GUINT_TO_POINTER (group->gr_gid));
  return TRUE;
}

/* A file is whole by itself; a directory may know the group, and not enumerate it. */
static gboolean
fill (Listing *listing, GError **error)
{
  g_autofree char *buffer = NULL;
  struct group group, *found = NULL;

  if (group_file_enumerate ("/", listing->prefix, add_group, listing))
    return TRUE;
  if (!enumerate (add_group, listing, error))
    return FALSE;
  if (listing->prefix[0] != '\0'
      && lookup (BY_NAME, listing->prefix, 0, &group, &buffer, &found) == 0 && found != NULL)
    add_group (found, listing);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static GVariant *
list (const char *prefix, guint limit, GError **error)
{
  g_autoptr (GHashTable) gids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GList) names = NULL;
  Listing listing = { prefix, gids };
  GVariantBuilder builder;

  if (!fill (&listing, error))
    return NULL;

  limit = limit == 0 ? DEFAULT_LIMIT : limit;
  names = g_list_sort (g_hash_table_get_keys (gids), compare_names);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(su)"));
  for (GList *l = names; l != NULL && limit > 0; l = l->next, limit--)
    g_variant_builder_add (&builder, "(su)", l->data,
                           GPOINTER_TO_UINT (g_hash_table_lookup (gids, l->data)));
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* The pattern. */

/* Bytes that mean something to sshd's parsers of lines, quotes or lists of patterns. */
static gboolean
is_special (char c)
{
  return strchr (",!\"'\\#*?", c) != NULL || (g_ascii_iscntrl (c));
}

/* As sshd does: a ? stands for any one byte. */
static gboolean
matches (const char *pattern, const char *name)
{
  for (; *pattern != '\0' && *name != '\0'; pattern++, name++)
    if (*pattern != '?' && *pattern != *name)
      return FALSE;
  return *pattern == *name;
}

typedef struct
{
  const char *name, *pattern;
  char *other; /* (owned) */
} Proof;

static gboolean
find_other (const struct group *group, gpointer user_data)
{
  Proof *proof = user_data;

  if (!matches (proof->pattern, group->gr_name) || g_str_equal (group->gr_name, proof->name))
    return TRUE;
  proof->other = g_utf8_make_valid (group->gr_name, -1);
  return FALSE;
}

static char *
find_pattern (const char *name, GError **error)
{
  g_autofree char *pattern = g_strdup (name);
  g_autofree char *other = NULL;
  Proof proof = { name, pattern, NULL };
  gboolean special = FALSE;

  for (char *c = pattern; *c != '\0'; c++)
    if (is_special (*c))
      {
        *c = '?';
        special = TRUE;
      }
  /* A pattern without ? matches nothing but itself. */
  if (special && !enumerate (find_other, &proof, error))
    return NULL;
  other = proof.other;
  if (other == NULL)
    return g_steal_pointer (&pattern);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING,
               "PasswordLoginGroups: sshd cannot tell “%s” from “%s”; rename one of them", name,
               other);
  return NULL;
}

/* All of it in a thread of the name service's own. */

typedef struct
{
  char *name; /* (owned) or its beginning */
  guint limit;
  gboolean exists;
  GVariant *list; /* (owned) (nullable) */
  char *pattern;  /* (owned) (nullable) */
  GError *error;  /* (owned) (nullable) */
} Question;

static Question *
question_new (const char *name, guint limit)
{
  Question *self = g_new0 (Question, 1);

  self->name = g_strdup (name);
  self->limit = limit;
  return self;
}

static void
question_free (gpointer data)
{
  Question *self = data;

  g_free (self->name);
  g_clear_pointer (&self->list, g_variant_unref);
  g_free (self->pattern);
  g_clear_error (&self->error);
  g_free (self);
}

/* NULL: nobody answers, and the question is no longer ours. Only one goes at a time, since all that
 * list wait for each other: to wait for one's turn is not to wait in vain. */
static Question *
ask (void (*function) (gpointer data), Question *question, GError **error)
{
  static GMutex turn;
  gboolean done;

  g_mutex_lock (&turn);
  done = name_service_ask (function, question, question_free);
  g_mutex_unlock (&turn);
  if (done)
    return question;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
               "PasswordLoginGroups: the name service does not answer; see whether the machine's "
               "directory service does");
  return NULL;
}

static void
ask_exists (gpointer data)
{
  Question *self = data;

  self->exists = exists (self->name, &self->error);
}

gboolean
groups_exists (const char *name, GError **error)
{
  Question *question = ask (ask_exists, question_new (name, 0), error);
  gboolean found = question != NULL && question->exists;

  if (question == NULL)
    return FALSE;
  if (!found)
    g_propagate_error (error, g_steal_pointer (&question->error));
  question_free (question);
  return found;
}

static void
ask_list (gpointer data)
{
  Question *self = data;

  self->list = list (self->name, self->limit, &self->error);
}

GVariant *
groups_list (const char *prefix, guint limit, GError **error)
{
  Question *question = ask (ask_list, question_new (prefix, limit), error);
  GVariant *found;

  if (question == NULL)
    return NULL;
  found = g_steal_pointer (&question->list);
  if (found == NULL)
    g_propagate_error (error, g_steal_pointer (&question->error));
  question_free (question);
  return found;
}

static void
ask_pattern (gpointer data)
{
  Question *self = data;

  self->pattern = find_pattern (self->name, &self->error);
}

char *
groups_pattern (const char *name, GError **error)
{
  Question *question = ask (ask_pattern, question_new (name, 0), error);
  char *found;

  if (question == NULL)
    return NULL;
  found = g_steal_pointer (&question->pattern);
  if (found == NULL)
    g_propagate_error (error, g_steal_pointer (&question->error));
  question_free (question);
  return found;
}
