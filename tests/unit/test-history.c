/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "diff.h"
#include "folder.h"
#include "history.h"
#include "record.h"
#include "store.h"
#include "truenas-ssh-error.h"

/* A state folder that is the test's own. */

typedef struct
{
  Folder *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = folder_new ();
  g_setenv ("STATE_DIRECTORY", fixture->folder->path, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unsetenv ("STATE_DIRECTORY");
  folder_free (fixture->folder);
}

static GVariant *
parse (const char *type, const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE (type), text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static Journal *
make_journal (guint64 generation, const char *before, const char *after, const char *diff)
{
  Journal *journal = journal_new ();

  journal->generation = generation;
  journal->uid = 1000;
  journal->login_uid = 1001;
  g_variant_unref (journal->before);
  journal->before = parse ("a{sv}", before);
  g_variant_unref (journal->after);
  journal->after = parse ("a{sv}", after);
  g_free (journal->diff);
  journal->diff = g_strdup (diff);
  return journal;
}

static void
note (guint64 generation, HistoryOutcome outcome)
{
  g_autoptr (Journal) journal =
      make_journal (generation, "{}", "{'TcpPort': <uint16 2222>}", "a diff\n");

  history_note (journal, outcome);
}

/* "12 applied, 11 rolled-back" */
static char *
show (GVariant *history)
{
  g_autoptr (GString) shown = g_string_new (NULL);

  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (history, i);
      const char *outcome = NULL;
      guint64 generation = 0;

      g_assert_true (g_variant_lookup (entry, "generation", "t", &generation));
      g_assert_true (g_variant_lookup (entry, "outcome", "&s", &outcome));
      g_string_append_printf (shown, "%s%" G_GUINT64_FORMAT " %s", i > 0 ? ", " : "", generation,
                              outcome);
    }
  return g_string_free (g_steal_pointer (&shown), FALSE);
}

static void
check_history (const char *expected)
{
  g_autoptr (GVariant) history = history_read ();
  g_autofree char *shown = show (history);

  g_assert_cmpstr (shown, ==, expected);
}

/* Entries. */

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) history = history_read ();
  g_autoptr (GVariant) list = history_list (history);
  g_autofree char *names = folder_names (fixture->folder);

  g_assert_cmpstr (g_variant_get_type_string (list), ==, "aa{sv}");
  g_assert_cmpuint (g_variant_n_children (list), ==, 0);
  g_assert_cmpstr (names, ==, "");
}

static void
test_fields (Fixture *fixture, gconstpointer data)
{
  guint64 before = (guint64) g_get_real_time ();
  g_autoptr (Journal) journal =
      make_journal (7, "{'TcpPort': <uint16 22>, 'Compression': <true>}",
                    "{'TcpPort': <uint16 2222>, 'TcpForwarding': <false>}", "--- a\n+++ b\n");
  g_autoptr (GVariant) history = NULL;
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GVariant) entry = NULL;
  g_autofree const char **changed = NULL;
  g_autofree char *names = NULL;
  const char *outcome, *diff;
  guint32 uid, login_uid;
  guint64 generation, time;

  history_note (journal, HISTORY_CONFIRMED);
  history = history_read ();
  list = history_list (history);
  g_assert_cmpuint (g_variant_n_children (list), ==, 1);
  entry = g_variant_get_child_value (list, 0);
  g_assert_cmpuint (g_variant_n_children (entry), ==, 7);
  g_assert_true (g_variant_lookup (entry, "generation", "t", &generation));
  g_assert_true (g_variant_lookup (entry, "time", "t", &time));
  g_assert_true (g_variant_lookup (entry, "uid", "u", &uid));
  g_assert_true (g_variant_lookup (entry, "login-uid", "u", &login_uid));
  g_assert_true (g_variant_lookup (entry, "outcome", "&s", &outcome));
  g_assert_true (g_variant_lookup (entry, "changed", "^a&s", &changed));
  g_assert_true (g_variant_lookup (entry, "diff", "&s", &diff));
  names = g_strjoinv (" ", (char **) changed);
  g_assert_cmpuint (generation, ==, 7);
  g_assert_true (before <= time && time <= (guint64) g_get_real_time ());
  g_assert_cmpuint (uid, ==, 1000);
  g_assert_cmpuint (login_uid, ==, 1001);
  g_assert_cmpstr (outcome, ==, "confirmed");
  g_assert_cmpstr (names, ==, "TcpPort TcpForwarding Compression");
  g_assert_cmpstr (diff, ==, "--- a\n+++ b\n");
}

