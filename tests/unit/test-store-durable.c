/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "folder.h"
#include "store.h"

/* What the store asks of the disk, in order: this program's own functions stand before libc's, and
 * do the same, but for the one that is to fail. */

static GString *asked; /* "fsync file, rename, fsync folder" */
static const char *to_fail;

static int
note (const char *what)
{
  g_string_append_printf (asked, "%s%s", asked->len > 0 ? ", " : "", what);
  if (g_strcmp0 (what, to_fail) != 0)
    return 0;
  errno = EIO;
  return -1;
}

int
fsync (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);
  gboolean folder = g_file_test (path, G_FILE_TEST_IS_DIR);

  return note (folder ? "fsync folder" : "fsync file") < 0 ? -1 : (int) syscall (SYS_fsync, fd);
}

int
rename (const char *from, const char *to)
{
  return note ("rename") < 0 ? -1 : (int) syscall (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

typedef struct
{
  Folder *folder;
  char *path; /* (owned) */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = folder_new ();
  fixture->path = folder_path (fixture->folder, "file");
  folder_write (fixture->folder, "file", "old");
  g_string_truncate (asked, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  to_fail = NULL;
  g_free (fixture->path);
  folder_free (fixture->folder);
}

static void
check (const Fixture *fixture, const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *now = NULL;

  g_string_truncate (asked, 0);
  g_assert_true (store_replace (fixture->path, text, 0644, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (asked->str, ==, expected);
  now = folder_read (fixture->folder, "file");
  g_assert_cmpstr (now, ==, text);
}

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  check (fixture, "new", "fsync file, rename, fsync folder");
  check (fixture, NULL, "fsync folder");
  check (fixture, "again", "fsync file, rename, fsync folder");
}

/* The folder too: its own name has to be there after a power cut. */
static void
test_replace_in_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = folder_path (fixture->folder, "unit.d/file");

  g_string_truncate (asked, 0);
  g_assert_true (store_replace_in_folder (path, "new", 0644, &error));
  g_assert_cmpstr (asked->str, ==, "fsync folder, fsync file, rename, fsync folder");
  g_string_truncate (asked, 0);
  g_assert_true (store_replace_in_folder (path, NULL, 0644, &error));
  g_assert_cmpstr (asked->str, ==, "fsync folder, fsync folder");
  g_assert_no_error (error);
}

/* Nothing is changed, or it is said that it may not last. */
static void
test_failures (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *what;
    const char *message;
    const char *now;
  } rows[] = {
    { "fsync file", "file: cannot be made durable: Input/output error", "old" },
    { "rename", "file: cannot be replaced: Input/output error", "old" },
    { "fsync folder", ": cannot be made durable: Input/output error", "new" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *now = NULL;
      g_autofree char *names = NULL;

      to_fail = rows[i].what;
      g_assert_false (store_replace (fixture->path, "new", 0644, &error));
      g_assert_true (g_str_has_suffix (error->message, rows[i].message));
      now = folder_read (fixture->folder, "file");
      g_assert_cmpstr (now, ==, rows[i].now);
      names = folder_names (fixture->folder);
      g_assert_cmpstr (names, ==, "file");
    }
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autoptr (GString) string = g_string_new (NULL);

  asked = string;
  g_test_init (&argc, &argv, NULL);
  ADD ("/store-durable/replace", test_replace);
  ADD ("/store-durable/replace-in-folder", test_replace_in_folder);
  ADD ("/store-durable/failures", test_failures);
  return g_test_run ();
}
