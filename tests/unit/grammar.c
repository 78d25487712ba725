/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "grammar.h"

#include <string.h>

#define PICK(self, list) (list)[below ((self), G_N_ELEMENTS (list))]

static guint
below (const Grammar *self, gsize n)
{
  return (guint) g_rand_int_range (self->rand, 0, (gint32) n);
}

static gboolean
once_in (const Grammar *self, guint n)
{
  return below (self, n) == 0;
}

/* What looks like nothing, or like something else, to one reader and not to the other. */
static const char *const oddities[] = {
  "\"",
  "\"\"",
  "'",
  "\\",
  "\\\\",
  "\\\"",
  "\\ ",
  "=",
  "==",
  "#",
  "\t",
  "  ",
  "\xc2\xa0",
  "\xe2\x80\x8b",
  "\xef\xbb\xbf",
  "\xe2\x80\xaf",
  "\xe3\x80\x80",
  "\xcc\x88",
  "\xd0\xbe",
  "\xef\xbc\x9d",
  "\xe2\x80\x9c",
  "\xf0\x9f\x94\x91",
  "%",
  "{}",
};

/* These end a line for some, and are refused by us. */
static const char *const breaks[] = {
  "\r", "\f", "\v", "\xc2\x85", "\xe2\x80\xa8", "\x1b", "\x7f",
};

static void
append_odd (const Grammar *self, GString *text)
{
  g_string_append (text, once_in (self, 12) ? PICK (self, breaks) : PICK (self, oddities));
}

static void
append_case (const Grammar *self, GString *text, const char *word)
{
  guint style = below (self, 3);

  for (; *word != '\0'; word++)
    g_string_append_c (
        text, style == 0 || (style == 1 && once_in (self, 2)) ? g_ascii_toupper (*word) : *word);
}

/* A keyword as it is, or with something within, before or behind it. */
static void
append_keyword (const Grammar *self, GString *text, const char *keyword)
{
  g_autoptr (GString) odd = g_string_new (NULL);
  gsize start = text->len;

  append_case (self, text, keyword);
  if (!once_in (self, 8))
    return;
  append_odd (self, odd);
  g_string_insert (text, (gssize) (start + below (self, strlen (keyword) + 1)), odd->str);
  if (once_in (self, 2))
    g_string_append (text, odd->str);
}

static const char *
pick_keyword (const Grammar *self, gboolean wild)
{
  guint n = g_strv_length ((char **) self->favours);

  for (;;)
    {
      const char *keyword =
          once_in (self, 2) ? self->favours[below (self, n)]
                            : g_ptr_array_index (self->keywords, below (self, self->keywords->len));

      if (wild || g_hash_table_contains (self->values, keyword))
        return keyword;
    }
}

static const char *
pick_value (const Grammar *self, const char *keyword, gboolean wild)
{
  static const char *const values[] = {
    "yes",         "no",     "none",       "any",
    "1",           "3",      "10",         "1m",
    "2222",        "nobody", "/none",      "/dev/null",
    "0.0.0.0",     "::1",    "aes128-ctr", "sftp /bin/true",
    "x /bin/true", "INFO",   "local",      "8G 1h",
    "10:30:60",    "sha512", "lowdelay",   "all",
    "\"\"",        "A B C",  "port=22",    "user root",
    "4294967296",  "-1",
  };
  const GPtrArray *known = g_hash_table_lookup (self->values, keyword);

  if (known != NULL && (!wild || !once_in (self, 4)))
    return g_ptr_array_index (known, below (self, known->len));
  return PICK (self, values);
}

/* So much that a reader with a buffer of its own would cut it. */
static void
append_long (const Grammar *self, GString *text, const char *filler)
{
  for (guint i = 100 + below (self, 8000); i > 0; i--)
    g_string_append (text, filler);
}

static void
append_value (const Grammar *self, GString *text, const char *value, gboolean wild)
{
  gboolean words = strchr (value, ' ') != NULL;

  switch (below (self, wild ? 10 : 6))
    {
    case 0:
      g_string_append_printf (text, words ? "%s" : "\"%s\"", value);
      break;
    case 1:
      g_string_append_printf (text, words ? "%s" : "'%s'", value);
      break;
    case 2:
      g_string_append_printf (text, "%s # %s", value, pick_keyword (self, TRUE));
      break;
    case 6:
      g_string_append_printf (text, "'%s\"", value);
      break;
    case 7:
      g_string_append (text, value);
      append_odd (self, text);
      break;
    case 8:
      append_odd (self, text);
      g_string_append (text, value);
      break;
    default:
      g_string_append (text, value);
    }
  if (once_in (self, 600))
    append_long (self, text, once_in (self, 2) ? " " : " #");
}

static void
append_directive (const Grammar *self, GString *text, gboolean wild)
{
  static const char *const before[] = { "", "", "", "", " ", "\t", "    ", "=", " =", "\"\"" };
  static const char *const after[] = { " ", " ", " ", " ", "\t", "=", " = ", "  \t", "\"\" ", "" };
  static const char *const ends[] = { "", "", "", "", " ", "\t ", "\\", " \\", " #", "\xc2\xa0" };
  const char *keyword = pick_keyword (self, wild);

  if (once_in (self, 600))
    append_long (self, text, "\t");
  g_string_append (text, PICK (self, before));
  if (wild)
    append_keyword (self, text, keyword);
  else
    append_case (self, text, keyword);
  g_string_append (text, wild ? PICK (self, after) : after[below (self, G_N_ELEMENTS (after) - 1)]);
  append_value (self, text, pick_value (self, keyword, wild), wild);
  if (wild && once_in (self, 6))
    {
      g_string_append_c (text, ' ');
      append_value (self, text, pick_value (self, keyword, wild), wild);
    }
  if (wild)
    g_string_append (text, PICK (self, ends));
}

static void
append_match (const Grammar *self, GString *text)
{
  static const char *const criteria[] = {
    " all",
    " user root",
    " User root,nobody Group x",
    " address 192.0.2.0/24",
    "=all",
    " lport 22",
    " user=root",
    " host \"a b\"",
    " localport 1",
    " rdomain x",
    "\t'all'",
    " all # x",
    " User \"root\"",
    "",
    " foo bar",
  };

  append_keyword (self, text, "match");
  g_string_append (text, PICK (self, criteria));
}

/* Parts in any order. */
static void
append_noise (const Grammar *self, GString *text)
{
  for (guint i = 1 + below (self, 6); i > 0; i--)
    if (once_in (self, 2))
      append_odd (self, text);
    else
      append_keyword (self, text, once_in (self, 4) ? "match" : pick_keyword (self, TRUE));
}

void
grammar_append_line (const Grammar *self, GString *text, gboolean wild)
{
  switch (below (self, 16))
    {
    case 0:
      break;
    case 1:
      g_string_append (text, once_in (self, 2) ? "#" : " \t# ");
      append_directive (self, text, TRUE);
      break;
    case 2:
      if (wild)
        append_noise (self, text);
      break;
    default:
      append_directive (self, text, wild);
    }
}

char *
grammar_text (const Grammar *self, gboolean wild, gboolean matches)
{
  GString *text = g_string_new (NULL);

  for (guint i = 1 + below (self, 4); i > 0; i--)
    {
      if (matches && once_in (self, 3))
        append_match (self, text);
      else
        grammar_append_line (self, text, wild);
      g_string_append (text, once_in (self, 12) ? "\r\n" : "\n");
    }
  if (once_in (self, 4))
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}
