/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "directive.h"

#include <string.h>

#define WHITESPACE " \t\r\n"

void
directive_free (Directive *self)
{
  g_free (self->keyword);
  g_strfreev (self->args);
  g_free (self);
}

/* The first word, as strdelim() of OpenSSH cuts it: it ends at white space, at one '=', or around a
 * pair of quotes, which vanish wherever they stand. NULL: a quote is left open. */
static char *
take_keyword (char **rest)
{
  char *word = *rest;
  char *end = strpbrk (word, WHITESPACE "\"=");
  gboolean equals;

  if (end == NULL)
    {
      *rest = word + strlen (word);
      return word;
    }
  if (*end == '"')
    {
      memmove (end, end + 1, strlen (end));
      end = strchr (end, '"');
      if (end == NULL)
        return NULL;
      *end = '\0';
      *rest = end + 1 + strspn (end + 1, WHITESPACE);
      return word;
    }

  equals = *end == '=';
  *end = '\0';
  end += 1 + strspn (end + 1, WHITESPACE);
  if (*end == '=' && !equals)
    end += 1 + strspn (end + 1, WHITESPACE);
  *rest = end;
  return word;
}

/* Copies one argument, as argv_split() of OpenSSH does; returns where it ends, NULL on an open
 * quote. */
static const char *
take_arg (const char *from, GString *arg)
{
  char quote = '\0';

  for (; *from != '\0'; from++)
    {
      if (from[0] == '\\' && from[1] != '\0'
          && (strchr ("'\"\\", from[1]) != NULL || (quote == '\0' && from[1] == ' ')))
        g_string_append_c (arg, *++from);
      else if (quote == '\0' && (*from == ' ' || *from == '\t'))
        break;
      else if (quote == '\0' && (*from == '"' || *from == '\''))
        quote = *from;
      else if (quote != '\0' && *from == quote)
        quote = '\0';
      else
        g_string_append_c (arg, *from);
    }
  return quote == '\0' ? from : NULL;
}

static char **
split_args (const char *text)
{
  g_autoptr (GStrvBuilder) args = g_strv_builder_new ();

  for (;;)
    {
      g_autoptr (GString) arg = g_string_new (NULL);

      text += strspn (text, " \t");
      if (*text == '\0' || *text == '#')
        return g_strv_builder_end (args);
      text = take_arg (text, arg);
      if (text == NULL)
        return NULL;
      g_strv_builder_add (args, arg->str);
    }
}

Directive *
directive_parse (const char *line)
{
  g_autofree char *copy = g_strdup (line + strspn (line, " \t\r"));
  char *rest = copy;
  char *word;
  Directive *self;

  for (gsize n = strlen (copy); n > 1 && strchr (WHITESPACE "\f", copy[n - 1]) != NULL; n--)
    copy[n - 1] = '\0';

  word = take_keyword (&rest);
  if (word != NULL && *word == '\0')
    word = take_keyword (&rest);
  if (word != NULL && (*word == '\0' || *word == '#'))
    return NULL;

  self = g_new0 (Directive, 1);
  self->keyword = g_ascii_strdown (word != NULL ? word : "", -1);
  self->args = word != NULL ? split_args (rest) : NULL;
  return self;
}

char *
directive_quote (const char *arg)
{
  g_autoptr (GString) quoted = g_string_new ("\"");

  if (*arg != '\0' && strpbrk (arg, WHITESPACE "\f\"'\\#=") == NULL)
    return g_strdup (arg);

  for (; *arg != '\0'; arg++)
    {
      if (*arg == '"' || *arg == '\\')
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *arg);
    }
  g_string_append_c (quoted, '"');
  return g_string_free (g_steal_pointer (&quoted), FALSE);
}
