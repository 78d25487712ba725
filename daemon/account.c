/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "name-service.h"
#include "truenas-ssh-error.h"

#define SECONDS_PER_DAY 86400

/* A group with a hundred thousand members needs a few MiB; what needs more than this is broken. */
#define FIRST_BUFFER 4096
#define MAX_BUFFER   (64 * 1024 * 1024)

/* The kernel's own limit. */
#define MAX_GROUPS 65536

void
account_free (Account *self)
{
  g_free (self->name);
  g_free (self->home);
  g_free (self->shell);
  g_clear_pointer (&self->gids, g_array_unref);
  g_strfreev (self->groups);
  g_free (self);
}

/* The shadow entry. */

/* crypt(5): $id$…, _ and 19 characters, or 13 characters. */
static gboolean
is_hash (const char *field)
{
  gsize length = strlen (field);

  if (field[0] == '$')
    return length > 13 && strchr (field + 1, '$') != NULL;
  if (field[0] == '_')
    return length == 20;
  return length == 13 && strspn (field, "./0123456789" G_CSET_A_2_Z G_CSET_a_2_z) == length;
}

AccountPassword
account_judge_password (const char *field)
{
  if (field[0] == '\0')
    return ACCOUNT_PASSWORD_EMPTY;
  if (field[0] == '!' || field[0] == '*')
    return ACCOUNT_PASSWORD_NONE;
  return is_hash (field) ? ACCOUNT_PASSWORD_SET : ACCOUNT_PASSWORD_UNKNOWN;
}

/* On the last day of an account, PAM and sshd are not of one mind. */
AccountAge
account_judge_age (const struct spwd *entry, glong today)
{
  glong passed = today - entry->sp_lstchg;

  if (entry->sp_expire != -1 && today > entry->sp_expire)
    return ACCOUNT_AGE_EXPIRED;
  if (entry->sp_expire == today)
    return ACCOUNT_AGE_UNKNOWN;
  if (entry->sp_lstchg == 0)
    return ACCOUNT_AGE_CHANGE;
  if (entry->sp_max == -1)
    return ACCOUNT_AGE_FINE;
  if (entry->sp_lstchg == -1)
    return ACCOUNT_AGE_UNKNOWN;
  if (passed <= entry->sp_max)
    return ACCOUNT_AGE_FINE;
  return entry->sp_inact != -1 && passed > entry->sp_max + entry->sp_inact ? ACCOUNT_AGE_INACTIVE
                                                                           : ACCOUNT_AGE_CHANGE;
}

/* passwd: the field of the user's own entry, "x" where the password is in the shadow file. */
static void
read_shadow (Account *self, const char *passwd)
{
  gsize size = FIRST_BUFFER;
  g_autofree char *buffer = g_malloc (size);
  struct spwd entry, *found = NULL;
  const char *field = passwd;

  while (getspnam_r (self->name, &entry, buffer, size, &found) == ERANGE && size < MAX_BUFFER)
    {
      size *= 2;
      buffer = g_realloc (buffer, size);
    }
  if (found != NULL)
    {
      self->age = account_judge_age (found, (glong) (g_get_real_time () / G_USEC_PER_SEC)
                                                / SECONDS_PER_DAY);
      field = found->sp_pwdp;
    }
  self->locked = field[0] == '!';
  self->password = account_judge_password (field);
}

/* The groups. */

static gboolean
read_gids (Account *self, gid_t primary)
{
  int n = 64;

  do
    {
      g_array_set_size (self->gids, (guint) n);
      if (getgrouplist (self->name, primary, &g_array_index (self->gids, gid_t, 0), &n) >= 0)
        {
          g_array_set_size (self->gids, (guint) n);
          return TRUE;
        }
      n = MAX (n, (int) self->gids->len * 2);
    }
  while (n <= MAX_GROUPS);
  return FALSE;
}

/* A number without a name is no group to sshd. */
static gboolean
read_group (gid_t gid, GStrvBuilder *names)
{
  gsize size = FIRST_BUFFER;
  g_autofree char *buffer = g_malloc (size);
  struct group group, *found = NULL;
  int code;

  while ((code = getgrgid_r (gid, &group, buffer, size, &found)) == ERANGE && size < MAX_BUFFER)
    {
      size *= 2;
      buffer = g_realloc (buffer, size);
    }
  if (found != NULL)
    g_strv_builder_add (names, found->gr_name);
  return code == 0 || code == ENOENT || code == ESRCH;
}

static gboolean
read_groups (Account *self, gid_t primary)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  gboolean done;

  self->gids = g_array_new (FALSE, FALSE, sizeof (gid_t));
  done = read_gids (self, primary);
  for (guint i = 0; done && i < self->gids->len; i++)
    done = read_group (g_array_index (self->gids, gid_t, i), names);
  self->groups = g_strv_builder_end (names);
  return done;
}

/* The account. */

/* An empty one means /bin/sh. Which shells there are in /etc/shells, sshd does not ask. */
static void
read_shell (Account *self, const char *shell)
{
  struct stat info;

  self->shell = g_strdup (*shell != '\0' ? shell : "/bin/sh");
  self->shell_runs =
      stat (self->shell, &info) == 0 && S_ISREG (info.st_mode) && (info.st_mode & 0111) != 0;
}

static void
set_failed (const char *name, int code, GError **error)
{
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
               "looking up the user “%s” failed: %s", name, g_strerror (code));
}

static Account *
read_account (const char *name, GError **error)
{
  gsize size = FIRST_BUFFER;
  g_autofree char *buffer = g_malloc (size);
  struct passwd user, *found = NULL;
  g_autoptr (Account) self = NULL;
  int code;

  while ((code = getpwnam_r (name, &user, buffer, size, &found)) == ERANGE && size < MAX_BUFFER)
    {
      size *= 2;
      buffer = g_realloc (buffer, size);
    }
  if (found == NULL)
    {
      if (code != 0 && code != ENOENT && code != ESRCH)
        set_failed (name, code, error);
      return NULL;
    }
  self = g_new0 (Account, 1);
  self->name = g_strdup (found->pw_name);
  self->uid = found->pw_uid;
  self->home = g_strdup (found->pw_dir);
  read_shell (self, found->pw_shell);
  read_shadow (self, found->pw_passwd);
  if (!read_groups (self, found->pw_gid))
    {
      set_failed (name, EIO, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

typedef struct
{
  char *name;       /* (owned) */
  Account *account; /* (owned) (nullable) */
  GError *error;    /* (owned) (nullable) */
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  g_free (self->name);
  g_clear_pointer (&self->account, account_free);
  g_clear_error (&self->error);
  g_free (self);
}

static void
ask (gpointer data)
{
  Question *self = data;

  self->account = read_account (self->name, &self->error);
}

Account *
account_read (const char *name, GError **error)
{
  Question *question = g_new0 (Question, 1);
  Account *account;

  question->name = g_strdup (name);
  if (!name_service_ask (ask, question, question_free))
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
                   "looking up the user “%s” failed: the name service does not answer", name);
      return NULL;
    }
  account = g_steal_pointer (&question->account);
  if (question->error != NULL)
    g_propagate_error (error, g_steal_pointer (&question->error));
  question_free (question);
  return account;
}
