/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "etc-ssh.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "folder.h"
#include "real-sshd.h"

#define KEY "ssh_host_ed25519_key"

struct _EtcSsh
{
  Folder *folder;      /* (owned) */
  GHashTable *changes; /* (owned) */
};

static char *key; /* the text of a host key, made once */

void
etc_ssh_set_up (void)
{
  real_sshd_set_up ();
  key = folder_read (real_sshd_folder (), "host-key");
  if (unshare (CLONE_NEWNS) != 0 || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    g_error ("these tests have to be able to mount: %s", g_strerror (errno));
}

void
etc_ssh_tear_down (void)
{
  g_clear_pointer (&key, g_free);
  real_sshd_tear_down ();
}

static char *
name_of (const char *line)
{
  return g_strdelimit (g_strdup (line + 2), "%", '\n');
}

/* The lines up to the next that begins a file; moves behind them. */
static char *
take_text (char ***lines)
{
  GString *text = g_string_new (NULL);

  for (; **lines != NULL; ++*lines)
    {
      const char *line = **lines;

      if (*line != '\0' && strchr ("=+->", *line) != NULL && line[1] == ' ')
        break;
      g_string_append_printf (text, "%s\n", line);
    }
  if (text->len > 1 && text->str[text->len - 2] == '^')
    g_string_truncate (text, text->len - 2);
  return g_string_free (text, FALSE);
}

static void
lay_out (EtcSsh *self, char **lines)
{
  while (*lines != NULL)
    {
      const char kind = **lines;
      g_autofree char *name = name_of (*lines++);
      g_autofree char *text = take_text (&lines);
      g_autofree char *path = g_build_filename (ETC_SSH, name, NULL);
      char *target = strchr (name, ' ');

      if (kind == '=')
        folder_write (self->folder, name, text);
      else if (kind == '>')
        {
          *target = '\0';
          folder_link (self->folder, name, target + 1);
        }
      else
        g_hash_table_insert (self->changes, g_steal_pointer (&path),
                             kind == '+' ? g_steal_pointer (&text) : NULL);
    }
}

EtcSsh *
etc_ssh_new (const char *text)
{
  EtcSsh *self = g_new0 (EtcSsh, 1);
  g_autofree char *whole =
      g_str_has_suffix (text, "\n") ? g_strndup (text, strlen (text) - 1) : g_strdup (text);
  g_auto (GStrv) lines = g_strsplit (whole, "\n", -1);
  g_autofree char *key_path = NULL;

  self->folder = folder_new ();
  self->changes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  lay_out (self, lines);
  folder_write (self->folder, KEY, key);
  key_path = folder_path (self->folder, KEY);
  g_assert_cmpint (g_chmod (key_path, 0600), ==, 0);
  if (mount (self->folder->path, ETC_SSH, NULL, MS_BIND, NULL) != 0)
    g_error (ETC_SSH " cannot be mounted: %s", g_strerror (errno));
  return self;
}

void
etc_ssh_free (EtcSsh *self)
{
  g_assert_cmpint (umount (ETC_SSH), ==, 0);
  folder_free (self->folder);
  g_hash_table_unref (self->changes);
  g_free (self);
}

GHashTable *
etc_ssh_changes (const EtcSsh *self)
{
  return self->changes;
}

void
etc_ssh_install (const EtcSsh *self)
{
  GHashTableIter iter;
  const char *path, *text;

  g_hash_table_iter_init (&iter, self->changes);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, (gpointer *) &text))
    if (text != NULL)
      folder_write (self->folder, path + strlen (ETC_SSH "/"), text);
    else
      g_assert_cmpint (g_unlink (path), ==, 0);
}
