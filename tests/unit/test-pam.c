/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "folder.h"
#include "pam.h"

#define DEBIAN_AUTH                                              \
  "auth\t[success=1 default=ignore]\tpam_unix.so nullok # one\n" \
  "auth\trequisite\tpam_deny.so\n"                               \
  "auth\trequired\tpam_permit.so\nauth optional pam_cap.so\n"
#define DEBIAN_ACCOUNT                                                     \
  "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n" \
  "account requisite pam_deny.so\naccount required pam_permit.so\n"

static const struct
{
  const char *sshd, *common;
  gboolean passwords, accounts, nologin;
} cases[] = {
  { "@include common\naccount required pam_nologin.so\n" DEBIAN_ACCOUNT, DEBIAN_AUTH, TRUE, TRUE,
    TRUE },
  { "auth include common\naccount substack common\nsession required pam_limits.so\n",
    "auth required pam_env.so\nauth required pam_unix.so\naccount required pam_unix.so\n", TRUE,
    TRUE, FALSE },
  { "auth sufficient pam_unix.so\nauth required pam_deny.so\n-account required pam_unix.so\n", NULL,
    TRUE, TRUE, FALSE },
  /* Somebody else may know a password, or have a say. */
  { "auth sufficient pam_unix.so\nauth sufficient pam_sss.so\nauth required pam_deny.so\n"
    "account required pam_unix.so\naccount required pam_access.so\n",
    NULL, FALSE, FALSE, FALSE },
  /* Nobody is refused. */
  { "auth sufficient pam_permit.so\nauth required pam_unix.so\naccount optional pam_unix.so\n",
    NULL, FALSE, FALSE, FALSE },
  { "auth sufficient pam_unix.so\nauth required pam_permit.so\naccount required pam_permit.so\n",
    NULL, FALSE, FALSE, FALSE },
  /* What cannot be read. */
  { "@include missing\nauth required pam_unix.so\naccount required pam_unix.so\n", NULL, FALSE,
    FALSE, FALSE },
  { "@include sshd\n", NULL, FALSE, FALSE, FALSE },
  { "auth required \\\npam_unix.so\naccount required pam_unix.so\n", NULL, FALSE, FALSE, FALSE },
  { "", NULL, FALSE, FALSE, FALSE },
  { NULL, NULL, FALSE, FALSE, FALSE },
};

static void
test_stacks (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Folder) folder = folder_new ();
      const char *const folders[] = { folder->path, NULL };
      Pam pam;

      if (cases[i].sshd != NULL)
        folder_write (folder, "sshd", cases[i].sshd);
      if (cases[i].common != NULL)
        folder_write (folder, "common", cases[i].common);
      pam = pam_read (folders, "sshd");
      g_assert_cmpint (pam.passwords_local, ==, cases[i].passwords);
      g_assert_cmpint (pam.accounts_local, ==, cases[i].accounts);
      g_assert_cmpint (pam.nologin, ==, cases[i].nologin);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pam/stacks", test_stacks);
  return g_test_run ();
}
