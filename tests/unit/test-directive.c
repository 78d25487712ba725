/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "directive.h"
#include "real-sshd.h"

#define SEED     20260101
#define N_LINES  6000
#define N_QUOTED 2000

/* "keyword|arg|arg", "none", or "keyword, open" where the quotes are not balanced. */
static char *
show (const char *line)
{
  g_autoptr (Directive) directive = directive_parse (line);
  g_autofree char *args = NULL;

  if (directive == NULL)
    return g_strdup ("none");
  if (directive->args == NULL)
    return g_strdup_printf ("%s, open", directive->keyword);
  args = g_strjoinv ("|", directive->args);
  return g_strdup_printf ("%s|%s", directive->keyword, args);
}

static void
test_parse (void)
{
  static const struct
  {
    const char *line;
    const char *expected;
  } cases[] = {
    { "", "none" },
    { " \t\r", "none" },
    { "# Port 22", "none" },
    { "  #Port 22", "none" },
    { "=#Port 22", "none" },
    { "Port 22", "port|22" },
    { "\t PORT\t22 \r\f", "port|22" },
    { "port=22", "port|22" },
    { "port = 22", "port|22" },
    { "port == 22", "port|=|22" },
    { "port = = 22", "port|=|22" },
    { "=Port 22", "port|22" },
    { " =Port 22", "port|22" },
    { "==Port 22", "none" },
    { "\"Port\" 22", "port|22" },
    { "Po\"rt\" 22", "port|22" },
    { "Port\"22\"", "port22|" },
    { "\"\"Port 22", "port|22" },
    { "  \"\"Port 22", "port|22" },
    { "\"\" Port 22", "port|22" },
    { "\"\"\"\"Port 22", "none" },
    { "\"Port 22", ", open" },
    { "Port \"22", "port, open" },
    { "Port '22", "port, open" },
    { "Port", "port|" },
    { "Port #22", "port|" },
    { "Port 22#23", "port|22#23" },
    { "Port 22 # 23", "port|22" },
    { "Banner \"a b\" 'c d'e", "banner|a b|c de" },
    { "Banner a\\ b \"a\\ b\"", "banner|a b|a\\ b" },
    { "Banner \\\\ \\\" \\' \\x", "banner|\\|\"|'|\\x" },
    { "Banner \"\" x", "banner||x" },
    { "Banner \"#\" x", "banner|#|x" },
    { "Banner x\\", "banner|x\\" },
    { "PORT\xc3\x84 1", "port\xc3\x84|1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = show (cases[i].line);

      g_test_message ("%s", cases[i].line);
      g_assert_cmpstr (shown, ==, cases[i].expected);
    }
}

/* Lines of all that means something to sshd's parser, and of little else. */
static char *
random_line (GRand *rand)
{
  static const char *const parts[] = {
    "Port", "AcceptEnv", "acceptENV", "Foo", "Banner", "22", "x",       "é",   " ",        " ",
    " ",    "\t",        "=",         "=",   "\"",     "\"", "\"",      "\"",  "'",        "\\",
    "\\",   "#",         "\"\"",      "\r",  "\f",     "\v", "PidFile", "\\ ", "\xc2\xa0",
  };
  GString *line = g_string_new (NULL);
  gint32 n = g_rand_int_range (rand, 1, 9);

  while (n-- > 0)
    g_string_append (line, parts[g_rand_int_range (rand, 0, G_N_ELEMENTS (parts))]);
  return g_string_free (line, FALSE);
}

static char **
random_lines (GRand *rand, guint n)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  while (n-- > 0)
    {
      g_autofree char *line = random_line (rand);

      g_strv_builder_add (lines, line);
    }
  return g_strv_builder_end (lines);
}

/* Both with the line before it, so that a difference tells where. */
static void
check_keyword (const char *line, const char *ours, const char *real)
{
  g_autofree char *ours_lower = g_ascii_strdown (ours, -1);
  g_autofree char *a = g_strdup_printf ("%s: %s", line, ours_lower);
  g_autofree char *real_lower = g_ascii_strdown (real, -1);
  g_autofree char *b = g_strdup_printf ("%s: %s", line, real_lower);

  g_assert_cmpstr (a, ==, b);
}

/* How arguments are split is the other test; here it counts where they begin. */
static void
check_rest (const char *line, const Directive *directive, const char *rest)
{
  g_autofree char *again = g_strconcat ("x 0", rest, NULL);
  g_autoptr (Directive) other = directive_parse (again);
  g_autofree char *ours = g_strjoinv ("|", directive->args);
  g_autofree char *real = g_strjoinv ("|", other->args + 1);

  g_assert_true (*rest == ' ');
  check_keyword (line, ours, real);
}

