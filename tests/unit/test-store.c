/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "folder.h"
#include "store.h"
#include "truenas-ssh-error.h"

typedef struct
{
  Folder *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = folder_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  folder_free (fixture->folder);
}

static void
make_pipe (const Folder *folder, const char *name)
{
  g_autofree char *path = folder_path (folder, name);

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
}

static void
assert_failed (const GError *error, const char *path, const char *what)
{
  g_autofree char *begin = g_strdup_printf ("%s: %s", path, what);

  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, begin));
}

static void
check_read (const char *path, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup ("before");

  g_free (g_steal_pointer (&text));
  g_assert_true (store_read (path, &text, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
check_unreadable (const char *path, const char *what)
{
  g_autoptr (GError) error = NULL;
  char untouched[] = "untouched";
  char *text = untouched;
  g_autofree char *begin = g_strdup_printf ("%s: %s", path, what);

  g_assert_false (store_read (path, &text, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_true (g_str_has_prefix (error->message, begin));
  g_assert_true (text == untouched);
}

static void
test_read (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = folder_path (fixture->folder, "text");
  g_autofree char *empty = folder_path (fixture->folder, "empty");
  g_autofree char *missing = folder_path (fixture->folder, "missing");
  g_autofree char *below = folder_path (fixture->folder, "text/below");
  g_autofree char *link = folder_path (fixture->folder, "link");
  g_autofree char *dangling = folder_path (fixture->folder, "dangling");

  folder_write (fixture->folder, "text", "ü\r\n\xff\nno end");
  folder_write (fixture->folder, "empty", "");
  folder_link (fixture->folder, "link", "text");
  folder_link (fixture->folder, "dangling", "nowhere");
  check_read (text, "ü\r\n\xff\nno end");
  check_read (empty, "");
  check_read (missing, NULL);
  check_read (below, NULL);
  check_read (link, "ü\r\n\xff\nno end");
  check_read (dangling, NULL);
}

static void
test_read_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *pipe = folder_path (fixture->folder, "pipe");
  g_autofree char *loop = folder_path (fixture->folder, "loop");
  g_autofree char *zero = folder_path (fixture->folder, "zero");
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  make_pipe (fixture->folder, "pipe");
  folder_link (fixture->folder, "loop", "loop");
  g_assert_true (g_file_set_contents (zero, "Port 22\n\0Port 23\n", 17, NULL));
  check_unreadable (fixture->folder->path, "is no ordinary file of at most 4 MiB");
  check_unreadable (pipe, "is no ordinary file");
  check_unreadable ("/dev/zero", "is no ordinary file");
  g_assert_false (store_read (loop, &text, &error));
  assert_failed (error, loop, "cannot be opened: ");
  check_unreadable (zero, "is no text file");
}

static void
test_read_large (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = folder_path (fixture->folder, "large");
  g_autofree char *most = g_strnfill (STORE_MAX_BYTES, 'x');
  g_autofree char *more = g_strnfill (STORE_MAX_BYTES + 1, 'x');

  folder_write (fixture->folder, "large", most);
  check_read (path, most);
  folder_write (fixture->folder, "large", more);
  check_unreadable (path, "is no ordinary file of at most 4 MiB");
}

static void
replace (const char *path, const char *text, guint mode)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (store_replace (path, text, mode, &error));
  g_assert_no_error (error);
}

static void
check_file (const char *path, guint mode, guint uid, guint gid)
{
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, mode);
  g_assert_cmpint (info.st_uid, ==, uid);
  g_assert_cmpint (info.st_gid, ==, gid);
}

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = folder_path (fixture->folder, "file");
  g_autofree char *long_text = g_strnfill (300000, 'x');
  g_autofree char *names = NULL;
  const mode_t before = umask (077);

  replace (path, "one\n", 0644);
  check_read (path, "one\n");
  check_file (path, 0644, geteuid (), getegid ());
  replace (path, "", 0644);
  check_read (path, "");
  replace (path, long_text, 0644);
  check_read (path, long_text);
  names = folder_names (fixture->folder);
  g_assert_cmpstr (names, ==, "file");
  replace (path, NULL, 0644);
  check_read (path, NULL);
  replace (path, NULL, 0644);
  replace (path, "two\n", 0600);
  check_file (path, 0600, geteuid (), getegid ());
  umask (before);
}

static void
test_replace_keeps (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint before;
    guint given;
    guint after;
  } cases[] = {
    { 0644, 0644, 0644 }, { 0600, 0644, 0600 }, { 0640, 0644, 0640 }, { 0666, 0644, 0644 },
    { 0755, 0644, 0644 }, { 0644, 0600, 0600 }, { 0444, 0644, 0444 },
  };
  g_autofree char *path = folder_path (fixture->folder, "file");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      folder_write (fixture->folder, "file", "one\n");
      g_assert_cmpint (g_chmod (path, (int) cases[i].before), ==, 0);
      g_assert_cmpint (chown (path, 1234, 5678), ==, 0);
      replace (path, "two\n", cases[i].given);
      check_read (path, "two\n");
      check_file (path, cases[i].after, 1234, 5678);
    }
}

