/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "literal.h"

static void
check (const char *type, const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = literal_parse (type ? G_VARIANT_TYPE (type) : NULL, text, &error);
  g_autofree char *printed = value ? g_variant_print (value, TRUE) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (printed, ==, expected);
}

static void
check_refused (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (literal_parse (NULL, text, &error));
  g_assert_cmpuint (error->domain, ==, G_VARIANT_PARSE_ERROR);
  g_assert_null (literal_parse (NULL, text, NULL));
}

static void
test_values (void)
{
  check (NULL, "uint16 22", "uint16 22");
  check ("as", "['a']", "['a']");
  check (NULL, "'\\u20ac'", "'€'");
  check (NULL, "'\\uffff\\U0010ffff\\ud7ff'", "'\\uffff\\U0010ffff\\ud7ff'");
  check (NULL, "'\\ue000'", "'\xee\x80\x80'");
  check (NULL, "'\\\\ud800'", "'\\\\ud800'");
  check (NULL, "b'\\\\ud800'", "b'\\\\ud800'");
}

static void
test_no_characters (void)
{
  static const char *const texts[] = {
    "'\\ud800'",       "'\\udfff'",          "'\\uD83D\\uDE00'", "'\\U00110000'", "'\\Uffffffff'",
    "['', '\\ud800']", "{'a': <'\\ud800'>}", "'\\\\\\ud800'",    "'\xff'",        "'\xed\xa0\x80'",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    check_refused (texts[i]);
}

static void
test_no_values (void)
{
  static const char *const texts[] = {
    "",        "'",         "\\",           "'\\", "'\\u'",   "'\\ud8'",
    "'\\ud80", "'\\u0000'", "'\\U0000d80'", "[,]", "'a' 'b'",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    check_refused (texts[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/literal/values", test_values);
  g_test_add_func ("/literal/no-characters", test_no_characters);
  g_test_add_func ("/literal/no-values", test_no_values);
  return g_test_run ();
}
