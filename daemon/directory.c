/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "directory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "pam.h"
#include "store.h"

#define NSSWITCH "etc/nsswitch.conf"

/* Sources of users of this machine's own. */
static const char *const local[] = { "altfiles", "compat",  "db",       "extrausers",
                                     "files",    "systemd", "usrfiles", NULL };

/* The sources that a line "DATABASE: source [STATUS=action] …" names; empty without one. */
static char **
read_sources (const char *text, const char *database)
{
  g_autofree char *pattern = g_strdup_printf ("^\\s*%s\\s*:([^#\\n]*)", database);
  g_autoptr (GRegex) line = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GRegex) gap = g_regex_new ("\\[[^]]*\\]|\\s+", G_REGEX_DEFAULT, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *sources = NULL;

  if (!g_regex_match (line, text, 0, &match))
    return g_new0 (char *, 1);
  sources = g_match_info_fetch (match, 1);
  return g_regex_split (gap, sources, 0);
}

/* Where nobody can look, there may be something. */
static gboolean
is_there (const char *root, const char *name)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  struct stat info;

  return stat (path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Fedora names sssd in every machine's file; without a configuration it knows nobody. */
static gboolean
is_set_up (const char *root, const char *source)
{
  g_autofree char *folder = g_build_filename (root, "etc/sssd/conf.d", NULL);
  g_autoptr (GDir) snippets = NULL;
  const char *name;

  if (!g_str_equal (source, "sss") || is_there (root, "etc/sssd/sssd.conf"))
    return TRUE;
  snippets = g_dir_open (folder, 0, NULL);
  while (snippets != NULL && (name = g_dir_read_name (snippets)) != NULL)
    if (g_str_has_suffix (name, ".conf"))
      return TRUE;
  return snippets == NULL && is_there (root, "etc/sssd/conf.d");
}

/* PAM asks more than the shadow entries, or the directory hands out shadow entries itself, which
 * sssd never does. */
static gboolean
takes_passwords (const char *root, const char *text, const char *source, const char *pam_service)
{
  g_autofree char *etc = g_build_filename (root, "etc/pam.d", NULL);
  g_autofree char *usr = g_build_filename (root, "usr/lib/pam.d", NULL);
  const char *const folders[] = { etc, usr, NULL };
  g_auto (GStrv) shadow = read_sources (text, "shadow");

  return (pam_service != NULL && !pam_read (folders, pam_service).passwords_local)
         || (!g_str_equal (source, "sss")
             && g_strv_contains ((const char *const *) shadow, source));
}

char *
directory_with_passwords (const char *root, const char *pam_service)
{
  g_autofree char *path = g_build_filename (root, NSSWITCH, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) sources = NULL;

  if (!store_read (path, &text, NULL) || text == NULL)
    return NULL;
  sources = read_sources (text, "passwd");
  for (gsize i = 0; sources[i] != NULL; i++)
    if (*sources[i] != '\0' && !g_strv_contains (local, sources[i]) && is_set_up (root, sources[i])
        && takes_passwords (root, text, sources[i], pam_service))
      return g_strdup (sources[i]);
  return NULL;
}