static void
test_one_entry_for_each_change (Fixture *fixture, gconstpointer data)
{
  note (3, HISTORY_APPLIED);
  note (4, HISTORY_PENDING);
  check_history ("4 pending, 3 applied");
  note (4, HISTORY_FAILED);
  check_history ("4 failed, 3 applied");
  note (4, HISTORY_ROLLED_BACK);
  check_history ("4 rolled-back, 3 applied");
  note (7, HISTORY_APPLIED);
  history_note_edit (6, "a diff\n");
  check_history ("7 applied, 6 edited, 4 rolled-back, 3 applied");
}

static void
test_fifty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) history = NULL;
  g_autofree char *shown = NULL;

  for (guint64 i = 1; i <= 60; i++)
    note (i, HISTORY_APPLIED);
  history = history_read ();
  shown = show (history);
  g_assert_cmpuint (g_variant_n_children (history), ==, 50);
  g_assert_true (g_str_has_prefix (shown, "60 applied, 59 applied, "));
  g_assert_true (g_str_has_suffix (shown, ", 12 applied, 11 applied"));
}

/* However large the changes, the file can be read again; the newest stay. */
static void
test_large (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (32 * 1024, '\x01'); /* written as \u0001 */
  g_autoptr (GVariant) history = NULL;
  g_autoptr (GVariant) newest = NULL;
  guint64 generation = 0;

  for (guint64 i = 1; i <= 20; i++)
    {
      g_autoptr (Journal) journal = make_journal (i, "{}", "{}", text);

      history_note (journal, HISTORY_APPLIED);
    }
  history = history_read ();
  g_assert_cmpuint (g_variant_n_children (history), >=, 10);
  g_assert_cmpuint (g_variant_n_children (history), <, 20);
  newest = g_variant_get_child_value (history, 0);
  g_assert_true (g_variant_lookup (newest, "generation", "t", &generation));
  g_assert_cmpuint (generation, ==, 20);
}

static void
test_broken (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "\n",
    "nonsense",
    "truenas-ssh history 1\n",
    "truenas-ssh history 1\nabc\n('', [])\n",
    "truenas-ssh history 2\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *aside = NULL;

      folder_write (fixture->folder, "history", texts[i]);
      check_history ("");
      note (9, HISTORY_APPLIED);
      check_history ("9 applied");
      aside = folder_read (fixture->folder, "history.broken");
      g_assert_cmpstr (aside, ==, texts[i]);
    }
}

/* A bit that has flipped, or an end that is missing, anywhere. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  note (9, HISTORY_APPLIED);
  text = folder_read (fixture->folder, "history");
  for (gsize i = 0; i + 1 < strlen (text); i += 5)
    {
      g_autofree char *flipped = g_strdup (text);
      g_autofree char *cut = g_strndup (text, i);

      flipped[i] ^= 1;
      folder_write (fixture->folder, "history", flipped);
      check_history ("");
      folder_write (fixture->folder, "history", cut);
      check_history ("");
    }
}

/* With the right hash. */
static void
test_no_characters (Fixture *fixture, gconstpointer data)
{
  const char *line = "('\\ud800', @aa{sv} [])";
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, line, -1);
  g_autofree char *text = g_strdup_printf ("truenas-ssh history 1\n%s\n%s\n", sum, line);

  folder_write (fixture->folder, "history", text);
  check_history ("");
  note (9, HISTORY_APPLIED);
  check_history ("9 applied");
}

