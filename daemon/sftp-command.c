/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "sftp-command.h"

#include <string.h>

const char *
sftp_command_find (const Effective *effective)
{
  const char *const *lines = effective_list (effective, "subsystem");

  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "sftp "))
      return lines[i] + strlen ("sftp ");
  return NULL;
}

/* flags: a pattern for options without an argument that may stand in the same word. */
static GRegex *
option_regex (const char *flags, char option)
{
  g_autofree char *pattern = g_strdup_printf ("\\s-%s%c\\s*([^\\s-]\\S*)", flags, option);

  return g_regex_new (pattern, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
}

/* The last one counts, as for getopt(3). */
char *
sftp_command_option (const char *command, char option)
{
  g_autoptr (GRegex) regex = option_regex ("[ehR]*", option);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *value = g_strdup ("");

  for (g_regex_match (regex, command, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_free (value);
      value = g_match_info_fetch (match, 1);
    }
  return g_ascii_strup (g_ascii_strcasecmp (value, "DEBUG1") == 0 ? "DEBUG" : value, -1);
}

static char *
with_option (const char *command, char option, const char *value)
{
  g_autoptr (GRegex) regex = option_regex ("", option);
  g_autofree char *without = NULL;

  if (*value == '\0')
    return g_strdup (command);
  without = g_regex_replace_literal (regex, command, -1, 0, "", G_REGEX_MATCH_DEFAULT, NULL);
  return g_strdup_printf ("%s -%c %s", without, option, value);
}

char *
sftp_command_with (const char *command, const char *level, const char *facility)
{
  g_autofree char *first = NULL;

  /* The user's shell runs it, and the options are looked for as plain words. */
  if (strpbrk (command, ";|&<>()$`#\"'\\\n") != NULL)
    return NULL;
  first = with_option (command, 'l', level);
  return with_option (first, 'f', facility);
}
