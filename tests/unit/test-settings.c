/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "settings.h"
#include "truenas-ssh-error.h"

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

/* The settings after a change as text, or the message why not. */
static char *
merge (const char *before, const char *change, const char *reset)
{
  g_autoptr (GVariant) a = parse (before);
  g_autoptr (GVariant) b = parse (change);
  g_auto (GStrv) names = reset ? g_strsplit (reset, " ", -1) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) after = settings_merge (a, b, (const char *const *) names, &error);

  g_assert_cmpint (after == NULL, ==, error != NULL);
  if (error != NULL)
    {
      g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING);
      return g_strdup (error->message);
    }
  g_assert_false (g_variant_is_floating (after));
  return g_variant_print (after, TRUE);
}

static void
check_merge (const char *before, const char *change, const char *reset, const char *expected)
{
  g_autofree char *after = merge (before, change, reset);

  g_assert_cmpstr (after, ==, expected);
}

static void
test_merge (void)
{
  check_merge ("{}", "{}", NULL, "@a{sv} {}");
  check_merge ("{}", "{'TcpPort': <uint16 1>}", NULL, "{'TcpPort': <uint16 1>}");
  check_merge ("{'TcpPort': <uint16 1>}", "{'TcpPort': <uint16 2>}", NULL,
               "{'TcpPort': <uint16 2>}");
  check_merge ("{'TcpPort': <uint16 1>}", "{'TcpPort': <uint16 2>, 'TcpPort': <uint16 2>}", "",
               "{'TcpPort': <uint16 2>}");
  check_merge ("{'Compression': <true>}", "{}", "Compression", "@a{sv} {}");
  check_merge ("{'Compression': <true>}", "{}", "TcpPort", "{'Compression': <true>}");
  check_merge ("{'Compression': <true>}", "{}", "Compression Compression", "@a{sv} {}");
  check_merge ("{'Compression': <true>}", "{'TcpForwarding': <false>}", "Compression",
               "{'TcpForwarding': <false>}");
  /* In the order of the table, whatever the order of the change. */
  check_merge ("{'WeakCiphers': <@as []>}",
               "{'AuxiliaryParameters': <''>, 'Compression': <false>, 'TcpPort': <uint16 9>}", NULL,
               "{'TcpPort': <uint16 9>, 'Compression': <false>, 'WeakCiphers': <@as []>, "
               "'AuxiliaryParameters': <''>}");
  /* Settings of a version to come are dropped from what is there, not taken into it. */
  check_merge ("{'Later': <1>}", "{}", NULL, "@a{sv} {}");
}

static void
test_merge_normalises (void)
{
  check_merge ("{}", "{'PasswordLoginGroups': <['b', 'a', 'b', 'b']>}", NULL,
               "{'PasswordLoginGroups': <['b', 'a']>}");
  check_merge ("{}", "{'WeakCiphers': <['NONE', 'NONE']>}", NULL, "{'WeakCiphers': <['NONE']>}");
  check_merge ("{}", "{'AuxiliaryParameters': <'a\\r\\nb\\r\\n\\r\\nc\\n'>}", NULL,
               "{'AuxiliaryParameters': <'a\\nb\\n\\nc\\n'>}");
  check_merge ("{'BindInterfaces': <['e', 'e']>}", "{}", NULL, "{'BindInterfaces': <['e']>}");
}

static void
check_refused (const char *change, const char *reset, const char *begin)
{
  g_autofree char *message = merge ("{}", change, reset);

  g_test_message ("%s", message);
  g_assert_true (g_str_has_prefix (message, begin));
}

