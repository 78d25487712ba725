/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "directory.h"
#include "folder.h"

#define LOCAL "auth required pam_unix.so\naccount required pam_unix.so\n"
#define JOINED \
  "auth sufficient pam_unix.so\nauth sufficient pam_sss.so\nauth required pam_deny.so\n"

static const struct
{
  const char *nsswitch, *pam, *sssd, *found;
} cases[] = {
  { "passwd: files sss\n", JOINED, "etc/sssd/sssd.conf", "sss" },
  { "passwd:sss files\n", JOINED, "etc/sssd/conf.d/one.conf", "sss" },
  { "# passwd: ldap\n  passwd :\tfiles [!NOTFOUND=return] ldap # x\n", JOINED, NULL, "ldap" },
  { "group: files\npasswd: files winbind\npasswd: files\n", JOINED, NULL, "winbind" },
  /* Only of this machine. */
  { "passwd: files systemd\ngroup: files sss\n", JOINED, "etc/sssd/sssd.conf", NULL },
  { "passwd: files altfiles compat db extrausers #ldap\n", JOINED, NULL, NULL },
  { "passwd:\n", JOINED, NULL, NULL },
  { "", JOINED, NULL, NULL },
  { NULL, JOINED, NULL, NULL },
  /* Named, but not set up. */
  { "passwd: files sss\n", JOINED, NULL, NULL },
  { "passwd: files sss\n", JOINED, "etc/sssd/conf.d/readme", NULL },
  /* Nothing takes its passwords. */
  { "passwd: files ldap\n", LOCAL, NULL, NULL },
  { "passwd: files sss\nshadow: files sss\n", LOCAL, "etc/sssd/sssd.conf", NULL },
  { "passwd: files ldap\n", NULL, NULL, NULL },
  /* Its shadow entries are as good as local ones. */
  { "passwd: files nis\nshadow: files nis\n", LOCAL, NULL, "nis" },
  { "passwd: files ldap\nshadow: files ldap\n", NULL, NULL, "ldap" },
};

static void
test_with_passwords (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Folder) folder = folder_new ();
      g_autofree char *found = NULL;

      if (cases[i].nsswitch != NULL)
        folder_write (folder, "etc/nsswitch.conf", cases[i].nsswitch);
      if (cases[i].pam != NULL)
        folder_write (folder, "etc/pam.d/sshd", cases[i].pam);
      if (cases[i].sssd != NULL)
        folder_write (folder, cases[i].sssd, "");
      found = directory_with_passwords (folder->path, cases[i].pam != NULL ? "sshd" : NULL);
      g_test_message ("%s", cases[i].nsswitch);
      g_assert_cmpstr (found, ==, cases[i].found);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/directory/with-passwords", test_with_passwords);
  return g_test_run ();
}