static void
check_line (const char *line, const RealLine *real)
{
  g_autoptr (Directive) directive = directive_parse (line);
  const char *keyword = directive ? directive->keyword : "";
  gsize length = strlen (keyword);

  if (real == NULL)
    {
      check_keyword (line, keyword, "");
      return;
    }
  g_assert_nonnull (directive);
  if (real->keyword != NULL)
    check_keyword (line, keyword, real->keyword);
  else if (real->text != NULL)
    {
      g_autofree char *begin = g_strndup (real->text, length);

      check_keyword (line, keyword, begin);
    }
  if (real->text != NULL && !real->bad_quotes && real->text[length] != '\0')
    check_rest (line, directive, real->text + length);
  check_keyword (line, directive->args ? "closed" : "open", real->bad_quotes ? "open" : "closed");
}

/* Each line is the keyword for us that it is for sshd. */
static void
test_keywords_as_sshd (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  g_auto (GStrv) lines = random_lines (rand, N_LINES);
  g_autoptr (GPtrArray) seen = real_sshd_lines ((const char *const *) lines);
  guint next = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const RealLine *real = next < seen->len ? g_ptr_array_index (seen, next) : NULL;

      if (real != NULL && real->line == i + 1)
        next++;
      else
        real = NULL;
      check_line (lines[i], real);
    }
  g_assert_cmpuint (next, ==, seen->len);
  g_assert_cmpuint (next, >, N_LINES / 4);
}

/* What sshd takes as arguments, one by one. */
static void
check_args (const char *text, GPtrArray *expected)
{
  g_autoptr (Effective) effective = real_sshd_effective (text);
  const char *const *seen = effective_list (effective, "acceptenv");

  g_ptr_array_add (expected, NULL);
  for (guint i = 0; seen[i] != NULL || expected->pdata[i] != NULL; i++)
    g_assert_cmpstr (seen[i], ==, expected->pdata[i]);
}

/* Each line with its number before it, so that a difference stays where it is. */
static void
test_args_as_sshd (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *rest = random_line (rand);
      g_autofree char *line = g_strdup_printf ("AcceptEnv %u %s", i, rest);
      g_autoptr (Directive) directive = directive_parse (line);

      /* sshd refuses these as values; the quotes are compared by the other test. */
      if (directive->args == NULL || g_strv_contains ((const char *const *) directive->args, "")
          || strchr (rest, '=') != NULL)
        continue;
      g_string_append_printf (text, "%s\n", line);
      for (guint j = 0; directive->args[j] != NULL; j++)
        g_ptr_array_add (expected, g_strdup (directive->args[j]));
    }
  g_assert_cmpuint (expected->len, >, N_LINES / 2);
  check_args (text->str, expected);
}

static void
test_quote (void)
{
  static const struct
  {
    const char *arg;
    const char *expected;
  } cases[] = {
    { "plain", "plain" },     { "", "\"\"" },
    { "a b", "\"a b\"" },     { "#a", "\"#a\"" },
    { "a'b", "\"a'b\"" },     { "a\"b", "\"a\\\"b\"" },
    { "a\\b", "\"a\\\\b\"" }, { "a\tb", "\"a\tb\"" },
    { "=a", "\"=a\"" },       { "/etc/ssh/*", "/etc/ssh/*" },
    { "a=b", "\"a=b\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *quoted = directive_quote (cases[i].arg);

      g_assert_cmpstr (quoted, ==, cases[i].expected);
    }
}

/* What is quoted comes back as it was, here and in sshd. */
static void
test_quote_as_sshd (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 2);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < N_QUOTED; i++)
    {
      g_autofree char *arg = random_line (rand);
      g_autofree char *quoted = directive_quote (arg);
      g_autofree char *line = g_strdup_printf ("AcceptEnv %s", quoted);
      g_autoptr (Directive) directive = directive_parse (line);

      g_assert_nonnull (directive->args);
      g_assert_cmpuint (g_strv_length (directive->args), ==, 1);
      g_assert_cmpstr (directive->args[0], ==, arg);
      if (strchr (arg, '=') != NULL)
        continue;
      g_string_append_printf (text, "%s\n", line);
      g_ptr_array_add (expected, g_steal_pointer (&arg));
    }
  check_args (text->str, expected);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();

  g_test_add_func ("/directive/parse", test_parse);
  g_test_add_func ("/directive/keywords-as-sshd", test_keywords_as_sshd);
  g_test_add_func ("/directive/args-as-sshd", test_args_as_sshd);
  g_test_add_func ("/directive/quote", test_quote);
  g_test_add_func ("/directive/quote-as-sshd", test_quote_as_sshd);
  status = g_test_run ();
  real_sshd_tear_down ();
  return status;
}