static void
test_no_room (Fixture *fixture, gconstpointer data)
{
  g_setenv ("STATE_DIRECTORY", "/proc/self/nothing", TRUE);
  note (1, HISTORY_APPLIED);
  check_history ("");
}

/* Going back. */

#define PAST                                                                                    \
  "[{'generation': <uint64 9>, 'outcome': <'edited'>},"                                         \
  " {'generation': <uint64 7>, 'outcome': <'rolled-back'>, 'next-generation': <uint64 8>,"      \
  "  'settings': <{'TcpPort': <uint16 5>}>},"                                                   \
  " {'generation': <uint64 6>, 'outcome': <'failed'>},"                                         \
  " {'generation': <uint64 5>, 'outcome': <'applied'>, 'settings': <{'TcpPort': <uint16 5>}>}," \
  " {'generation': <uint64 4>, 'outcome': <'applied'>, 'settings': <@a{sv} {}>}]"

static void
check_found (guint64 generation, const char *expected)
{
  g_autoptr (GVariant) history = parse ("aa{sv}", PAST);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) settings = history_find (history, generation, &error);
  g_autofree char *printed = settings ? g_variant_print (settings, TRUE) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (printed, ==, expected);
}

static void
check_not_found (guint64 generation, const char *expected)
{
  g_autoptr (GVariant) history = parse ("aa{sv}", PAST);
  g_autoptr (GError) error = NULL;

  g_assert_null (history_find (history, generation, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, expected));
}

static void
test_find (void)
{
  check_found (0, "@a{sv} {}");
  check_found (4, "@a{sv} {}");
  check_found (5, "{'TcpPort': <uint16 5>}");
  check_found (7, "{'TcpPort': <uint16 5>}");
  check_found (8, "{'TcpPort': <uint16 5>}");
  check_not_found (3, "generation 3 is not in the history");
  check_not_found (10, "generation 10 is not in the history");
  check_not_found (G_MAXUINT64, "generation 18446744073709551615 is not in the history");
  check_not_found (6, "generation 6 has left no settings");
  check_not_found (9, "generation 9 has left no settings");
}

static void
test_list_shows_no_more_than_it_says (void)
{
  g_autoptr (GVariant) history = parse ("aa{sv}", PAST);
  g_autoptr (GVariant) list = history_list (history);

  g_assert_cmpuint (g_variant_n_children (list), ==, 5);
  for (gsize i = 0; i < 5; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);

      g_assert_cmpuint (g_variant_n_children (entry), ==, 2);
    }
}

/* Diffs. */

static void
check_cut (const char *diff, gsize kept, gsize left_out)
{
  g_autofree char *cut = history_cut (diff);
  g_autofree char *last =
      g_strdup_printf ("\n\\ Cut off here: %" G_GSIZE_FORMAT " more bytes\n", left_out);

  g_assert_true (g_utf8_validate (cut, -1, NULL));
  g_assert_true (strncmp (cut, diff, kept) == 0);
  g_assert_true (g_str_has_suffix (cut, last));
  g_assert_cmpuint (strlen (diff), ==, kept + left_out);
  g_assert_cmpuint (strlen (cut), <=, 32 * 1024 + 64);
}

static void
test_cut (void)
{
  g_autofree char *fits = g_strnfill (32 * 1024, 'x');
  g_autofree char *same = history_cut (fits);
  g_autofree char *line = g_strconcat (fits, "x", NULL);
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GString) wide = g_string_new ("x");

  g_assert_cmpstr (fits, ==, same);
  check_cut (line, 32 * 1024 - 1, 2);
  for (guint i = 0; i < 5000; i++)
    g_string_append (lines, "+a line\n");
  check_cut (lines->str, 32 * 1024, 40000 - 32 * 1024);
  while (wide->len < 40000)
    g_string_append (wide, "€");
  check_cut (wide->str, 32 * 1024 - 1, wide->len - 32 * 1024 + 1);
}

