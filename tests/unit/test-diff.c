/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "diff.h"
#include "folder.h"

#define PATH "/etc/ssh/sshd_config"

static void
test_texts (void)
{
  static const struct
  {
    const char *before;
    const char *after;
    const char *expected;
  } cases[] = {
    { NULL, NULL, "" },
    { "", "", "" },
    { NULL, "", "" },
    { "a\nb\n", "a\nb\n", "" },
    { "a\nb\n", "a\nc\n", "--- " PATH "\n+++ " PATH "\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n" },
    { NULL, "a\n", "--- /dev/null\n+++ " PATH "\n@@ -0,0 +1 @@\n+a\n" },
    { "a\n", NULL, "--- " PATH "\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n" },
    { "a", "a\n",
      "--- " PATH "\n+++ " PATH "\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n" },
    { "ü\n", "\xff\n", "--- " PATH "\n+++ " PATH "\n@@ -1 +1 @@\n-ü\n+\xef\xbf\xbd\n" },
    { "a\r\n", "a\n", "--- " PATH "\n+++ " PATH "\n@@ -1 +1 @@\n-a\r\n+a\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *diff = diff_texts (PATH, cases[i].before, cases[i].after, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (diff, ==, cases[i].expected);
    }
}

static void
test_path (void)
{
  g_autofree char *diff = diff_texts ("/a b/-\"c\"", "a\n", "b\n", NULL, NULL);

  g_assert_true (g_str_has_prefix (diff, "--- /a b/-\"c\"\n+++ /a b/-\"c\"\n"));
}

/* Nothing is left of the files that diff(1) compares. */
static void
test_leaves_nothing (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *diff = NULL;
  g_autofree char *names = NULL;

  g_assert_true (g_setenv ("RUNTIME_DIRECTORY", folder->path, TRUE));
  diff = diff_texts (PATH, "a\n", "b\n", NULL, NULL);
  g_assert_nonnull (diff);
  g_cancellable_cancel (cancellable);
  g_assert_null (diff_texts (PATH, "a\n", "b\n", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  names = folder_names (folder);
  g_assert_cmpstr (names, ==, "");
  g_unsetenv ("RUNTIME_DIRECTORY");
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_setenv ("RUNTIME_DIRECTORY", "/does/not/exist", TRUE));
  g_assert_null (diff_texts (PATH, "a\n", "b\n", NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "/does/not/exist/"));
  g_unsetenv ("RUNTIME_DIRECTORY");
}

static void
test_plain (void)
{
  static const struct
  {
    const char *before;
    const char *after;
    const char *expected; /* without the names */
  } cases[] = {
    { "", "", NULL },
    { "a\nb\n", "a\nb\n", NULL },
    { "a\n", "b\n", "@@ -1,1 +1,1 @@\n-a\n+b\n" },
    { "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n" },
    { "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n" },
    { "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
      "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
    { "1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n", "@@ -3,3 +3,4 @@\n 3\n 4\n 5\n+6\n" },
    { "1\n2\n3\n", "2\n3\n", "@@ -1,3 +1,2 @@\n-1\n 2\n 3\n" },
    { "a\na\n", "a\na\na\n", "@@ -1,2 +1,3 @@\n a\n a\n+a\n" },
    { "1\n2\n3\n", "x\n2\ny\n", "@@ -1,3 +1,3 @@\n-1\n-2\n-3\n+x\n+2\n+y\n" },
    { "a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n" },
    { "a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n" },
    { "\n", "\xff\n", "@@ -1,1 +1,1 @@\n-\n+\xef\xbf\xbd\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *diff = diff_plain (PATH, cases[i].before, cases[i].after);
      g_autofree char *expected =
          cases[i].expected == NULL
              ? g_strdup ("")
              : g_strdup_printf ("--- %s\n+++ %s\n%s", *cases[i].before ? PATH : "/dev/null",
                                 *cases[i].after ? PATH : "/dev/null", cases[i].expected);

      g_assert_cmpstr (diff, ==, expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/diff/texts", test_texts);
  g_test_add_func ("/diff/plain", test_plain);
  g_test_add_func ("/diff/path", test_path);
  g_test_add_func ("/diff/leaves-nothing", test_leaves_nothing);
  g_test_add_func ("/diff/no-folder", test_no_folder);
  return g_test_run ();
}
