/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdio.h>

#include "folder.h"
#include "group-file.h"

static gboolean
add (const struct group *group, gpointer user_data)
{
  g_string_append_printf (user_data, "%s=%u ", group->gr_name, group->gr_gid);
  return TRUE;
}

/* What is found in a folder; (nullable) NULL: the name service has to be asked. */
static char *
find (const Folder *folder, const char *prefix)
{
  g_autoptr (GString) text = g_string_new (NULL);

  return group_file_enumerate (folder->path, prefix, add, text)
             ? g_string_free (g_steal_pointer (&text), FALSE)
             : NULL;
}

static void
check (const Folder *folder, const char *prefix, const char *expected)
{
  g_autofree char *found = find (folder, prefix);

  g_assert_cmpstr (found, ==, expected);
}

static void
test_sources (void)
{
  static const struct
  {
    const char *nsswitch;
    gboolean alone;
  } cases[] = {
    { "group: files\n", TRUE },
    { "passwd: files sss\n\n \tgroup :\tfiles  # sss\nsudoers: sss\n", TRUE },
    { "group:files", TRUE },
    { "group: files\ngroup: files\n", TRUE },
    { "group: files systemd\n", FALSE },
    { "group: files [SUCCESS=merge] sss\n", FALSE },
    { "group: sss files\n", FALSE },
    { "group: compat\n", FALSE },
    /* The last one counts for the C library. */
    { "group: files\ngroup: files ldap\n", FALSE },
    { "group: files ldap\ngroup: files\n", FALSE },
    { "group:\n", FALSE },
    { "#group: files\nnetgroup: files\n", FALSE },
    { "", FALSE },
    { NULL, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Folder) folder = folder_new ();

      g_test_message ("%s", cases[i].nsswitch);
      folder_write (folder, "etc/group", "one:x:1:\n");
      if (cases[i].nsswitch != NULL)
        folder_write (folder, "etc/nsswitch.conf", cases[i].nsswitch);
      check (folder, "", cases[i].alone ? "one=1 " : NULL);
    }
}

static void
test_prefix (void)
{
  g_autoptr (Folder) folder = folder_new ();

  folder_write (folder, "etc/nsswitch.conf", "group: files\n");
  check (folder, "", NULL);
  folder_write (folder, "etc/group", "");
  check (folder, "", "");
  folder_write (folder, "etc/group",
                "one:x:1:\ntwo words:x:2:ada,bob\n \tthree:x:3:\n#four:x:4:\nbroken\none:x:5:\n"
                "five:x:many:\n\n::6:\ngr\xfcppe:x:7:\nonly:x:8:");
  check (folder, "o", "one=1 one=5 only=8 ");
  check (folder, "one", "one=1 one=5 ");
  check (folder, "two ", "two words=2 ");
  check (folder, "thr", "three=3 ");
  check (folder, "gr", "gr\xfcppe=7 ");
  check (folder, "only", "only=8 ");
  check (folder, "only:x:8:more", "");
  check (folder, "#", "");
  check (folder, "b", "");
  check (folder, "O", "");
}

/* Line by line the same as the C library finds in it. */
static void
test_real (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autofree char *text = NULL;
  const struct group *group;
  FILE *file = fopen ("/etc/group", "r");

  g_assert_nonnull (file);
  while ((group = fgetgrent (file)) != NULL)
    add (group, expected);
  fclose (file);
  g_assert_true (g_file_get_contents ("/etc/group", &text, NULL, NULL));
  folder_write (folder, "etc/nsswitch.conf", "group: files\n");
  folder_write (folder, "etc/group", text);
  check (folder, "", expected->str);
}

static void
test_large (void)
{
  g_autoptr (Folder) folder = folder_new ();
  g_autoptr (GString) text = g_string_new ("crowd:x:1:");

  for (guint i = 0; i < 20000; i++)
    g_string_append (text, i == 0 ? "a" : ",a");
  g_string_append (text, "\nafter:x:2:\n");
  folder_write (folder, "etc/nsswitch.conf", "group: files\n");
  folder_write (folder, "etc/group", text->str);
  check (folder, "", "crowd=1 after=2 ");
  check (folder, "c", "crowd=1 ");

  /* More than anybody reads at once. */
  for (guint i = 0; i < 400000; i++)
    g_string_append (text, "more:x:3:\n\n");
  folder_write (folder, "etc/group", text->str);
  check (folder, "a", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/group-file/sources", test_sources);
  g_test_add_func ("/group-file/prefix", test_prefix);
  g_test_add_func ("/group-file/real", test_real);
  g_test_add_func ("/group-file/large", test_large);
  return g_test_run ();
}
