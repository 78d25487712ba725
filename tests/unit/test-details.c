/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "details.h"

static GVariant *
parse (const char *type, const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE (type), text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static GVariant *
describe (const char *before, const char *settings, const char *options)
{
  g_autoptr (GVariant) from = parse ("a{sv}", before);
  g_autoptr (GVariant) a = parse ("a{sv}", settings);
  g_autoptr (GVariant) b = parse ("a{sv}", options);
  g_autoptr (Change) change = change_new (a, b, NULL);
  g_autoptr (GVariant) after = change ? change_merge (change, from, NULL) : NULL;

  g_assert_nonnull (after);
  return details_of_change (change, from, after);
}

static void
check (const char *before, const char *settings, const char *options, const char *expected)
{
  g_autoptr (GVariant) details = describe (before, settings, options);
  g_autofree char *text = g_variant_print (details, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_settings (void)
{
  check ("{}", "{}", "{}", "{'changes': '', 'reset': ''}");
  check ("{'Compression': <true>}", "{'Compression': <true>, 'TcpPort': <uint16 2200>}", "{}",
         "{'port': '2200', 'changes': 'TcpPort', 'reset': ''}");
  check ("{'TcpPort': <uint16 2200>}", "{}", "{'reset': <['TcpPort', 'Compression']>}",
         "{'changes': 'TcpPort', 'reset': 'TcpPort'}");
  check ("{}", "{'BindInterfaces': <['a', 'b', 'a']>, 'PasswordAuthentication': <false>}", "{}",
         "{'passwords': 'false', 'interfaces': 'a b', "
         "'changes': 'PasswordAuthentication BindInterfaces', 'reset': ''}");
}

static void
test_auxiliary (void)
{
  check ("{}", "{'AuxiliaryParameters': <'PrintMotd yes'>}", "{}",
         "{'auxiliary': 'harmless', 'changes': 'AuxiliaryParameters', 'reset': ''}");
  check ("{}", "{'AuxiliaryParameters': <'PermitRootLogin no'>}", "{}",
         "{'auxiliary': 'privileged', 'changes': 'AuxiliaryParameters', 'reset': ''}");
  check ("{'AuxiliaryParameters': <'PermitRootLogin no'>}", "{}",
         "{'reset': <['AuxiliaryParameters']>}",
         "{'auxiliary': 'privileged', 'changes': 'AuxiliaryParameters', "
         "'reset': 'AuxiliaryParameters'}");
}

static void
test_options (void)
{
  check ("{}", "{}", "{'start': <true>, 'dry-run': <false>, 'confirm-timeout': <uint32 60>}",
         "{'changes': '', 'reset': '', 'start': 'true', 'confirm-timeout': '60'}");
}

/* Whatever a group is called, it is one word. */
static void
test_names (void)
{
  g_autoptr (GVariant) details =
      describe ("{}", "{'PasswordLoginGroups': <['a b', '\\\\', 'é', 'x\\u00a0y']>}", "{}");
  const char *groups;

  g_assert_true (g_variant_lookup (details, "groups", "&s", &groups));
  g_assert_cmpstr (groups, ==, "a\\x20b \\x5c \\xc3\\xa9 x\\xc2\\xa0y");
}

/* A value that does not fit is left out as a whole, and still named. */
static void
test_length (void)
{
  g_autofree char *long_name = g_strnfill (255, 'x');

  for (guint length = 253; length <= 254; length++)
    {
      g_autofree char *name = g_strnfill (length, 'x');
      g_autofree char *settings =
          g_strdup_printf ("{'PasswordLoginGroups': <['a%s', 'b%s', 'c%s', '%s']>}", long_name,
                           long_name, long_name, name);
      g_autoptr (GVariant) details = describe ("{}", settings, "{}");
      const char *groups, *changes;

      g_assert_cmpint (g_variant_lookup (details, "groups", "&s", &groups), ==, length == 253);
      g_assert_true (g_variant_lookup (details, "changes", "&s", &changes));
      g_assert_cmpstr (changes, ==, "PasswordLoginGroups");
    }
}

static void
test_cover (void)
{
  static const struct
  {
    const char *told;
    const char *now;
    gboolean covers;
  } cases[] = {
    { "@a{ss} {}", "@a{ss} {}", TRUE },
    { "{'port': '1'}", "@a{ss} {}", TRUE },
    { "@a{ss} {}", "{'port': '1'}", FALSE },
    { "{'port': '1'}", "{'port': '1'}", TRUE },
    { "{'port': '1'}", "{'port': '10'}", FALSE },
    { "{'changes': 'A B'}", "{'changes': 'B'}", TRUE },
    { "{'changes': 'A B'}", "{'changes': ''}", TRUE },
    { "{'changes': 'A B'}", "{'changes': 'B C'}", FALSE },
    { "{'changes': 'AB'}", "{'changes': 'A'}", FALSE },
    { "{'reset': ''}", "{'reset': 'A'}", FALSE },
    { "{'groups': 'a b'}", "{'groups': 'a'}", FALSE },
    { "{'auxiliary': 'harmless'}", "{'auxiliary': 'privileged'}", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) told = parse ("a{ss}", cases[i].told);
      g_autoptr (GVariant) now = parse ("a{ss}", cases[i].now);

      g_test_message ("%s: %s", cases[i].told, cases[i].now);
      g_assert_cmpint (details_cover (told, now), ==, cases[i].covers);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/details/settings", test_settings);
  g_test_add_func ("/details/auxiliary", test_auxiliary);
  g_test_add_func ("/details/options", test_options);
  g_test_add_func ("/details/names", test_names);
  g_test_add_func ("/details/length", test_length);
  g_test_add_func ("/details/cover", test_cover);
  return g_test_run ();
}
