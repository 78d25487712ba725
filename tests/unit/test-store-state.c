/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the store keeps for the service itself: generations, and texts that had been edited. */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "generation.h"
#include "store.h"

typedef struct
{
  Folder *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = folder_new ();
  g_assert_true (g_setenv ("STATE_DIRECTORY", fixture->folder->path, TRUE));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unsetenv ("STATE_DIRECTORY");
  folder_free (fixture->folder);
}

static void
assert_text (const Fixture *fixture, const char *name, const char *expected)
{
  g_autofree char *text = folder_read (fixture->folder, name);

  g_assert_cmpstr (text, ==, expected);
}

static guint64
get_generation (void)
{
  g_autoptr (GError) error = NULL;
  guint64 generation;

  g_assert_true (generation_read (&generation, &error));
  g_assert_no_error (error);
  return generation;
}

static void
set_generation (guint64 generation)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (generation_set (generation, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (get_generation (), ==, generation);
}

static void
test_path (Fixture *fixture, gconstpointer data)
{
  g_autofree char *expected = folder_path (fixture->folder, "journal");
  g_autofree char *path = store_path ("journal");
  g_autofree char *usual = NULL;

  g_assert_cmpstr (path, ==, expected);
  g_unsetenv ("STATE_DIRECTORY");
  usual = store_path ("journal");
  g_assert_cmpstr (usual, ==, "/var/lib/truenas-ssh/journal");
}

static void
test_generation (Fixture *fixture, gconstpointer data)
{
  struct stat info;
  g_autofree char *path = folder_path (fixture->folder, "generation");

  g_assert_cmpuint (get_generation (), ==, 0);
  set_generation (1);
  set_generation (G_MAXUINT64);
  assert_text (fixture, "generation", "18446744073709551615\n\n");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);
}

static void
test_generation_damaged (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "", "\n", "x\n", "-1\n", "1x\n", "18446744073709551616\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      folder_write (fixture->folder, "generation", texts[i]);
      g_assert_cmpuint (get_generation (), ==, 0);
    }
  folder_write (fixture->folder, "generation", "7");
  g_assert_cmpuint (get_generation (), ==, 7);
}

static void
test_generation_fails (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = folder_path (fixture->folder, "missing");
  g_autoptr (GError) error = NULL;

  g_assert_true (g_setenv ("STATE_DIRECTORY", missing, TRUE));
  g_assert_false (generation_set (1, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (get_generation (), ==, 0);
}

/* Twice, for what has been seen is not new. */
static void
note (const char *text, guint64 own, guint64 expected)
{
  guint64 generation;

  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (generation_note_drop_in (text, own, &generation, NULL));
      g_assert_cmpuint (generation, ==, expected);
    }
}

static void
test_note (Fixture *fixture, gconstpointer data)
{
  note (NULL, 0, 0);
  assert_text (fixture, "generation", NULL);
  set_generation (5);
  note ("ours", 5, 5);
  note ("edited", 0, 6);
  note ("edited again", 0, 7);
  note ("ours", 5, 8);
  note (NULL, 0, 9);
  note ("from a backup", 100, 101);
  g_assert_cmpuint (get_generation (), ==, 101);
}

/* Before a change has replaced the file, and after it, nothing has been edited. */
static void
test_note_around_change (Fixture *fixture, gconstpointer data)
{
  set_generation (5);
  note ("ours", 5, 5);
  set_generation (6);
  note ("ours", 5, 6);
  note ("ours too", 6, 6);
  set_generation (7);
  note (NULL, 0, 7);
  note ("ours", 8, 8);
}

static void
test_note_first (Fixture *fixture, gconstpointer data)
{
  note ("edited, and nothing is known", 0, 1);
  note ("edited again", 0, 2);
}

static void
test_keep_edited (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *from = store_path ("edited-7.conf");
  g_autofree char *to = store_path ("aside");
  g_autofree char *names = NULL;

  g_assert_true (store_keep_edited ("Port 2222\n", 7, &error));
  g_assert_no_error (error);
  assert_text (fixture, "edited-7.conf", "Port 2222\n");
  store_rename (from, to);
  store_rename (from, to);
  names = folder_names (fixture->folder);
  g_assert_cmpstr (names, ==, "aside");
}

static void
add (const char *path, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("/store-state/path", test_path);
  add ("/store-state/generation", test_generation);
  add ("/store-state/generation/damaged", test_generation_damaged);
  add ("/store-state/generation/fails", test_generation_fails);
  add ("/store-state/note", test_note);
  add ("/store-state/note/around-change", test_note_around_change);
  add ("/store-state/note/first", test_note_first);
  add ("/store-state/keep-edited", test_keep_edited);
  return g_test_run ();
}
