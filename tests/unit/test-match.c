/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the Match lines of a whole configuration ask for. */

#include "config.h"

#include <string.h>

#include "match.h"
#include "real-sshd.h"

/* What no line asks for. */
#define HOST  ",host=client.invalid"
#define ADDR  ",addr=192.0.2.1"
#define LADDR ",laddr=192.0.2.2"
#define LPORT ",lport=1"
#define PLAIN HOST ADDR LADDR LPORT

static ConfigTree *
load (const char *text)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *path = folder_path (real_sshd_folder (), "match.conf");
  g_autoptr (GError) error = NULL;
  ConfigTree *tree;

  folder_write (real_sshd_folder (), "match.conf", text);
  tree = config_tree_load (path, nothing, &error);
  g_assert_no_error (error);
  return tree;
}

static void
test_asks_for_user (void)
{
  static const struct
  {
    const char *text;
    gboolean asks;
  } cases[] = {
    { "", FALSE },
    { "AllowUsers user group\n", FALSE },
    { "Match all\n", FALSE },
    { "Match Address 192.0.2.1 LocalPort 22\n", FALSE },
    { "Match User ada\n", TRUE },
    { "match=\"USER\" ada\n", TRUE },
    { "Match user=ada\n", TRUE },
    { "Match User = ada\n", TRUE },
    { "Match Address 192.0.2.1 Group staff\n", TRUE },
    { "Match invalid-user\n", TRUE },
    { "Match Host user\n", FALSE },
    { "# Match User ada\n", FALSE },
    { "Match\nMatch \"\n", FALSE },
    { "Match all\nMatch Group *\n", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConfigTree) tree = load (cases[i].text);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (match_asks_for_user (tree), ==, cases[i].asks);
    }
}

static void
test_origins (void)
{
  static const struct
  {
    const char *text;
    const char *others; /* besides the plain one */
  } cases[] = {
    { "", "" },
    { "Match all\nMatch User ada\nMatch\nMatch \"\nMatch Address\n", "" },
    { "Match Host *.example.org\n", ",host=a.example.org" ADDR LADDR LPORT },
    { "Match Address 198.51.100.0/24\n", HOST ",addr=198.51.100.0" LADDR LPORT },
    { "Match Address 198.51.*\n", HOST ",addr=198.51.1.1" LADDR LPORT },
    { "Match Address 2001:db8:*\n", HOST ",addr=2001:db8::1" LADDR LPORT },
    { "Match Address *\n", "" },
    { "Match Address nonsense\n", "" },
    { "Match Address \"*,!198.51.100.0/24\"\n", HOST ",addr=198.51.100.0" LADDR LPORT },
    { "Match LocalAddress 203.0.113.1\n", HOST ADDR ",laddr=203.0.113.1" LPORT },
    { "Match LocalPort 2222\n", HOST ADDR LADDR ",lport=2222" },
    { "Match RDomain e0\n", PLAIN ",rdomain=e0" },
    { "Match LocalPort 22\nMatch User x LocalPort 22 # LocalPort 23\n",
      HOST ADDR LADDR ",lport=22" },
    { "Match LocalPort 22\nMatch Host h\n",
      HOST ADDR LADDR ",lport=22 ,host=h" ADDR LADDR LPORT " ,host=h" ADDR LADDR ",lport=22" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConfigTree) tree = load (cases[i].text);
      g_auto (GStrv) seen = match_origins (tree, 100);
      g_auto (GStrv) others = g_strsplit (cases[i].others, " ", -1);

      g_test_message ("%s", cases[i].text);
      g_assert_true (g_strv_contains ((const char *const *) seen, PLAIN));
      g_assert_cmpuint (g_strv_length (seen), ==, g_strv_length (others) + 1);
      for (gsize j = 0; others[j] != NULL; j++)
        g_assert_true (g_strv_contains ((const char *const *) seen, others[j]));
    }
}

static void
test_too_many (void)
{
  g_autoptr (ConfigTree) tree = load ("Match LocalPort 22\nMatch Host a,b\n");
  g_auto (GStrv) enough = match_origins (tree, 6);
  g_auto (GStrv) none = match_origins (tree, 5);

  g_assert_cmpuint (g_strv_length (enough), ==, 6);
  g_assert_null (none);
}

/* To some of them the block applies, to others it does not. */
static void
check_apart (const char *line)
{
  g_autofree char *text = g_strdup_printf ("%s\n  Banner /matched\n", line);
  g_autofree char *path = folder_path (real_sshd_folder (), "match.conf");
  g_autoptr (ConfigTree) tree = load (text);
  g_auto (GStrv) origins = match_origins (tree, 100);
  guint n_matched = 0;

  g_test_message ("%s", line);
  for (gsize i = 0; origins[i] != NULL; i++)
    {
      g_autofree char *connection = g_strconcat ("user=root", origins[i], NULL);
      g_autoptr (Effective) effective = real_sshd_effective_file (path, connection);

      n_matched += effective_is (effective, "banner", "/matched") ? 1 : 0;
    }
  g_assert_cmpuint (n_matched, >, 0);
  g_assert_cmpuint (n_matched, <, g_strv_length (origins));
}

static void
test_apart_in_sshd (void)
{
  static const char *const lines[] = {
    "Match Host *.example.org",
    "Match Address 198.51.100.7",
    "Match Address 198.51.100.128/25",
    "Match Address 198.51.100.*",
    "Match Address 10.*",
    "Match Address 2001:db8::/32",
    "Match Address 2001:db8:*",
    "Match Address \"*,!198.51.100.0/24\"",
    "Match Host \"*,!gone.example.org\"",
    "Match LocalAddress 203.0.113.*",
    "Match LocalPort 2222",
    "Match RDomain e0",
    "Match User root Address 198.51.100.7 LocalPort 22",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    check_apart (lines[i]);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();

  g_test_add_func ("/match/asks-for-user", test_asks_for_user);
  g_test_add_func ("/match/origins", test_origins);
  g_test_add_func ("/match/too-many", test_too_many);
  g_test_add_func ("/match/apart-in-sshd", test_apart_in_sshd);
  status = g_test_run ();
  real_sshd_tear_down ();
  return status;
}
