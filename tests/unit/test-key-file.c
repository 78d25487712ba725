/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "folder.h"
#include "key-file.h"
#include "user-path.h"

#define KEYS    ".ssh/authorized_keys"
#define ED25519 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const char *const usual[] = { KEYS, KEYS "2", NULL };

/* The only file, as for root with this home, and by way of its value. */
static KeyFile *
look (const Folder *home, const char *const *patterns, gboolean strict)
{
  const Account root = { .name = (char *) "root", .home = home->path };
  Account user = root;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GPtrArray) again = NULL;

  user.gids = g_array_new (FALSE, FALSE, sizeof (gid_t));
  files = key_files_read (&user, patterns, strict);
  value = key_files_serialize (files);
  again = key_files_deserialize (value);
  g_array_unref (user.gids);
  g_assert_cmpint (again->len, ==, files->len);
  return g_ptr_array_steal_index (again, 0);
}

static void
test_found (void)
{
  g_autoptr (Folder) home = folder_new ();
  g_autoptr (KeyFile) file = NULL;

  folder_write (home, KEYS, "# none\n\n" ED25519 "\nnonsense\nrestrict " ED25519);
  file = look (home, usual, FALSE);
  g_assert_cmpint (file->verdict->answer, ==, ANSWER_YES);
  g_assert_cmpint (file->keys->len, ==, 2);
  g_assert_false (file->missing);
  g_assert_false (file->partly);
}

static void
test_names (void)
{
  static const struct
  {
    const char *pattern;
    Answer answer;
    gboolean missing;
  } cases[] = {
    { KEYS, ANSWER_YES, FALSE },          { "%h/" KEYS, ANSWER_YES, FALSE },
    { "%h/%u-%U-%%", ANSWER_YES, FALSE }, { "%h/none", ANSWER_NO, TRUE },
    { "%x", ANSWER_MAYBE, FALSE },        { "%h/*", ANSWER_MAYBE, FALSE },
    { "/dev/null", ANSWER_MAYBE, FALSE },
  };
  g_autoptr (Folder) home = folder_new ();

  folder_write (home, KEYS, ED25519 "\n");
  folder_write (home, "root-0-%", ED25519 "\n");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const patterns[] = { cases[i].pattern, NULL };
      g_autoptr (KeyFile) file = look (home, patterns, FALSE);

      g_assert_cmpint (file->verdict->answer, ==, cases[i].answer);
      g_assert_cmpint (file->missing, ==, cases[i].missing);
    }
}

/* What sshd -T does not tell apart. */
static void
test_blank_in_a_name (void)
{
  static const char *const pieces[] = { "%h/a", "b", NULL };
  g_autoptr (Folder) home = folder_new ();
  g_autoptr (KeyFile) file = NULL;

  folder_write (home, "a b", ED25519 "\n");
  file = look (home, pieces, FALSE);
  g_assert_cmpint (file->verdict->answer, ==, ANSWER_MAYBE);
}

static void
test_what_is_no_file (void)
{
  g_autoptr (Folder) home = folder_new ();
  g_autofree char *path = folder_path (home, KEYS);
  g_autoptr (KeyFile) pipe = NULL;
  g_autoptr (KeyFile) folder = NULL;
  g_autoptr (KeyFile) loop = NULL;
  g_autoptr (KeyFile) dangling = NULL;

  folder_write (home, ".ssh/x", "");
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  pipe = look (home, usual, TRUE);
  g_assert_cmpint (pipe->verdict->answer, ==, ANSWER_NO);
  g_assert_false (pipe->missing);
  g_unlink (path);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  folder = look (home, usual, TRUE);
  g_assert_cmpint (folder->verdict->answer, ==, ANSWER_NO);
  g_rmdir (path);
  folder_link (home, KEYS, "authorized_keys");
  loop = look (home, usual, TRUE);
  g_assert_cmpint (loop->verdict->answer, ==, ANSWER_NO);
  g_unlink (path);
  folder_link (home, KEYS, "nowhere");
  dangling = look (home, usual, TRUE);
  g_assert_cmpint (dangling->verdict->answer, ==, ANSWER_MAYBE);
}

static void
test_rights (void)
{
  g_autoptr (Folder) home = folder_new ();
  g_autofree char *path = folder_path (home, KEYS);
  g_autoptr (KeyFile) others = NULL;
  g_autoptr (KeyFile) lax = NULL;
  g_autoptr (KeyFile) group = NULL;

  folder_write (home, KEYS, ED25519 "\n");
  g_chmod (path, 0666);
  others = look (home, usual, TRUE);
  g_assert_cmpint (others->verdict->answer, ==, ANSWER_NO);
  lax = look (home, usual, FALSE);
  g_assert_cmpint (lax->verdict->answer, ==, ANSWER_YES);
  g_chmod (path, 0660);
  group = look (home, usual, TRUE);
  g_assert_cmpint (group->verdict->answer, ==, ANSWER_YES);
  g_assert_cmpint (group->groups->len, ==, 1);
  g_assert_cmpstr (((UserPathGroup *) g_ptr_array_index (group->groups, 0))->path, ==, path);
}

static void
test_size (void)
{
  g_autoptr (Folder) home = folder_new ();
  g_autoptr (GString) text = g_string_new (ED25519 "\n");
  g_autoptr (KeyFile) file = NULL;

  while (text->len < 2 * 1024 * 1024)
    g_string_append (text, "# much\n");
  g_string_append (text, ED25519 "\n");
  folder_write (home, KEYS, text->str);
  file = look (home, usual, FALSE);
  g_assert_true (file->partly);
  g_assert_cmpint (file->keys->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/key-file/found", test_found);
  g_test_add_func ("/key-file/names", test_names);
  g_test_add_func ("/key-file/blank-in-a-name", test_blank_in_a_name);
  g_test_add_func ("/key-file/what-is-no-file", test_what_is_no_file);
  g_test_add_func ("/key-file/rights", test_rights);
  g_test_add_func ("/key-file/size", test_size);
  return g_test_run ();
}