static void
check_diff (const char *before, const char *after, const char *expected)
{
  g_autofree char *diff = diff_plain ("/file", before, after);

  g_assert_cmpstr (diff, ==, expected);
}

static void
test_plain_diff (void)
{
  check_diff ("", "", "");
  check_diff ("a\n", "a\n", "");
  check_diff ("", "a\nb\n", "--- /dev/null\n+++ /file\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  check_diff ("a\n", "", "--- /file\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n");
  check_diff ("a\n", "a",
              "--- /file\n+++ /file\n@@ -1,1 +1,1 @@\n-a\n+a\n"
              "\\ No newline at end of file\n");
  check_diff ("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
              "--- /file\n+++ /file\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  check_diff ("a\na\n", "a\na\na\n", "--- /file\n+++ /file\n@@ -1,2 +1,3 @@\n a\n a\n+a\n");
  check_diff ("a\n", "\xff\n", "--- /file\n+++ /file\n@@ -1,1 +1,1 @@\n-a\n+\xef\xbf\xbd\n");
}

/* Its parts make up both texts, whichever they are. */
static void
check_parts (const char *before, const char *after)
{
  g_autofree char *diff = diff_plain ("/file", before, after);
  const char *head = strstr (diff, "@@");
  guint64 n_before, n_after;
  guint minus = 0, plus = 0, both = 0;
  char *rest;

  if (g_str_equal (before, after))
    {
      g_assert_cmpstr (diff, ==, "");
      return;
    }
  n_before = g_ascii_strtoull (strchr (head, ',') + 1, &rest, 10);
  n_after = g_ascii_strtoull (strchr (rest, ',') + 1, NULL, 10);
  for (const char *line = strchr (head, '\n') + 1; *line != '\0'; line = strchr (line, '\n') + 1)
    {
      minus += *line == '-';
      plus += *line == '+';
      both += *line == ' ';
    }
  g_assert_cmpuint (n_before, ==, minus + both);
  g_assert_cmpuint (n_after, ==, plus + both);
}

static char *
make_lines (GRand *rand)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = g_rand_int_range (rand, 0, 12); i > 0; i--)
    g_string_append_printf (text, "%d\n", g_rand_int_range (rand, 0, 4));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_plain_diff_counts (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260101);

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *before = make_lines (rand);
      g_autofree char *after = make_lines (rand);

      check_parts (before, after);
    }
}

static void
test_compare (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) value = parse ("(saa{sv})", "('one\\ntwo\\n', [])");
  g_autofree char *text = record_compose ("truenas-ssh history 1", value);
  g_autofree char *diff = NULL;
  g_autofree char *unknown = history_compare ("one\n");

  g_assert_nonnull (strstr (unknown, "--- /dev/null\n"));
  folder_write (fixture->folder, "history", text);
  diff = history_compare ("one\n2\n");
  g_assert_nonnull (strstr (diff, "\n one\n-two\n+2\n"));
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/history/empty", test_empty);
  ADD ("/history/fields", test_fields);
  ADD ("/history/one-entry-for-each-change", test_one_entry_for_each_change);
  ADD ("/history/fifty", test_fifty);
  ADD ("/history/large", test_large);
  ADD ("/history/broken", test_broken);
  ADD ("/history/damaged", test_damaged);
  ADD ("/history/no-characters", test_no_characters);
  ADD ("/history/no-room", test_no_room);
  ADD ("/history/compare", test_compare);
  g_test_add_func ("/history/find", test_find);
  g_test_add_func ("/history/list-shows-no-more-than-it-says",
                   test_list_shows_no_more_than_it_says);
  g_test_add_func ("/history/cut", test_cut);
  g_test_add_func ("/diff/plain", test_plain_diff);
  g_test_add_func ("/diff/plain-counts-its-lines", test_plain_diff_counts);
  return g_test_run ();
}
