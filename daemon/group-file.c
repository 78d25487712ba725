/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "group-file.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

/* (nullable) */
static char *
read_file (const char *root, const char *name)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  char *text = NULL;

  return store_read (path, &text, NULL) ? text : NULL;
}

/* Does every line about groups name the file and nothing else? Without such a line it depends on
 * the C library. */
static gboolean
is_only_source (const char *root)
{
  g_autofree char *text = read_file (root, "etc/nsswitch.conf");
  g_autoptr (GRegex) line = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  gboolean found = FALSE;

  if (text == NULL)
    return FALSE;
  line = g_regex_new ("^\\s*group\\s*:\\s*(.*?)\\s*(#.*)?$", G_REGEX_MULTILINE, 0, NULL);
  for (g_regex_match (line, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *sources = g_match_info_fetch (match, 1);

      if (!g_str_equal (sources, "files"))
        return FALSE;
      found = TRUE;
    }
  return found;
}

/* The lines that may be about such groups, and how long the longest is. Most of the time goes into
 * taking lines apart, and few of a hundred thousand are asked for. */
static GString *
pick_lines (const char *text, const char *prefix, gsize *longest)
{
  const gsize length = strlen (prefix);
  GString *picked = g_string_new (NULL);

  for (const char *line = text, *end; *line != '\0'; line = end)
    {
      end = strchrnul (line, '\n');
      end += *end == '\n';
      /* The C library passes over them, too. */
      while (*line != '\n' && isspace ((unsigned char) *line))
        line++;
      if (strncmp (line, prefix, length) != 0)
        continue;
      g_string_append_len (picked, line, end - line);
      *longest = MAX (*longest, (gsize) (end - line));
    }
  return picked;
}

gboolean
group_file_enumerate (const char *root, const char *prefix, GroupFunc function, gpointer user_data)
{
  g_autofree char *text = is_only_source (root) ? read_file (root, "etc/group") : NULL;
  gsize longest = 0;
  g_autoptr (GString) lines = text != NULL ? pick_lines (text, prefix, &longest) : NULL;
  g_autofree char *buffer = NULL;
  struct group group, *found;
  gsize size;
  FILE *file;

  if (lines == NULL)
    return FALSE;
  if (lines->len == 0)
    return TRUE;
  file = fmemopen (lines->str, lines->len, "r");
  if (file == NULL)
    return FALSE;
  /* Its text, and a pointer for each of its members and the end. */
  size = (longest + 2) * (1 + sizeof (char *));
  buffer = g_malloc (size);
  while (fgetgrent_r (file, &group, buffer, size, &found) == 0 && function (found, user_data))
    ;
  fclose (file);
  return TRUE;
}
