/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "config-tree.h"
#include "etc-ssh.h"
#include "real-sshd.h"
#include "truenas-ssh-error.h"

#define MAIN    "= sshd_config\n"
#define INCLUDE "Include /etc/ssh/sshd_config.d/*.conf\n"

static ConfigTree *
load (const EtcSsh *etc)
{
  g_autoptr (GError) error = NULL;
  ConfigTree *tree = config_tree_load (ETC_SSH_MAIN, etc_ssh_changes (etc), &error);

  g_assert_no_error (error);
  return tree;
}

static const char *
below (const char *path)
{
  return g_str_has_prefix (path, ETC_SSH "/") ? path + strlen (ETC_SSH "/") : path;
}

/* "file:line keyword" of every line, with "?" behind those under a Match. */
static char *
show (const ConfigTree *tree)
{
  const GPtrArray *lines = config_tree_lines (tree);
  GString *shown = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);
      g_autoptr (Directive) again = directive_parse (line->text);

      g_assert_cmpstr (again->keyword, ==, line->directive->keyword);
      g_string_append_printf (shown, "%s:%u %s%s\n", below (line->path), line->line,
                              line->directive->keyword, line->conditional ? "?" : "");
    }
  return g_string_free (shown, FALSE);
}

static const struct
{
  const char *text;
  const char *lines;
} cases[] = {
  { MAIN, "" },
  { MAIN "\n# Port 1\nport 2\n\n  USEDNS=no", "sshd_config:3 port\nsshd_config:5 usedns\n" },
  { MAIN INCLUDE "Port 22\n", "sshd_config:1 include\nsshd_config:2 port\n" },
  { MAIN "Port 22\n" INCLUDE "Banner x\n= sshd_config.d/b.conf\nPort 1\n= sshd_config.d/a.conf\n"
         "\nPort 2\n= sshd_config.d/c\nPort 3\n",
    "sshd_config:1 port\nsshd_config:2 include\nsshd_config.d/a.conf:2 port\n"
    "sshd_config.d/b.conf:1 port\nsshd_config:3 banner\n" },
  { MAIN "Include b 'a' \"c d\" # e\n= a\nPort 1\n= b\nPort 2\n= c d\nPort 3\n= e\nPort 4\n",
    "sshd_config:1 include\nb:1 port\na:1 port\nc d:1 port\n" },
  { MAIN "Include 1\nPort 9\n= 1\nPort 1\nInclude 2\nPort 3\n= 2\nPort 2\n",
    "sshd_config:1 include\n1:1 port\n1:2 include\n2:1 port\n1:3 port\nsshd_config:2 port\n" },
  { MAIN "Include 1 1\nInclude ?\n= 1\nPort 1\n",
    "sshd_config:1 include\n1:1 port\n1:1 port\nsshd_config:2 include\n1:1 port\n" },
  { MAIN "Include x/*\n> x y\n= y/1\nPort 1\n", "sshd_config:1 include\nx/1:1 port\n" },
  { MAIN "Include none none/* /none\nPort 1\n", "sshd_config:1 include\nsshd_config:2 port\n" },
  { MAIN "Port 1\r\nUseDNS no\r\n", "sshd_config:1 port\nsshd_config:2 usedns\n" },
  { MAIN "Port 1\nMatch User x\nBanner x\nInclude 1\nX11Forwarding no\n= 1\nBanner y\n",
    "sshd_config:1 port\nsshd_config:2 match?\nsshd_config:3 banner?\nsshd_config:4 include?\n"
    "1:1 banner?\nsshd_config:5 x11forwarding?\n" },
  { MAIN "Include 1\nPort 1\n= 1\nUseDNS no\nMatch User x\nBanner x\n",
    "sshd_config:1 include\n1:1 usedns\n1:2 match?\n1:3 banner?\nsshd_config:2 port\n" },
  { MAIN "Include 1\nInclude 2\n= 1\nMatch User x\nInclude 2\n= 2\nBanner x\n",
    "sshd_config:1 include\n1:1 match?\n1:2 include?\n2:1 banner?\nsshd_config:2 include\n"
    "2:1 banner\n" },
};

static void
test_lines (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (EtcSsh) etc = etc_ssh_new (cases[i].text);
      g_autoptr (ConfigTree) tree = load (etc);
      g_autofree char *shown = show (tree);

      g_assert_cmpstr (shown, ==, cases[i].lines);
    }
}