/* Every setting with every value of another's type, and some more. */
static void
test_types (void)
{
  static const char *const values[] = {
    "uint16 1",     "int16 1",        "1",         "uint32 1",   "uint64 1",
    "'1'",          "true",           "@as []",    "['a']",      "@ay []",
    "b'a'",         "objectpath '/'", "@a{sv} {}", "<uint16 1>", "<'a'>",
    "('a', 1)",     "@ms nothing",    "1.0",       "byte 1",     "[<'a'>]",
    "[('a', 'b')]",
  };
  const char *const *names = settings_names ();

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GVariant) right = settings_fallback (names[i]);
      guint n_right = 0;

      for (gsize j = 0; j < G_N_ELEMENTS (values); j++)
        {
          g_autoptr (GVariant) value = g_variant_parse (NULL, values[j], NULL, NULL, NULL);
          g_autofree char *change = g_strdup_printf ("{'%s': <%s>}", names[i], values[j]);
          g_autofree char *begin = g_strdup_printf ("%s: the value must be of type “%s”, not “%s”",
                                                    names[i], g_variant_get_type_string (right),
                                                    g_variant_get_type_string (value));

          if (g_variant_is_of_type (value, g_variant_get_type (right)))
            n_right++;
          else
            check_refused (change, NULL, begin);
        }
      g_assert_cmpuint (n_right, >=, 1);
    }
}

#define LONG_60  "123456789012345678901234567890123456789012345678901234567890"
#define LONG_240 LONG_60 LONG_60 LONG_60 LONG_60

