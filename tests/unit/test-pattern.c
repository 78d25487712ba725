/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "pattern.h"

static void
test_text (void)
{
  static const struct
  {
    const char *pattern, *text;
    gboolean matches;
  } cases[] = {
    { "", "", TRUE },        { "", "a", FALSE },        { "a", "a", TRUE },
    { "a", "A", FALSE },     { "a", "ab", FALSE },      { "ab", "a", FALSE },
    { "*", "", TRUE },       { "*", "abc", TRUE },      { "**", "a", TRUE },
    { "?", "", FALSE },      { "?", "a", TRUE },        { "a*c", "abc", TRUE },
    { "a*c", "ac", TRUE },   { "a*c", "abcd", FALSE },  { "*a*b", "aXaYbZb", TRUE },
    { "*a?b", "aab", TRUE }, { "*ab*c", "aabc", TRUE }, { "?*?", "a", FALSE },
    { "a*?", "a", FALSE },   { "[a]", "a", FALSE },     { "\\*", "*", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (pattern_matches (cases[i].pattern, cases[i].text), ==, cases[i].matches);
}

static void
test_list (void)
{
  g_assert_true (pattern_list_matches ("a,b", "b"));
  g_assert_true (pattern_list_matches ("!a,*", "b"));
  g_assert_false (pattern_list_matches ("*,!a", "a"));
  g_assert_false (pattern_list_matches ("!a", "b"));
  g_assert_false (pattern_list_matches ("", "b"));
}

static void
test_client (void)
{
  static const struct
  {
    const char *list, *address, *host;
    Answer answer;
  } cases[] = {
    { "*", NULL, NULL, ANSWER_YES },
    { "10.0.0.1", NULL, NULL, ANSWER_MAYBE },
    { "*,!10.0.0.1", NULL, NULL, ANSWER_MAYBE },
    { "!*,10.0.0.1", NULL, NULL, ANSWER_NO },
    { "10.0.0.1", "10.0.0.1", "a", ANSWER_YES },
    { "10.0.0.0/8", "10.1.2.3", "a", ANSWER_YES },
    { "10.0.0.0/8", "11.1.2.3", "a", ANSWER_NO },
    { "10.0.0.0/8", "2001:db8::1", "a", ANSWER_NO },
    { "2001:db8::/32", "2001:db8::1", "a", ANSWER_YES },
    { "10.*", "10.1.2.3", "a", ANSWER_YES },
    { "*.Example.org", "10.1.2.3", "A.example.ORG", ANSWER_YES },
    { "*.example.org", "10.1.2.3", NULL, ANSWER_MAYBE },
    { "*,!10.0.0.0/8", "10.1.2.3", "a", ANSWER_NO },
    { "*,!10.0.0.0/8", "11.1.2.3", "a", ANSWER_YES },
    { "*,!*.example.org", "11.1.2.3", NULL, ANSWER_MAYBE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const PatternClient client = { cases[i].address, cases[i].host };

      g_assert_cmpint (pattern_list_matches_client (cases[i].list, &client), ==, cases[i].answer);
    }
}

static void
test_user (void)
{
  const PatternClient anywhere = { NULL, NULL };
  const PatternClient here = { "127.0.0.1", "127.0.0.1" };

  g_assert_cmpint (pattern_matches_user ("a*", "ann", &anywhere), ==, ANSWER_YES);
  g_assert_cmpint (pattern_matches_user ("b*", "ann", &anywhere), ==, ANSWER_NO);
  g_assert_cmpint (pattern_matches_user ("ann@127.0.0.0/8", "ann", &anywhere), ==, ANSWER_MAYBE);
  g_assert_cmpint (pattern_matches_user ("bob@127.0.0.0/8", "ann", &anywhere), ==, ANSWER_NO);
  g_assert_cmpint (pattern_matches_user ("ann@127.0.0.0/8", "ann", &here), ==, ANSWER_YES);
  g_assert_cmpint (pattern_matches_user ("ann@10.0.0.0/8", "ann", &here), ==, ANSWER_NO);
  g_assert_cmpint (pattern_matches_user ("ann@*", "ann", &anywhere), ==, ANSWER_YES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pattern/text", test_text);
  g_test_add_func ("/pattern/list", test_list);
  g_test_add_func ("/pattern/client", test_client);
  g_test_add_func ("/pattern/user", test_user);
  return g_test_run ();
}
