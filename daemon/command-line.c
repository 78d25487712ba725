/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "command-line.h"

#include <string.h>

#include "settings.h"

/* sshd's options that take a value, and of all those on which its configuration depends. */
#define WITH_VALUE "CEbcfghkopu"
#define RELEVANT   "46cfghop"
#define LISTENING  "46p"

#define BLANKS " \t\n"

/* Variables. */

void
command_line_read_variables (GHashTable *variables, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "\\\n", -1);
  g_autofree char *joined = g_strjoinv ("", parts);
  g_auto (GStrv) lines = g_strsplit (joined, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);
      const char *equals = strchr (line, '=');
      char *value;

      if (*line == '#' || *line == ';' || equals == NULL)
        continue;
      value = g_strstrip (g_strdup (equals + 1));
      if (strpbrk (value, "'\"\\") != NULL)
        {
          char *unquoted = g_shell_unquote (value, NULL);

          if (unquoted != NULL)
            {
              g_free (value);
              value = unquoted;
            }
        }
      g_hash_table_insert (variables, g_strstrip (g_strndup (line, (gsize) (equals - line))),
                           value);
    }
}

static void
add_words (GStrvBuilder *words, const char *text)
{
  g_auto (GStrv) parsed = NULL;
  g_auto (GStrv) split = NULL;

  if (g_shell_parse_argv (text, NULL, &parsed, NULL))
    {
      g_strv_builder_addv (words, (const char **) parsed);
      return;
    }
  split = g_strsplit_set (text, BLANKS, -1);
  for (gsize i = 0; split[i] != NULL; i++)
    if (*split[i] != '\0')
      g_strv_builder_add (words, split[i]);
}

static gboolean
on_variable (const GMatchInfo *match, GString *result, gpointer user_data)
{
  g_autofree char *name = g_match_info_fetch (match, 1);
  const char *value = g_hash_table_lookup (user_data, name);

  g_string_append (result, value ? value : "");
  return FALSE;
}

static gboolean
is_variable (const char *word)
{
  return word[0] == '$' && (g_ascii_isalpha (word[1]) || word[1] == '_')
         && word[1
                 + strspn (word + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
                                     "0123456789")]
                == '\0';
}

char **
command_line_expand (const char *const *arguments, GHashTable *variables)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr (GRegex) inside =
      g_regex_new ("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}", G_REGEX_DEFAULT, 0, NULL);

  for (gsize i = 0; arguments[i] != NULL; i++)
    {
      const char *value =
          is_variable (arguments[i]) ? g_hash_table_lookup (variables, arguments[i] + 1) : NULL;
      g_autofree char *word = NULL;

      if (value != NULL)
        add_words (words, value);
      if (is_variable (arguments[i]))
        continue;
      word = g_regex_replace_eval (inside, arguments[i], -1, 0, 0, on_variable, variables, NULL);
      g_strv_builder_add (words, word ? word : arguments[i]);
    }
  return g_strv_builder_end (words);
}

/* Options. */

/* The keyword of "Port=22" or "Port 22", in lower case. */
static char *
keyword_of (const char *assignment)
{
  const char *begin = assignment + strspn (assignment, BLANKS);

  return g_ascii_strdown (begin, (gssize) strcspn (begin, BLANKS "="));
}

static gboolean
is_about_listening (char option, const char *value)
{
  g_autofree char *keyword = option == 'o' ? keyword_of (value) : NULL;

  return strchr (LISTENING, option) != NULL
         || (keyword != NULL
             && (g_str_equal (keyword, "port") || g_str_equal (keyword, "listenaddress")
                 || g_str_equal (keyword, "addressfamily")));
}

static void
add (GStrvBuilder *relevant, char option, const char *value, gboolean listens)
{
  const char name[] = { '-', option, '\0' };

  if (strchr (RELEVANT, option) == NULL || (!listens && is_about_listening (option, value)))
    return;
  g_strv_builder_add (relevant, name);
  if (strchr (WITH_VALUE, option) != NULL)
    g_strv_builder_add (relevant, value);
}

/* As getopt(3) does: "-Dp22" is -D and -p 22, "-p" takes the next word. */
char **
command_line_relevant (const char *const *arguments, gboolean listens)
{
  g_autoptr (GStrvBuilder) relevant = g_strv_builder_new ();

  for (gsize i = 0; arguments[i] != NULL && arguments[i][0] == '-' && arguments[i][1] != '\0'; i++)
    {
      if (g_str_equal (arguments[i], "--"))
        break;
      for (const char *option = arguments[i] + 1; *option != '\0'; option++)
        {
          gboolean takes = strchr (WITH_VALUE, *option) != NULL;
          const char *value = takes && option[1] != '\0' ? option + 1 : NULL;

          if (takes && value == NULL)
            value = arguments[i + 1] ? arguments[++i] : "";
          add (relevant, *option, value ? value : "", listens);
          if (takes)
            break;
        }
    }
  return g_strv_builder_end (relevant);
}

const char *
command_line_config (const char *const *relevant)
{
  const char *config = NULL;

  for (gsize i = 0; relevant[i] != NULL; i++)
    if (relevant[i][1] != '4' && relevant[i][1] != '6')
      {
        if (relevant[i][1] == 'f')
          config = relevant[i + 1];
        i++;
      }
  return config;
}

/* Whether the auxiliary lines set it too, outside of a Match block. */
static gboolean
is_auxiliary (GVariant *settings, const char *keyword)
{
  g_auto (GStrv) lines =
      g_strsplit (settings_get_string (settings, SETTING_AUXILIARY_PARAMETERS), "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *other = keyword_of (lines[i]);

      if (g_str_equal (other, "match"))
        return FALSE;
      if (g_str_equal (other, keyword))
        return TRUE;
    }
  return FALSE;
}

static gboolean
decides (const char *option, const char *value, const char *setting, GVariant *settings)
{
  g_autofree char *keyword = NULL;
  const char *owner;

  if (option[1] == 'p')
    return g_str_equal (setting, SETTING_TCP_PORT);
  if (option[1] != 'o')
    return FALSE;
  keyword = keyword_of (value);
  owner = settings_owner (keyword);
  if (owner != NULL)
    return g_str_equal (owner, setting);
  return g_str_equal (setting, SETTING_AUXILIARY_PARAMETERS) && is_auxiliary (settings, keyword);
}

char *
command_line_decider (const char *const *relevant, const char *setting, GVariant *settings)
{
  for (gsize i = 0; relevant != NULL && relevant[i] != NULL; i++)
    {
      const char *option = relevant[i];
      const char *value;

      if (option[1] == '4' || option[1] == '6')
        continue;
      value = relevant[++i];
      if (!decides (option, value, setting, settings))
        continue;
      if (option[1] == 'p')
        return g_strdup (option);
      value += strspn (value, BLANKS);
      return g_strdup_printf ("-o %.*s", (int) strcspn (value, BLANKS "="), value);
    }
  return NULL;
}