static void
test_ranges (void)
{
  static const struct
  {
    const char *name;
    const char *value;
    const char *begin; /* of the message, behind the name; NULL: it is taken */
  } cases[] = {
    { "TcpPort", "uint16 1", NULL },
    { "TcpPort", "uint16 65535", NULL },
    { "TcpPort", "uint16 0", ": a port is a number from 1 to 65535, not 0" },
    { "PasswordLoginGroups", "['domain users', 'größe', '!a,b*']", NULL },
    { "PasswordLoginGroups", "['a', '']", ": a name is empty" },
    { "PasswordLoginGroups", "['a\\nPermitRootLogin yes']",
      ": “a\\nPermitRootLogin yes” holds a character that cannot be printed" },
    { "PasswordLoginGroups", "['\\t']", ": “\\t” holds" },
    { "PasswordLoginGroups", "['\\u0085']", ": “\\302\\205” holds" },
    { "PasswordLoginGroups", "['" LONG_240 "1234567890123456']", NULL },
    { "PasswordLoginGroups", "['" LONG_240 "12345678901234567']",
      ": “123456789012345678901234567890123456789012345678901234567...” is too long, the limit "
      "is 256 bytes" },
    { "BindInterfaces", "['eth0', 'br-lan.7', 'wlp3s0', 'ä']", NULL },
    { "BindInterfaces", "['']", ": a name is empty" },
    { "BindInterfaces", "['123456789012345']", NULL },
    { "BindInterfaces", "['1234567890123456']",
      ": “1234567890123456” is too long, the limit is 15" },
    { "BindInterfaces", "['eth0', 'a b']", ": “a b” is no name of a network interface" },
    { "BindInterfaces", "['a/b']", ": “a/b” is no name" },
    { "BindInterfaces", "['a:b']", ": “a:b” is no name" },
    { "BindInterfaces", "['a\"b']", ": “a\"b” is no name" },
    { "BindInterfaces", "['a#b']", ": “a#b” is no name" },
    { "BindInterfaces", "['a%b']", ": “a%b” is no name" },
    { "BindInterfaces", "['a\\nb']", ": “a\\nb” holds a character" },
    { "SftpLogLevel", "''", NULL },
    { "SftpLogLevel", "'DEBUG3'", NULL },
    { "SftpLogLevel", "'DEBUG1'",
      ": “DEBUG1” is not one of QUIET, FATAL, ERROR, INFO, VERBOSE, DEBUG, DEBUG2, DEBUG3" },
    { "SftpLogLevel", "'info'", ": “info” is not one of" },
    { "SftpLogLevel", "'INFO VERBOSE'", ": “INFO VERBOSE” is not one of" },
    { "SftpLogLevel", "' '", ": “ ” is not one of" },
    { "SftpLogFacility", "'LOCAL7'", NULL },
    { "SftpLogFacility", "'LOCAL8'", ": “LOCAL8” is not one of DAEMON, USER" },
    { "SftpLogFacility", "'AUTH -l DEBUG'", ": “AUTH -l DEBUG” is not one of" },
    { "WeakCiphers", "['AES128-CBC', 'NONE']", NULL },
    { "WeakCiphers", "['aes128-cbc']", ": “aes128-cbc” is not one of NONE, AES128-CBC" },
    { "WeakCiphers", "['']", ": “” is not one of" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *change = g_strdup_printf ("{'%s': <%s>}", cases[i].name, cases[i].value);
      g_autofree char *message = merge ("{}", change, NULL);
      g_autofree char *begin =
          g_strconcat (cases[i].begin ? cases[i].name : "{'", cases[i].begin, NULL);

      g_test_message ("%s", message);
      g_assert_true (g_str_has_prefix (message, begin));
    }
}

static void
test_refused (void)
{
  check_refused ("{'Port': <uint16 1>}", NULL, "Port: no such setting; there are TcpPort, Pass");
  check_refused ("{'tcpport': <uint16 1>}", NULL, "tcpport: no such setting");
  check_refused ("{'': <1>}", NULL, ": no such setting");
  check_refused ("{'a\\nb': <1>}", NULL, "a\\nb: no such setting");
  check_refused ("{'" LONG_240 "': <1>}", NULL,
                 "123456789012345678901234567890123456789012345678901234567...: no such setting");
  check_refused ("{}", "Port", "Port: no such setting");
  check_refused ("{}", "TcpPort ", ": no such setting");
  check_refused ("{'TcpPort': <uint16 1>}", "TcpPort", "TcpPort: both set and reset");
  check_refused ("{'TcpPort': <uint16 1>, 'TcpPort': <uint16 2>}", NULL, "TcpPort: named twice");
  check_refused ("{'TcpPort': <uint16 1>, 'TcpPort': <uint16 0>}", NULL, "TcpPort: ");
}

static char *
n_names (const char *setting, guint n)
{
  GString *change = g_string_new (NULL);

  g_string_append_printf (change, "{'%s': <[", setting);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (change, "%s'n%u'", i > 0 ? ", " : "", i);
  g_string_append (change, "]>}");
  return g_string_free (change, FALSE);
}

static void
test_limits (void)
{
  static const char *const lists[] = { "PasswordLoginGroups", "BindInterfaces" };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *most = n_names (lists[i], 256);
      g_autofree char *more = n_names (lists[i], 257);
      g_autofree char *begin = g_strdup_printf ("%s: more than 256 ", lists[i]);
      g_autofree char *good = merge ("{}", most, NULL);

      g_assert_true (g_str_has_prefix (good, "{'"));
      check_refused (more, NULL, begin);
    }
}

static void
check_changed (const char *before, const char *after, const char *expected)
{
  g_autoptr (GVariant) a = parse (before);
  g_autoptr (GVariant) b = parse (after);
  g_auto (GStrv) there = settings_changed (a, b);
  g_auto (GStrv) back = settings_changed (b, a);
  g_autofree char *names = g_strjoinv (" ", there);

  g_assert_cmpstr (names, ==, expected);
  g_assert_true (g_strv_equal ((const char *const *) there, (const char *const *) back));
}

static void
test_changed (void)
{
  check_changed ("{}", "{}", "");
  check_changed ("{'TcpPort': <uint16 1>}", "{'TcpPort': <uint16 1>}", "");
  check_changed ("{'TcpPort': <uint16 1>}", "{'TcpPort': <uint16 2>}", "TcpPort");
  check_changed ("{}", "{'WeakCiphers': <@as []>, 'Compression': <true>}",
                 "Compression WeakCiphers");
  check_changed ("{'BindInterfaces': <['a', 'b']>}", "{'BindInterfaces': <['b', 'a']>}",
                 "BindInterfaces");
}

