/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "key-file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "authorized-key.h"
#include "user-path.h"

#define MAX_BYTES    (1024 * 1024)
#define MAX_PATTERNS 16

void
key_file_free (KeyFile *self)
{
  g_free (self->path);
  g_clear_pointer (&self->verdict, verdict_free);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_pointer (&self->keys, g_ptr_array_unref);
  g_free (self);
}

static KeyFile *
key_file_new (const char *path)
{
  KeyFile *self = g_new0 (KeyFile, 1);

  self->path = g_strdup (path);
  self->verdict = verdict_yes ();
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) user_path_group_free);
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) authorized_key_free);
  return self;
}

/* One file. */

static void
read_text (int fd, GString *text)
{
  char buffer[16 * 1024];
  gssize n;

  do
    {
      n = TEMP_FAILURE_RETRY (read (fd, buffer, sizeof buffer));
      if (n > 0)
        g_string_append_len (text, buffer, n);
    }
  while (n > 0 && text->len <= MAX_BYTES);
}

/* A line may hold any bytes; it ends at a zero for sshd, too. */
static void
parse_lines (KeyFile *self, GString *text)
{
  char *end = text->str + text->len;

  for (char *line = text->str; line < end;)
    {
      char *next = memchr (line, '\n', (gsize) (end - line));
      AuthorizedKey *key;

      next = next ? next : end;
      *next = '\0';
      key = authorized_key_parse (line);
      if (key != NULL)
        g_ptr_array_add (self->keys, key);
      line = next + 1;
    }
}

static KeyFile *
read_file (const char *path, const Account *user, gboolean strict)
{
  KeyFile *self = key_file_new (path);
  g_autoptr (GString) text = g_string_new (NULL);
  struct stat info;
  int fd = user_path_open (path, &info, &self->missing, self->verdict);

  if (fd < 0)
    return self;
  user_path_check_readable (user, path, &info, self->verdict);
  if (strict)
    user_path_check_strict (user, path, &info, self->groups, self->verdict);
  read_text (fd, text);
  close (fd);
  self->partly = text->len > MAX_BYTES;
  parse_lines (self, text);
  return self;
}

/* Their names. */

/* NULL: it holds a % that is not known here. */
static char *
expand (const char *pattern, const Account *user)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (const char *c = pattern; *c != '\0'; c++)
    {
      if (*c != '%')
        g_string_append_c (path, *c);
      else if (c[1] == '%')
        g_string_append_c (path, '%');
      else if (c[1] == 'h')
        g_string_append (path, user->home);
      else if (c[1] == 'u')
        g_string_append (path, user->name);
      else if (c[1] == 'U')
        g_string_append_printf (path, "%u", user->uid);
      else
        return NULL;
      if (*c == '%')
        c++;
    }
  if (path->str[0] == '/')
    return g_string_free (g_steal_pointer (&path), FALSE);
  return g_strdup_printf ("%s/%s", user->home, path->str);
}

static KeyFile *
undecided (const char *path)
{
  KeyFile *self = key_file_new (path);

  verdict_limit (self->verdict, ANSWER_MAYBE, "%s may stand for any file", path);
  return self;
}

/* From OpenSSH 10.0 on it can hold wildcards. */
static KeyFile *
read_pattern (const char *pattern, const Account *user, gboolean strict)
{
  g_autofree char *path = expand (pattern, user);

  if (path == NULL || strpbrk (path, "*?[\\") != NULL)
    return undecided (pattern);
  return read_file (path, user, strict);
}

/* sshd does not tell a blank in a name from one between names. */
static gboolean
is_in_pieces (const char *const *patterns, const Account *user)
{
  for (gsize i = 0; patterns[i] != NULL; i++)
    {
      g_autoptr (GString) joined = g_string_new (patterns[i]);

      for (gsize j = i + 1; patterns[j] != NULL; j++)
        {
          g_autofree char *path = NULL;

          g_string_append_printf (joined, " %s", patterns[j]);
          path = expand (joined->str, user);
          if (path == NULL || access (path, F_OK) == 0)
            return TRUE;
        }
    }
  return FALSE;
}

GPtrArray *
key_files_read (const Account *user, const char *const *patterns, gboolean strict)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) key_file_free);

  if (g_strv_length ((char **) patterns) > MAX_PATTERNS || is_in_pieces (patterns, user))
    {
      g_ptr_array_add (files, undecided ("AuthorizedKeysFile"));
      return files;
    }
  for (gsize i = 0; patterns[i] != NULL; i++)
    if (g_ascii_strcasecmp (patterns[i], "none") != 0)
      g_ptr_array_add (files, read_pattern (patterns[i], user, strict));
  return files;
}

/* As a value: bytes, since names of files are no text. */

static GVariant *
serialize_groups (const GPtrArray *groups)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayuu)"));

  for (guint i = 0; i < groups->len; i++)
    {
      const UserPathGroup *group = g_ptr_array_index (groups, i);

      g_variant_builder_add (&builder, "(^ayuu)", group->path, group->group, group->owner);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
serialize_keys (const GPtrArray *keys)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayubbbbayx)"));

  for (guint i = 0; i < keys->len; i++)
    {
      const AuthorizedKey *key = g_ptr_array_index (keys, i);

      g_variant_builder_add (&builder, "(^ayubbbb^ayx)", key->type, key->bits, key->strange,
                             key->authority, key->forced, key->restricted,
                             key->from ? key->from : "", key->expires);
    }
  return g_variant_builder_end (&builder);
}

GVariant *
key_files_serialize (const GPtrArray *files)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE (KEY_FILES_TYPE));

  for (guint i = 0; i < files->len; i++)
    {
      const KeyFile *file = g_ptr_array_index (files, i);

      g_variant_builder_add (&builder, "(^aybbu^ay@a(ayuu)@a(ayubbbbayx))", file->path,
                             file->missing, file->partly, file->verdict->answer,
                             file->verdict->reason ? file->verdict->reason : "",
                             serialize_groups (file->groups), serialize_keys (file->keys));
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
deserialize_groups (GVariant *value, GPtrArray *groups)
{
  GVariantIter iter;
  UserPathGroup group;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(^ayuu)", &group.path, &group.group, &group.owner))
    g_ptr_array_add (groups, g_memdup2 (&group, sizeof group));
}

static void
deserialize_keys (GVariant *value, GPtrArray *keys)
{
  GVariantIter iter;
  AuthorizedKey key;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(^ayubbbb^ayx)", &key.type, &key.bits, &key.strange,
                              &key.authority, &key.forced, &key.restricted, &key.from,
                              &key.expires))
    {
      if (*key.from == '\0')
        g_clear_pointer (&key.from, g_free);
      g_ptr_array_add (keys, g_memdup2 (&key, sizeof key));
    }
}

GPtrArray *
key_files_deserialize (GVariant *value)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) key_file_free);
  GVariantIter iter;
  const char *path, *reason;
  gboolean missing, partly;
  guint32 answer;
  GVariant *groups, *keys;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(^&aybbu^&ay@a(ayuu)@a(ayubbbbayx))", &path, &missing,
                              &partly, &answer, &reason, &groups, &keys))
    {
      KeyFile *file = key_file_new (path);

      file->missing = missing;
      file->partly = partly;
      verdict_limit (file->verdict, MIN (answer, ANSWER_YES), "%s", reason);
      deserialize_groups (groups, file->groups);
      deserialize_keys (keys, file->keys);
      g_variant_unref (groups);
      g_variant_unref (keys);
      g_ptr_array_add (files, file);
    }
  return files;
}