/* The lines that sshd takes in for everybody, in its order. */
static char *
ask_sshd (void)
{
  static const char *const args[] = { "-t", "-ddd", NULL };
  g_autoptr (RealAnswer) result = real_sshd_run (args);
  g_autoptr (GRegex) regex =
      g_regex_new ("^debug3: (\\S[^\\r]*:\\d+) setting (\\w+)", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GString *shown = g_string_new (NULL);

  g_assert_cmpint (result->status, ==, 0);
  for (g_regex_match (regex, result->err, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *place = g_match_info_fetch (match, 1);
      g_autofree char *keyword = g_match_info_fetch (match, 2);
      g_autofree char *lower = g_ascii_strdown (keyword, -1);

      g_string_append_printf (shown, "%s %s\n", below (place), lower);
    }
  return g_string_free (shown, FALSE);
}

static void
test_lines_as_sshd (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (EtcSsh) etc G_GNUC_UNUSED = etc_ssh_new (cases[i].text);
      g_autoptr (GRegex) others = g_regex_new (".*( include| match|\\?)\\n", 0, 0, NULL);
      g_autofree char *ours = g_regex_replace (others, cases[i].lines, -1, 0, "", 0, NULL);
      g_autofree char *seen = ask_sshd ();

      g_assert_cmpstr (seen, ==, ours);
    }
}

static void
test_changes (void)
{
  g_autoptr (EtcSsh) etc = etc_ssh_new (
      MAIN INCLUDE "Port 22\n= sshd_config.d/1.conf\nPort 1\n= sshd_config.d/2.conf\n"
                   "Port 2\n- sshd_config.d/1.conf\n+ sshd_config.d/2.conf\nInclude new\n"
                   "+ sshd_config.d/0.conf\n\nPort 0\n+ new\nBanner x\n+ unused\nBanner y\n");
  g_autoptr (ConfigTree) tree = load (etc);
  g_autofree char *shown = show (tree);
  g_autofree char **paths = config_tree_paths (tree);
  g_autofree char *all = g_strjoinv (" ", paths);
  gboolean conditional = TRUE;

  g_assert_cmpstr (shown, ==,
                   "sshd_config:1 include\nsshd_config.d/0.conf:2 port\n"
                   "sshd_config.d/2.conf:1 include\nnew:1 banner\nsshd_config:2 port\n");
  g_assert_cmpstr (all, ==,
                   "/etc/ssh/sshd_config /etc/ssh/sshd_config.d/0.conf "
                   "/etc/ssh/sshd_config.d/2.conf /etc/ssh/new");
  g_assert_cmpstr (config_tree_text (tree, "/etc/ssh/new"), ==, "Banner x\n");
  g_assert_cmpstr (config_tree_text (tree, "/etc/ssh/./sshd_config.d/2.conf"), ==, "Include new\n");
  g_assert_null (config_tree_text (tree, "/etc/ssh/sshd_config.d/1.conf"));
  g_assert_null (config_tree_text (tree, "/etc/ssh/unused"));
  g_assert_true (config_tree_reaches (tree, "/etc/ssh/new", &conditional));
  g_assert_false (conditional);
  g_assert_false (config_tree_reaches (tree, "/etc/ssh/unused", &conditional));
  g_assert_false (config_tree_reaches (tree, "/etc/ssh/sshd_config.d/1.conf", &conditional));
}

static void
check_reaches (const char *text, gboolean reached, gboolean conditional)
{
  g_autoptr (EtcSsh) etc = etc_ssh_new (text);
  g_autoptr (ConfigTree) tree = load (etc);
  gboolean is_conditional;

  g_test_message ("%s", text);
  g_assert_cmpint (config_tree_reaches (tree, "/etc/ssh/d/x.conf", &is_conditional), ==, reached);
  g_assert_cmpint (is_conditional, ==, conditional);
}

static void
test_reaches (void)
{
  check_reaches (MAIN "Include d/*.conf\n= d/x.conf\n", TRUE, FALSE);
  check_reaches (MAIN "Include d/*.conf\n= d/y.conf\n+ d/x.conf\n", TRUE, FALSE);
  check_reaches (MAIN "Include e/*.conf\n> e d\n= d/x.conf\n", TRUE, FALSE);
  check_reaches (MAIN "Include d/*.conf\n= d/x.conf\n- d/x.conf\n", FALSE, FALSE);
  check_reaches (MAIN "Include d/*.con\n= d/x.conf\n", FALSE, FALSE);
  check_reaches (MAIN "#Include d/*.conf\n= d/x.conf\n", FALSE, FALSE);
  check_reaches (MAIN "Match User x\nInclude d/*.conf\n= d/x.conf\n", TRUE, TRUE);
  check_reaches (MAIN "Include 1\nMatch all\nInclude d/*\n= 1\nInclude d/*\n= d/x.conf\n", TRUE,
                 FALSE);
  check_reaches (MAIN "Match User x\nInclude 1\n= 1\nInclude d/*\n= d/x.conf\n", TRUE, TRUE);
}

static void
check_too_deep (const char *text)
{
  g_autoptr (EtcSsh) etc = etc_ssh_new (text);
  g_autoptr (GError) error = NULL;

  g_assert_null (config_tree_load (ETC_SSH_MAIN, etc_ssh_changes (etc), &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, "/etc/ssh/"));
}

static void
test_cycles (void)
{
  check_too_deep (MAIN "Include sshd_config\n");
  check_too_deep (MAIN "Include sshd_*\n");
  check_too_deep (MAIN "Include 1\n= 1\nInclude 2\n= 2\nInclude 1\n");
  check_too_deep (MAIN "Match User x\nInclude 1\n= 1\nInclude 1\n");
  check_too_deep (MAIN "Include 1 1 1 1\n= 1\nPort 1\nInclude x\n> x 1\n+ 1\nInclude 1\n");
}

/* Not every file is text, or ends. */
static void
test_odd_files (void)
{
  g_autoptr (EtcSsh) etc = etc_ssh_new (MAIN INCLUDE "Port 22\n= sshd_config.d/folder.conf/x\n\n"
                                                     "> sshd_config.d/gone.conf nowhere\n"
                                                     "> sshd_config.d/null.conf /dev/null\n");
  g_autoptr (ConfigTree) tree = NULL;
  g_autofree char *shown = NULL;
  const ConfigLine *line;

  g_assert_true (g_file_set_contents (ETC_SSH "/sshd_config.d/nul.conf", "Port 1\n\0", 8, NULL));
  tree = load (etc);
  shown = show (tree);
  g_assert_cmpstr (shown, ==, "sshd_config:1 include\nsshd_config:2 port\n");
  g_assert_null (config_tree_text (tree, ETC_SSH "/sshd_config.d/nul.conf"));
  g_assert_null (config_tree_obstacle (tree, &line));
  g_assert_null (line);
}

static void
check_obstacle (const char *path, const char *words)
{
  g_autofree char *text = g_strdup_printf (MAIN "Port 22\nInclude 1\n= 1\n\nInclude %s\n", path);
  g_autoptr (EtcSsh) etc = etc_ssh_new (text);
  g_autoptr (ConfigTree) tree = NULL;
  g_autofree char *large = g_strnfill (5 * 1024 * 1024, '#');
  const ConfigLine *line;

  g_assert_cmpint (mkfifo (ETC_SSH "/pipe", 0600), ==, 0);
  g_assert_true (g_file_set_contents (ETC_SSH "/large", large, -1, NULL));
  tree = load (etc);
  g_assert_nonnull (config_tree_obstacle (tree, &line));
  g_assert_nonnull (strstr (config_tree_obstacle (tree, &line), words));
  g_assert_cmpstr (line->path, ==, ETC_SSH "/1");
  g_assert_cmpuint (line->line, ==, 2);
}

static void
test_obstacles (void)
{
  check_obstacle ("pipe", "a pipe or a device");
  check_obstacle ("/etc/ssh/p*", "a pipe or a device");
  check_obstacle ("/dev/zero", "a pipe or a device");
  check_obstacle ("large", "more than 4 MiB");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  etc_ssh_set_up ();

  g_test_add_func ("/config-tree/lines", test_lines);
  g_test_add_func ("/config-tree/lines-as-sshd", test_lines_as_sshd);
  g_test_add_func ("/config-tree/changes", test_changes);
  g_test_add_func ("/config-tree/reaches", test_reaches);
  g_test_add_func ("/config-tree/cycles", test_cycles);
  g_test_add_func ("/config-tree/odd-files", test_odd_files);
  g_test_add_func ("/config-tree/obstacles", test_obstacles);
  status = g_test_run ();
  etc_ssh_tear_down ();
  return status;
}