static void
test_rows (void)
{
  const char *const *names = settings_names ();
  guint n = 0;

  for (; names[n] != NULL; n++)
    {
      g_autoptr (GVariant) fallback = settings_fallback (names[n]);
      g_autofree char *printed = g_variant_print (fallback, TRUE);
      g_autofree char *change = g_strdup_printf ("{'%s': <%s>}", names[n], printed);

      check_merge ("{}", change, NULL, change);
      g_assert_cmpint (settings_action (names[n]) == ACTION_NONE, ==,
                       g_str_equal (names[n], SETTING_AUXILIARY_PARAMETERS));
    }
  g_assert_cmpuint (n, ==, 11);
  g_assert_cmpint (settings_action ("TcpPort"), ==, ACTION_CONFIGURE);
  g_assert_cmpint (settings_action ("SftpLogLevel"), ==, ACTION_CONFIGURE);
  g_assert_cmpint (settings_action ("WeakCiphers"), ==, ACTION_CONFIGURE_AUTHENTICATION);
}

static void
test_owner (void)
{
  static const struct
  {
    const char *keyword;
    const char *setting;
  } cases[] = {
    { "port", "TcpPort" },
    { "listenaddress", "BindInterfaces" },
    { "passwordauthentication", "PasswordAuthentication" },
    { "kbdinteractiveauthentication", "PasswordAuthentication" },
    { "challengeresponseauthentication", "PasswordAuthentication" },
    { "skeyauthentication", "PasswordAuthentication" },
    { "gssapiauthentication", "KerberosAuthentication" },
    { "allowtcpforwarding", "TcpForwarding" },
    { "compression", "Compression" },
    { "subsystem", "SftpLogLevel" },
    { "ciphers", "WeakCiphers" },
    { "noneenabled", "WeakCiphers" },
    { "kerberosauthentication", NULL },
    { "Port", NULL },
    { "permitrootlogin", NULL },
    { "password", NULL },
    { "", NULL },
    { " ", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (settings_owner (cases[i].keyword), ==, cases[i].setting);
}

static void
test_get (void)
{
  g_autoptr (GVariant) settings =
      parse ("{'Compression': <false>, 'SftpLogLevel': <'INFO'>, 'WeakCiphers': <['NONE']>}");
  g_autofree const char **list = settings_get_strv (settings, "WeakCiphers");
  g_autofree const char **none = settings_get_strv (settings, "BindInterfaces");

  g_assert_true (settings_has (settings, "Compression"));
  g_assert_false (settings_has (settings, "TcpForwarding"));
  g_assert_false (settings_get_boolean (settings, "Compression", TRUE));
  g_assert_true (settings_get_boolean (settings, "TcpForwarding", TRUE));
  g_assert_false (settings_get_boolean (settings, "TcpForwarding", FALSE));
  g_assert_cmpstr (settings_get_string (settings, "SftpLogLevel"), ==, "INFO");
  g_assert_cmpstr (settings_get_string (settings, "SftpLogFacility"), ==, "");
  g_assert_cmpstr (list[0], ==, "NONE");
  g_assert_null (list[1]);
  g_assert_null (none[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/settings/merge", test_merge);
  g_test_add_func ("/settings/merge/normalises", test_merge_normalises);
  g_test_add_func ("/settings/types", test_types);
  g_test_add_func ("/settings/ranges", test_ranges);
  g_test_add_func ("/settings/refused", test_refused);
  g_test_add_func ("/settings/limits", test_limits);
  g_test_add_func ("/settings/changed", test_changed);
  g_test_add_func ("/settings/rows", test_rows);
  g_test_add_func ("/settings/owner", test_owner);
  g_test_add_func ("/settings/get", test_get);
  return g_test_run ();
}
