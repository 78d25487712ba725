/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "foreign.h"
#include "settings.h"

#define SEED 20260101
#define OUT  "# truenas-ssh took out: "
#define IN   "# truenas-ssh put in:\n"
#define LINE "Subsystem sftp /x -l INFO"

/* "2 4+": take out line 2, and line 4, which LINE replaces. */
static GHashTable *
parse_lines (const char *text)
{
  GHashTable *lines = g_hash_table_new (NULL, NULL);
  g_auto (GStrv) numbers = g_strsplit (text, " ", -1);

  for (guint i = 0; numbers[i] != NULL; i++)
    g_hash_table_insert (lines, GUINT_TO_POINTER (g_ascii_strtoull (numbers[i], NULL, 10)),
                         strchr (numbers[i], '+') ? (char *) LINE : NULL);
  return lines;
}

static void
check (const char *text, const char *numbers, const char *expected)
{
  g_autoptr (GHashTable) lines = parse_lines (numbers);
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  g_autofree char *out = foreign_take (text, lines);
  g_autofree char *back = foreign_restore (out, taken);
  GHashTableIter iter;
  gpointer number;

  g_assert_cmpstr (out, ==, expected);
  g_assert_cmpstr (back, ==, text);
  g_hash_table_iter_init (&iter, lines);
  while (g_hash_table_iter_next (&iter, &number, NULL))
    g_assert_true (g_hash_table_contains (taken, number));
}

static void
test_take (void)
{
  check ("Port 22\nUseDNS no\n", "1", OUT "Port 22\nUseDNS no\n");
  check ("Port 22\nUseDNS no\n", "2", "Port 22\n" OUT "UseDNS no\n");
  check ("Port 22\nPort 23", "1 2", OUT "Port 22\n" OUT "Port 23");
  check ("Port 22\r\nUseDNS no\r\n", "1", OUT "Port 22\r\nUseDNS no\r\n");
  check ("\n\n  Port 22 # x\t\n\n", "3", "\n\n" OUT "  Port 22 # x\t\n\n");
  check ("a\nSubsystem sftp /y\nb\n", "2+", "a\n" OUT "Subsystem sftp /y\n" IN LINE "\nb\n");
  check ("Subsystem sftp /y", "1+", OUT "Subsystem sftp /y\n" IN LINE);
  check ("Port 1\nSubsystem sftp /y\nPort 2\n", "1 2+ 3",
         OUT "Port 1\n" OUT "Subsystem sftp /y\n" IN LINE "\n" OUT "Port 2\n");
  check (OUT "Port 22\nPort 23\n", "2", OUT OUT "Port 22\n" OUT "Port 23\n");
  check ("Port 23\n" IN, "1", OUT "Port 23\n" OUT IN);
}

static void
check_restore (const char *text, const char *expected, guint n_taken)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  g_autofree char *restored = foreign_restore (text, taken);
  g_autofree char *again = foreign_restore (text, NULL);

  g_assert_cmpstr (restored, ==, expected);
  g_assert_cmpstr (again, ==, expected);
  g_assert_cmpuint (g_hash_table_size (taken), ==, n_taken);
}

/* Whatever somebody has made of a file in which our marks were. */
static void
test_restore (void)
{
  check_restore ("", "", 0);
  check_restore ("Port 22\n# a comment", "Port 22\n# a comment", 0);
  check_restore (OUT, "", 1);
  check_restore (" " OUT "Port 22\n", " " OUT "Port 22\n", 0);
  check_restore ("a\n" OUT "Port 22\n", "a\nPort 22\n", 1);
  check_restore (IN LINE "\n", "", 0);
  check_restore (IN LINE, "", 0);
  check_restore (IN " subsystem\t\"sftp\" /y\nb", "b", 0);
  check_restore ("b\n" IN, "b\n" IN, 0);
  check_restore (IN "Port 22\n", IN "Port 22\n", 0);
  check_restore (IN "\n" LINE "\n", IN "\n" LINE "\n", 0);
  check_restore (IN "# " LINE "\n", IN "# " LINE "\n", 0);
  check_restore (IN IN LINE "\n", IN, 0);
  check_restore (OUT LINE "\n" IN "# gone\n", LINE "\n" IN "# gone\n", 1);
}

