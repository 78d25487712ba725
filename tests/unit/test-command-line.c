/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "command-line.h"
#include "settings.h"

static GHashTable *
read_variables (const char *text)
{
  GHashTable *variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  command_line_read_variables (variables, text);
  return variables;
}

static void
test_variables (void)
{
  static const struct
  {
    const char *text;
    const char *value; /* of A; NULL: it has none */
  } cases[] = {
    { "A=", "" },
    { "A=-p 22", "-p 22" },
    { "  A = -p 22  \n", "-p 22" },
    { "A=\"-p 22\"\n", "-p 22" },
    { "A='-o \"X y\"'\n", "-o \"X y\"" },
    { "# A=1\n;A=2\nB=3\n", NULL },
    { "A=-p \\\n22\n", "-p 22" },
    { "A=1\nA=2\n", "2" },
    { "A=\"unfinished\n", "\"unfinished" },
    { "A", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) variables = read_variables (cases[i].text);

      g_assert_cmpstr (g_hash_table_lookup (variables, "A"), ==, cases[i].value);
    }
}

static void
test_expand (void)
{
  static const struct
  {
    const char *arguments; /* by "|" */
    const char *expected;
  } cases[] = {
    { "-D", "-D" },
    { "-D|$OPTS", "-D|-p|22|-o|X y" },
    { "-D|$NONE", "-D" },
    { "-D|$EMPTY|-e", "-D|-e" },
    { "-p|${PORT}", "-p|22" },
    { "-oPort=${PORT}", "-oPort=22" },
    { "-o|${OPTS}", "-o|-p 22 -o 'X y'" },
    { "a$PORT", "a$PORT" },
  };
  g_autoptr (GHashTable) variables = read_variables ("OPTS=\"-p 22 -o 'X y'\"\nEMPTY=\nPORT=22\n");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) arguments = g_strsplit (cases[i].arguments, "|", -1);
      g_auto (GStrv) expanded = command_line_expand ((const char *const *) arguments, variables);
      g_autofree char *shown = g_strjoinv ("|", expanded);

      g_assert_cmpstr (shown, ==, cases[i].expected);
    }
}

static void
test_relevant (void)
{
  static const struct
  {
    const char *arguments;
    const char *expected;
    const char *behind_socket;
  } cases[] = {
    { "", "", "" },
    { "-D", "", "" },
    { "-D|-p|22", "-p|22", "" },
    { "-Dep22", "-p|22", "" },
    { "-D4", "-4", "" },
    { "-o|Port=22|-oCompression no", "-o|Port=22|-o|Compression no", "-o|Compression no" },
    { "-E|-p|-p|22", "-p|22", "" },
    { "-u0|-f|/x", "-f|/x", "-f|/x" },
    { "-o|ListenAddress=::1|-h|/key", "-o|ListenAddress=::1|-h|/key", "-h|/key" },
    { "-D|--|-p|22", "", "" },
    { "-p", "-p|", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) arguments = g_strsplit (cases[i].arguments, "|", -1);
      g_auto (GStrv) listens = command_line_relevant ((const char *const *) arguments, TRUE);
      g_auto (GStrv) behind = command_line_relevant ((const char *const *) arguments, FALSE);
      g_autofree char *shown = g_strjoinv ("|", listens);
      g_autofree char *shown_behind = g_strjoinv ("|", behind);

      g_assert_cmpstr (shown, ==, cases[i].expected);
      g_assert_cmpstr (shown_behind, ==, cases[i].behind_socket);
    }
}

static void
test_config (void)
{
  const char *const none[] = { "-4", "-p", "-f", "-o", "f=/y", NULL };
  const char *const two[] = { "-f", "/x", "-6", "-f", "/y", NULL };

  g_assert_null (command_line_config (none));
  g_assert_cmpstr (command_line_config (two), ==, "/y");
}

static void
test_decider (void)
{
  static const struct
  {
    const char *arguments;
    const char *setting;
    const char *expected; /* NULL: none does */
  } cases[] = {
    { "-p|22", SETTING_TCP_PORT, "-p" },
    { "-p|22", SETTING_COMPRESSION, NULL },
    { "-4|-o|PORT=22", SETTING_TCP_PORT, "-o PORT" },
    { "-o|Port 22", SETTING_TCP_PORT, "-o Port" },
    { "-o| Compression = no", SETTING_COMPRESSION, "-o Compression" },
    { "-o|LogLevel=INFO", SETTING_AUXILIARY_PARAMETERS, "-o LogLevel" },
    { "-o|Banner=/x", SETTING_AUXILIARY_PARAMETERS, NULL },
    { "-o|MaxSessions=1", SETTING_AUXILIARY_PARAMETERS, NULL },
    { "-f|-p", SETTING_TCP_PORT, NULL },
    { "", SETTING_TCP_PORT, NULL },
  };
  g_autoptr (GVariant) settings = g_variant_ref_sink (g_variant_new_parsed (
      "{'AuxiliaryParameters': <'# Banner no\\nloglevel INFO\\nMatch all\\nMaxSessions 2'>}"));

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) arguments = g_strsplit (cases[i].arguments, "|", -1);
      g_autofree char *option =
          command_line_decider ((const char *const *) arguments, cases[i].setting, settings);

      g_assert_cmpstr (option, ==, cases[i].expected);
    }
  g_assert_null (command_line_decider (NULL, SETTING_TCP_PORT, settings));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/command-line/variables", test_variables);
  g_test_add_func ("/command-line/expand", test_expand);
  g_test_add_func ("/command-line/relevant", test_relevant);
  g_test_add_func ("/command-line/config", test_config);
  g_test_add_func ("/command-line/decider", test_decider);
  return g_test_run ();
}
