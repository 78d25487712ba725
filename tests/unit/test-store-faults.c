/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files replaced while somebody reads them, where there is no room, and where a mount is. */

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "store.h"
#include "truenas-ssh-error.h"

#define N_REPLACED 400

/* Reads until it sees the end; its exit status tells whether every text was whole. */
static void
read_on (const char *path, const char *a, const char *b)
{
  for (guint n = 0;; n++)
    {
      char *text = NULL;

      if (!store_read (path, &text, NULL) || text == NULL)
        _exit (1);
      if (*text == '\0')
        _exit (n > 10 ? 0 : 2);
      if (!g_str_equal (text, a) && !g_str_equal (text, b))
        _exit (3);
      g_free (text);
    }
}

static void
replace (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (store_replace (path, text, 0644, &error));
  g_assert_no_error (error);
}

static void
test_whole_at_every_instant (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autofree char *path = folder_path (folder, "file");
  g_autofree char *a = g_strnfill (20000, 'a');
  g_autofree char *b = g_strnfill (30000, 'b');
  int status = -1;
  pid_t reader;

  replace (path, a);
  reader = fork ();
  if (reader == 0)
    read_on (path, a, b);
  g_assert_cmpint (reader, >, 0);
  for (guint i = 0; i < N_REPLACED; i++)
    replace (path, i % 2 ? a : b);
  replace (path, "");
  g_assert_cmpint (waitpid (reader, &status, 0), ==, reader);
  g_assert_cmpint (status, ==, 0);
}

/* It fails, says why, and leaves the folder as it was. */
static void
check_fails (const Folder *folder, const char *text, const char *what)
{
  g_autofree char *path = folder_path (folder, "file");
  g_autofree char *begin = g_strdup_printf ("%s: %s", path, what);
  g_autofree char *before = folder_read (folder, "file");
  g_autofree char *after = NULL;
  g_autofree char *names = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (store_replace (path, text, 0644, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, begin));
  after = folder_read (folder, "file");
  g_assert_cmpstr (after, ==, before);
  names = folder_names (folder);
  g_assert_cmpstr (names, ==, before ? "file" : "");
}

static void
test_file_limit (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autofree char *text = g_strnfill (5000, 'x');
  struct rlimit limit, low;

  folder_write (folder, "file", "old\n");
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  low = limit;
  low.rlim_cur = 4096;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
  check_fails (folder, text, "cannot be written: ");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
}

static void
mount_over (const char *source, const char *path, const char *type, unsigned long flags)
{
  const char *options = type != NULL ? "size=64k,mode=0755" : NULL;

  if (mount (source, path, type, flags, options) != 0)
    g_error ("%s cannot be mounted: %s", path, g_strerror (errno));
}

static void
test_full (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autofree char *text = g_strnfill (200000, 'x');

  mount_over ("none", folder->path, "tmpfs", 0);
  check_fails (folder, text, "cannot be written: ");
  folder_write (folder, "file", "old\n");
  check_fails (folder, text, "cannot be written: ");
  g_assert_cmpint (umount (folder->path), ==, 0);
}

static void
check_refused (const char *path, const char *about, const char *what)
{
  g_autofree char *begin = g_strdup_printf ("%s: %s", about, what);
  g_autoptr (GError) error = NULL;

  g_assert_false (store_check (path, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, begin));
}

static void
test_read_only (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autofree char *path = folder_path (folder, "file");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  mount_over ("none", folder->path, "tmpfs", 0);
  folder_write (folder, "file", "old\n");
  mount_over ("none", folder->path, "tmpfs", MS_REMOUNT | MS_RDONLY);
  check_refused (path, folder->path, "cannot be written to: ");
  g_assert_false (store_replace (path, "new\n", 0644, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
  text = folder_read (folder, "file");
  g_assert_cmpstr (text, ==, "old\n");
  g_assert_cmpint (umount (folder->path), ==, 0);
}

static void
test_mount (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autoptr (Folder) other = folder_new ();
  g_autofree char *path = folder_path (folder, "file");
  g_autofree char *source = folder_path (other, "file");

  folder_write (folder, "file", "below\n");
  folder_write (other, "file", "above\n");
  mount_over (source, path, NULL, MS_BIND);
  check_refused (path, path, "is a mount, which truenas-ssh does not replace");
  check_fails (folder, "new\n", "cannot be replaced: ");
  g_assert_cmpint (umount (path), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Mounts are for this process only. */
  if (unshare (CLONE_NEWNS) != 0 || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    g_error ("these tests have to be able to mount: %s", g_strerror (errno));

  g_test_add_func ("/store-faults/whole-at-every-instant", test_whole_at_every_instant);
  g_test_add_func ("/store-faults/file-limit", test_file_limit);
  g_test_add_func ("/store-faults/full", test_full);
  g_test_add_func ("/store-faults/read-only", test_read_only);
  g_test_add_func ("/store-faults/mount", test_mount);
  return g_test_run ();
}