static char *
random_text (GRand *rand)
{
  static const char *const parts[] = {
    "Port 22",
    "\n",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    OUT,
    IN,
    LINE,
    "# truenas-ssh put in:",
    " ",
    "\t",
    "#",
    "\"",
    "ü",
    "\xff",
    "Subsystem sftp /y",
  };
  GString *text = g_string_new (NULL);
  gint32 n = g_rand_int_range (rand, 0, 12);

  while (n-- > 0)
    g_string_append (text, parts[g_rand_int_range (rand, 0, G_N_ELEMENTS (parts))]);
  return g_string_free (text, FALSE);
}

static void
test_identity (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *text = random_text (rand);
      g_autoptr (GHashTable) lines = g_hash_table_new (NULL, NULL);
      g_autofree char *out = NULL;
      g_autofree char *back = NULL;
      g_auto (GStrv) split = g_strsplit (text, "\n", -1);

      for (guint line = 1; line <= g_strv_length (split); line++)
        if (g_rand_int_range (rand, 0, 3) == 0)
          g_hash_table_insert (lines, GUINT_TO_POINTER (line),
                               g_rand_boolean (rand) ? (char *) LINE : NULL);
      out = foreign_take (text, lines);
      back = foreign_restore (out, NULL);
      g_assert_cmpstr (back, ==, text);
    }
}

/* Each line of the text as it was is found again in the text. */
static void
test_line (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 1);

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *text = random_text (rand);
      g_autofree char *restored = foreign_restore (text, NULL);
      g_auto (GStrv) now = g_strsplit (text, "\n", -1);
      g_auto (GStrv) before = g_strsplit (restored, "\n", -1);

      for (guint line = 1; line <= g_strv_length (before); line++)
        {
          guint place = foreign_line (text, line);
          const char *found;

          g_assert_cmpuint (place, <=, g_strv_length (now));
          found = now[place - 1];
          found += g_str_has_prefix (found, OUT) ? strlen (OUT) : 0;
          g_assert_cmpstr (found, ==, before[line - 1]);
        }
    }
  g_assert_cmpuint (foreign_line (OUT "a\n" IN LINE "\nb\n", 1), ==, 1);
  g_assert_cmpuint (foreign_line (OUT "a\n" IN LINE "\nb\n", 2), ==, 4);
}

static void
test_opens (void)
{
  static const struct
  {
    const char *line;
    gboolean opens; /* under a Match; nothing does outside of one */
  } cases[] = {
    { "PasswordAuthentication yes", TRUE },
    { "PasswordAuthentication no", FALSE },
    { "PasswordAuthentication \"NO\"", FALSE },
    { "AllowTcpForwarding local", TRUE },
    { "AllowTcpForwarding", FALSE },
    { "AllowTcpForwarding \"", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Directive) directive = directive_parse (cases[i].line);
      ConfigLine line = { .directive = directive, .conditional = TRUE };

      g_assert_cmpint (foreign_opens (&line), ==, cases[i].opens);
      line.conditional = FALSE;
      g_assert_false (foreign_opens (&line));
    }
}

static void
check_claim (const char *text, gboolean conditional, const char *settings, const char *expected)
{
  g_autoptr (GVariant) managed =
      g_variant_parse (G_VARIANT_TYPE_VARDICT, settings, NULL, NULL, NULL);
  g_autoptr (Directive) directive = directive_parse (text);
  ConfigLine line = { .text = (char *) text, .directive = directive, .conditional = conditional };
  gboolean own = TRUE;

  g_test_message ("%s, %s", text, settings);
  g_assert_cmpstr (foreign_claim (&line, managed, FALSE, &own), ==, expected);
  g_assert_false (own);
}