/* user::rw-, user:1234:r--, group::r--, mask::r--, other::--- */
static void
test_replace_keeps_access_list (Fixture *fixture, gconstpointer data)
{
  static const char name[] = "system.posix_acl_access";
  static const guint16 list[] = {
    2, 0,      0x01,   6,    0xffff, 0xffff, 0x02,   4,    1234, 0,      0x04,
    4, 0xffff, 0xffff, 0x10, 4,      0xffff, 0xffff, 0x20, 0,    0xffff, 0xffff,
  };
  g_autofree char *path = folder_path (fixture->folder, "file");
  guint16 after[64];

  folder_write (fixture->folder, "file", "one\n");
  g_assert_cmpint (setxattr (path, name, list, sizeof list, 0), ==, 0);
  replace (path, "two\n", 0644);
  check_read (path, "two\n");
  check_file (path, 0640, geteuid (), getegid ());
  g_assert_cmpint (getxattr (path, name, after, sizeof after), ==, sizeof list);
  g_assert_cmpmem (after, sizeof list, list, sizeof list);
}

static void
check_fails (const char *path, const char *about, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (store_replace (path, "new\n", 0644, &error));
  assert_failed (error, about, what);
}

static void
test_replace_fails (Fixture *fixture, gconstpointer data)
{
  g_autofree char *taken = folder_path (fixture->folder, "taken");
  g_autofree char *missing = folder_path (fixture->folder, "missing");
  g_autofree char *below = folder_path (fixture->folder, "missing/file");
  g_autofree char *names = NULL;
  g_autoptr (GError) error = NULL;

  folder_write (fixture->folder, "taken/file", "");
  check_fails (taken, taken, "cannot be replaced: ");
  check_fails (below, missing, "cannot be written to: ");
  g_assert_false (store_replace (taken, NULL, 0644, &error));
  assert_failed (error, taken, "cannot be removed: ");
  names = folder_names (fixture->folder);
  g_assert_cmpstr (names, ==, "taken");
}

static void
check_refused (const char *path, const char *about, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (store_check (path, &error));
  assert_failed (error, about, what);
}

static void
check_allowed (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (store_check (path, &error));
  g_assert_no_error (error);
}

static void
test_check (Fixture *fixture, gconstpointer data)
{
  static const char *const kinds[][2] = {
    { "link", "is a symbolic link, which truenas-ssh does not replace; put an ordinary file" },
    { "dangling", "is a symbolic link" },
    { "pipe", "is no ordinary file" },
    { "folder", "is no ordinary file" },
    { "file/below", "cannot be used: " },
  };
  g_autofree char *file = folder_path (fixture->folder, "file");
  g_autofree char *missing = folder_path (fixture->folder, "missing");
  g_autofree char *below = folder_path (fixture->folder, "missing/below");

  folder_write (fixture->folder, "file", "");
  folder_write (fixture->folder, "folder/file", "");
  folder_link (fixture->folder, "link", "file");
  folder_link (fixture->folder, "dangling", "nowhere");
  make_pipe (fixture->folder, "pipe");
  check_allowed (file);
  check_allowed (missing);
  check_refused (below, missing, "cannot be written to: ");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = folder_path (fixture->folder, kinds[i][0]);

      check_refused (path, path, kinds[i][1]);
    }
}

static void
test_sweep (Fixture *fixture, gconstpointer data)
{
  g_autofree char *names = NULL;
  g_autofree char *missing = folder_path (fixture->folder, "missing");

  folder_write (fixture->folder, ".a.conf.truenas-ssh-AbC123", "");
  folder_write (fixture->folder, ".truenas-ssh-x.truenas-ssh-000000", "");
  folder_write (fixture->folder, "a.conf.truenas-ssh-AbC123", "");
  folder_write (fixture->folder, ".a.conf.truenas-ssh-AbC12", "");
  folder_write (fixture->folder, ".a.conf.truenas-ssh-AbC1234", "");
  folder_write (fixture->folder, ".hidden", "");
  store_sweep (fixture->folder->path);
  store_sweep (missing);
  names = folder_names (fixture->folder);
  g_assert_cmpstr (names, ==,
                   ".a.conf.truenas-ssh-AbC12 .a.conf.truenas-ssh-AbC1234 .hidden "
                   "a.conf.truenas-ssh-AbC123");
}

/* What somebody has written since it was read stays, and nothing is left beside it. */
static void
check_changed (Fixture *fixture, const char *before, const char *text)
{
  g_autofree char *path = folder_path (fixture->folder, "file");
  g_autofree char *names = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (store_update (path, before, text, 0644, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG);
  g_assert_true (g_str_has_prefix (error->message, path));
  names = folder_names (fixture->folder);
  g_assert_cmpstr (names, ==, "file");
  check_read (path, "one\n");
}

static void
test_update (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = folder_path (fixture->folder, "file");
  g_autoptr (GError) error = NULL;

  folder_write (fixture->folder, "file", "one\n");
  check_changed (fixture, "other\n", "two\n");
  check_changed (fixture, NULL, "two\n");
  check_changed (fixture, "other\n", NULL);
  g_assert_true (store_update (path, "one\n", "two\n", 0644, &error));
  check_read (path, "two\n");
  g_assert_true (store_update (path, "two\n", NULL, 0644, &error));
  check_read (path, NULL);
  g_assert_true (store_update (path, NULL, "one\n", 0600, &error));
  check_file (path, 0600, geteuid (), getegid ());
  g_assert_no_error (error);
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

  add ("/store/read", test_read);
  add ("/store/read/refused", test_read_refused);
  add ("/store/read/large", test_read_large);
  add ("/store/replace", test_replace);
  add ("/store/replace/keeps", test_replace_keeps);
  add ("/store/replace/keeps-access-list", test_replace_keeps_access_list);
  add ("/store/replace/fails", test_replace_fails);
  add ("/store/update", test_update);
  add ("/store/check", test_check);
  add ("/store/sweep", test_sweep);
  return g_test_run ();
}
