/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever auxiliary text is taken, sshd does not learn from it what belongs to a setting. */

#include "config.h"

#include <string.h>

#include "auxiliary.h"
#include "keywords.h"
#include "real-sshd.h"

#define SEED    20260101
#define N_LINES 2000
#define N_TEXTS 300

/* Keywords of `sshd -T` that belong to settings. */
static const char *const owned[] = {
  "port",
  "listenaddress",
  "passwordauthentication",
  "kbdinteractiveauthentication",
  "gssapiauthentication",
  "allowtcpforwarding",
  "compression",
  "subsystem",
  "ciphers",
  "noneenabled",
  NULL,
};

static Effective *base;

static void
assert_untouched (const char *text, const Effective *effective)
{
  for (gsize i = 0; owned[i] != NULL; i++)
    {
      g_autofree char *before = g_strjoinv (" ", (char **) effective_list (base, owned[i]));
      g_autofree char *after = g_strjoinv (" ", (char **) effective_list (effective, owned[i]));

      if (!g_str_equal (before, after))
        g_test_message ("%s", text);
      g_assert_cmpstr (before, ==, after);
    }
}

static void
assert_lines_untouched (const char *text)
{
  g_autofree char *accepted = real_sshd_accepted (text);
  g_autoptr (Effective) effective = real_sshd_effective (accepted);

  assert_untouched (accepted, effective);
}

static gboolean
contains (GPtrArray *keywords, const char *keyword)
{
  return g_ptr_array_find_with_equal_func (keywords, keyword, g_str_equal, NULL);
}

/* No other name leads to a value that a setting owns, in whatever version this sshd is. */
static void
test_every_keyword (void)
{
  static const char *const values[] = {
    "yes", "no", "2222", "sftp /bin/true", "aes128-cbc",
  };
  g_autoptr (GPtrArray) keywords = keywords_of_sshd ();

  g_assert_true (contains (keywords, "port") && contains (keywords, "skeyauthentication"));
  g_assert_cmpuint (keywords->len, >, 90);
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint j = 0; j < keywords->len; j++)
        {
          const char *keyword = g_ptr_array_index (keywords, j);
          g_autofree char *line = g_strdup_printf ("%s %s\n", keyword, values[i]);

          /* The family says which of the default addresses there are. */
          if (!g_str_equal (keyword, "addressfamily") && auxiliary_check (line, TRUE, NULL))
            g_string_append (text, line);
        }
      assert_lines_untouched (text->str);
    }
}

/* A keyword in any of the spellings that sshd's parser may take for it. */
static void
append_spelled (GRand *rand, GString *line, const char *keyword)
{
  static const char *const before[] = {
    "", "", "", " ", "\t", "=", " =", "\"\"", " \"\"", "#", "=="
  };
  static const char *const after[] = { " ", " ", "\t", "=", " = ", "\" ", "\"\" ", " \"", "" };
  gint32 quote = g_rand_int_range (rand, 0, 20);

  g_string_append (line, before[g_rand_int_range (rand, 0, G_N_ELEMENTS (before))]);
  for (gint32 i = 0; keyword[i] != '\0'; i++)
    {
      if (i == quote || i == quote + 2)
        g_string_append_c (line, '"');
      g_string_append_c (line, g_rand_boolean (rand) ? keyword[i] : g_ascii_toupper (keyword[i]));
    }
  g_string_append (line, after[g_rand_int_range (rand, 0, G_N_ELEMENTS (after))]);
}

static const struct
{
  const char *keyword;
  const char *value; /* not the one that sshd starts from */
} closed[] = {
  { "port", "2222" },
  { "listenaddress", "127.0.0.1" },
  { "passwordauthentication", "no" },
  { "kbdinteractiveauthentication", "no" },
  { "challengeresponseauthentication", "no" },
  { "skeyauthentication", "no" },
  { "gssapiauthentication", "yes" },
  { "allowtcpforwarding", "no" },
  { "compression", "no" },
  { "subsystem", "sftp /bin/true" },
  { "ciphers", "aes128-cbc" },
};

static char *
random_line (GRand *rand)
{
  GString *line = g_string_new (NULL);
  gint32 i = g_rand_int_range (rand, 0, G_N_ELEMENTS (closed));

  append_spelled (rand, line, closed[i].keyword);
  g_string_append_printf (line, g_rand_boolean (rand) ? "%s" : "\"%s\"", closed[i].value);
  return g_string_free (line, FALSE);
}

static void
test_every_spelling (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  guint n = 0;

  for (guint i = 0; i < N_LINES / 100; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint j = 0; j < 100; j++)
        {
          g_autofree char *line = random_line (rand);

          if (!auxiliary_check (line, TRUE, NULL))
            continue;
          g_string_append_printf (text, "%s\n", line);
          n++;
        }
      assert_lines_untouched (text->str);
    }
  g_assert_cmpuint (n, >, N_LINES / 20);
  g_assert_cmpuint (n, <, N_LINES);
}

/* A line that only we take for a Match would let what follows pass. */
static void
test_every_match (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 1);
  guint n = 0;

  for (guint i = 0; i < N_TEXTS; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (Effective) effective = NULL;

      append_spelled (rand, text, "match");
      g_string_append (text, "user nobody-is-called-so\nPasswordAuthentication no\n");
      if (!auxiliary_check (text->str, TRUE, NULL))
        continue;
      effective = real_sshd_try (text->str);
      if (effective == NULL)
        continue;
      assert_untouched (text->str, effective);
      n++;
    }
  g_assert_cmpuint (n, >, N_TEXTS / 20);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();
  base = real_sshd_effective ("");

  g_test_add_func ("/auxiliary-sshd/every-keyword", test_every_keyword);
  g_test_add_func ("/auxiliary-sshd/every-spelling", test_every_spelling);
  g_test_add_func ("/auxiliary-sshd/every-match", test_every_match);
  status = g_test_run ();
  effective_free (base);
  real_sshd_tear_down ();
  return status;
}