#define PORT    "{'TcpPort': <uint16 22>}"
#define BIND    "{'BindInterfaces': <['e']>}"
#define FORWARD "{'TcpForwarding': <true>}"

static void
test_claim (void)
{
  static const struct
  {
    const char *line;
    const char *settings;
    const char *claim;
  } cases[] = {
    { "Port 2222", PORT, "TcpPort" },
    { "port=22", PORT, "TcpPort" },
    { "Port 2222", BIND, NULL },
    { "Port 2222", "{}", NULL },
    { "ListenAddress 192.0.2.1", PORT, NULL },
    { "ListenAddress 192.0.2.1:22", PORT, NULL },
    { "ListenAddress 192.0.2.1:23", PORT, "TcpPort" },
    { "ListenAddress host:telnet", PORT, "TcpPort" },
    { "ListenAddress ::1", PORT, NULL },
    { "ListenAddress [::1]", PORT, NULL },
    { "ListenAddress [::1]:22", PORT, NULL },
    { "ListenAddress [::1]:23", PORT, "TcpPort" },
    { "ListenAddress 2001:db8::23", PORT, NULL },
    { "ListenAddress \"[::1]:23\" rdomain lo", PORT, "TcpPort" },
    { "ListenAddress [::", PORT, NULL },
    { "ListenAddress [", PORT, NULL },
    { "ListenAddress", PORT, NULL },
    { "ListenAddress \"", PORT, NULL },
    { "ListenAddress 192.0.2.1:22", BIND, "BindInterfaces" },
    { "ListenAddress 192.0.2.1", BIND, "BindInterfaces" },
    { "ListenAddress 192.0.2.1", "{'BindInterfaces': <@as []>}", "BindInterfaces" },
    { "AllowTcpForwarding local", FORWARD, "TcpForwarding" },
    { "AllowTcpForwarding REMOTE", FORWARD, "TcpForwarding" },
    { "AllowTcpForwarding no", FORWARD, NULL },
    { "AllowTcpForwarding local", "{'TcpForwarding': <false>}", NULL },
    { "AllowTcpForwarding local", "{}", NULL },
    { "AllowTcpForwarding", FORWARD, NULL },
    { "PasswordAuthentication no", "{'PasswordAuthentication': <true>}", NULL },
    { "Subsystem sftp /x", "{'SftpLogLevel': <'INFO'>}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      check_claim (cases[i].line, FALSE, cases[i].settings, cases[i].claim);
      check_claim (cases[i].line, TRUE, cases[i].settings, NULL);
    }
}

static void
check_subsystem (const char *text, gboolean replace, gboolean expected)
{
  g_autoptr (GVariant) managed = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr (Directive) directive = directive_parse (text);
  const ConfigLine line = { .text = (char *) text, .directive = directive };
  gboolean own = !expected;

  g_assert_cmpstr (foreign_claim (&line, managed, replace, &own), ==,
                   expected ? "SftpLogLevel" : NULL);
  g_assert_cmpint (own, ==, expected);
}

static void
test_claim_subsystem (void)
{
  check_subsystem ("Subsystem sftp /x", TRUE, TRUE);
  check_subsystem (" SUBSYSTEM \"sftp\" /x", TRUE, TRUE);
  check_subsystem ("Subsystem sftp /x", FALSE, FALSE);
  check_subsystem ("Subsystem sftp2 /x", TRUE, FALSE);
  check_subsystem ("Subsystem", TRUE, FALSE);
  check_subsystem ("Subsystem \"", TRUE, FALSE);
  check_subsystem ("Port 22", TRUE, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/foreign/take", test_take);
  g_test_add_func ("/foreign/restore", test_restore);
  g_test_add_func ("/foreign/identity", test_identity);
  g_test_add_func ("/foreign/line", test_line);
  g_test_add_func ("/foreign/opens", test_opens);
  g_test_add_func ("/foreign/claim", test_claim);
  g_test_add_func ("/foreign/claim/subsystem", test_claim_subsystem);
  return g_test_run ();
}
