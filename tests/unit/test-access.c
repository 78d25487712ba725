/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "access.h"
#include "authorized-key.h"
#include "key-file.h"

#define NOW 1700000000
#define DEFAULTS                                                       \
  "usepam yes\npubkeyauthentication yes\npasswordauthentication yes\n" \
  "kbdinteractiveauthentication no\nauthenticationmethods any\n"       \
  "chrootdirectory none\nforcecommand none\nrevokedkeys none\n"
#define NO_ROOT_PASSWORD "permitrootlogin without-password\n"
#define ED25519          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* Somebody with a password and, unless it is NULL, such a line in the file of keys. */
typedef struct
{
  uid_t uid;
  const char *shell;
  gboolean shell_stands; /* it is none that can be run */
  gboolean locked;
  AccountPassword password;
  AccountAge age;
  const char *key;
  const char *group;
} Person;

static const Person ann = {
  1000, "/bin/sh", FALSE, FALSE, ACCOUNT_PASSWORD_SET, ACCOUNT_AGE_FINE, ED25519, "team"
};
static const Pam local = { .passwords_local = TRUE, .accounts_local = TRUE, .nologin = TRUE };

static GPtrArray *
key_files_of (const Person *person)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) key_file_free);
  KeyFile *file = g_new0 (KeyFile, 1);

  file->path = g_strdup ("/home/ann/.ssh/authorized_keys");
  file->verdict = verdict_yes ();
  file->groups = g_ptr_array_new ();
  file->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) authorized_key_free);
  file->missing = person->key == NULL;
  if (person->key == NULL)
    verdict_limit (file->verdict, ANSWER_NO, "%s is not there", file->path);
  else
    g_ptr_array_add (file->keys, authorized_key_parse (person->key));
  g_ptr_array_add (files, file);
  return files;
}

static Access *
decide_with (const Person *person, const char *lines, const Pam *pam, const char *nologin)
{
  char *groups[] = { (char *) person->group, NULL };
  const Account account = { .name = (char *) (person->uid == 0 ? "root" : "ann"),
                            .uid = person->uid,
                            .shell = (char *) person->shell,
                            .shell_runs = !person->shell_stands,
                            .groups = groups,
                            .locked = person->locked,
                            .password = person->password,
                            .age = person->age };
  g_autofree char *text = g_strconcat (lines, DEFAULTS, NULL);
  g_autoptr (Effective) effective = effective_parse (text);
  g_autoptr (GPtrArray) files = key_files_of (person);
  const AccessFacts facts = { .account = &account,
                              .effective = effective,
                              .pam = pam,
                              .nologin = nologin,
                              .key_files = files,
                              .now = NOW };

  return access_decide (&facts);
}

static const char letters[] = { 'n', 'm', 'y' };

/* A letter for password, keyboard-interactive, publickey, gssapi-with-mic and hostbased each. */
static void
check (const Person *person, const char *lines, const char *expected)
{
  g_autoptr (Access) access = decide_with (person, lines, &local, NULL);
  g_autoptr (GString) found = g_string_new (NULL);
  Answer best = ANSWER_NO;

  for (guint i = 0; i < access->ways->len; i++)
    {
      const AccessWay *way = g_ptr_array_index (access->ways, i);

      g_string_append_c (found, letters[way->verdict->answer]);
      best = MAX (best, way->verdict->answer);
    }
  if (!g_str_equal (found->str, expected))
    g_test_message ("%s", lines);
  g_assert_cmpstr (found->str, ==, expected);
  g_assert_cmpint (access_answer (access), ==, best);
}

static void
test_methods (void)
{
  Person person = ann;

  check (&ann, "", "ynynn");
  check (&ann, "passwordauthentication no\n", "nnynn");
  check (&ann, "kbdinteractiveauthentication yes\n", "yyynn");
  check (&ann, "kbdinteractiveauthentication yes\nusepam no\n", "ynynn");
  check (&ann, "pubkeyauthentication no\n", "ynnnn");
  check (&ann, "gssapiauthentication yes\n", "ynymn");
  check (&ann, "hostbasedauthentication yes\n", "ynynm");
  check (&ann, "kerberosauthentication yes\n", "mnynn");
  check (&ann, "authorizedkeyscommand /bin/x\n", "ynynn");
  person.key = NULL;
  check (&person, "", "ynnnn");
  check (&person, "authorizedkeyscommand /bin/x\n", "ynmnn");
  check (&person, "trustedusercakeys /etc/ca\n", "ynmnn");
  check (&person, "authorizedkeyscommand none\ntrustedusercakeys none\n", "ynnnn");
}

static void
test_accounts (void)
{
  Person person = ann;

  person.locked = TRUE;
  person.password = ACCOUNT_PASSWORD_NONE;
  check (&person, "", "nnynn");
  check (&person, "usepam no\n", "nnnnn");
  person = ann;
  person.age = ACCOUNT_AGE_EXPIRED;
  check (&person, "", "nnnnn");
  check (&person, "usepam no\n", "nnnnn");
  person.age = ACCOUNT_AGE_INACTIVE;
  check (&person, "", "nnnnn");
  check (&person, "usepam no\n", "mnmnn");
  person.age = ACCOUNT_AGE_CHANGE;
  check (&person, "", "mnmnn");
  person.age = ACCOUNT_AGE_UNKNOWN;
  check (&person, "", "mnmnn");
  person = ann;
  person.password = ACCOUNT_PASSWORD_EMPTY;
  check (&person, "", "nnynn");
  check (&person, "permitemptypasswords yes\n", "mnynn");
  check (&person, "permitemptypasswords yes\nusepam no\n", "ynynn");
  person.password = ACCOUNT_PASSWORD_UNKNOWN;
  check (&person, "", "mnynn");
}

static void
test_shells (void)
{
  Person person = ann;

  person.shell_stands = TRUE;
  check (&person, "", "nnnnn");
  check (&person, "chrootdirectory /srv\n", "mnmnn");
  person = ann;
  person.shell = "/usr/sbin/nologin";
  check (&person, "", "nnnnn");
  check (&person, "subsystem sftp internal-sftp -l INFO\n", "mnmnn");
  person.shell = "/bin/false";
  check (&person, "", "nnnnn");
  check (&ann, "forcecommand internal-sftp\n", "mnmnn");
}

static void
test_lists (void)
{
  check (&ann, "allowusers ann\n", "ynynn");
  check (&ann, "allowusers bob\nallowusers a*\n", "ynynn");
  check (&ann, "allowusers bob\n", "nnnnn");
  check (&ann, "allowusers ann@10.0.0.0/8\n", "mnmnn");
  check (&ann, "denyusers ann\n", "nnnnn");
  check (&ann, "denyusers *@*\n", "nnnnn");
  check (&ann, "denyusers ann@10.0.0.0/8\n", "mnmnn");
  check (&ann, "allowgroups team\n", "ynynn");
  check (&ann, "allowgroups t?\n", "nnnnn");
  check (&ann, "denygroups te*\n", "nnnnn");
  check (&ann, "maxsessions 0\n", "nnnnn");
  check (&ann, "refuseconnection yes\n", "nnnnn");
}

static void
test_root (void)
{
  Person root = ann;

  root.uid = 0;
  check (&root, "permitrootlogin yes\n", "ynynn");
  check (&root, NO_ROOT_PASSWORD "gssapiauthentication yes\n", "nnymn");
  check (&root, NO_ROOT_PASSWORD "kerberosauthentication yes\n", "nnynn");
  check (&root, "permitrootlogin no\n", "nnnnn");
  check (&root, "permitrootlogin forced-commands-only\ngssapiauthentication yes\n", "nnnnn");
  root.key = "command=\"x\" " ED25519;
  check (&root, "permitrootlogin forced-commands-only\n", "nnmnn");
}

static void
test_keys (void)
{
  Person person = ann;

  check (&ann, "pubkeyacceptedalgorithms ssh-ed25519\n", "ynynn");
  check (&ann, "pubkeyacceptedalgorithms rsa-sha2-512\n", "ynnnn");
  check (&ann, "revokedkeys /etc/revoked\n", "ynmnn");
  person.key = "from=\"10.0.0.0/8\" " ED25519;
  check (&person, "", "ynmnn");
  person.key = "expiry-time=\"20200101\" " ED25519;
  check (&person, "", "ynnnn");
  check (&person, "authorizedkeyscommand /bin/x\n", "ynmnn");
  person.key = "expiry-time=\"20990101\" " ED25519;
  check (&person, "", "ynynn");
  person.key = "cert-authority " ED25519;
  check (&person, "", "ynmnn");
  person.key = "new-option " ED25519;
  check (&person, "", "ynmnn");
}

static void
test_several (void)
{
  Person person = ann;

  check (&ann, "authenticationmethods publickey\n", "y");
  check (&ann, "authenticationmethods publickey,password keyboard-interactive\n", "yn");
  check (&ann, "authenticationmethods publickey,publickey\n", "m");
  check (&ann, "authenticationmethods new-method\n", "m");
  person.key = NULL;
  check (&person, "authenticationmethods publickey,password\n", "n");
}

static void
test_pam (void)
{
  static const Pam far = { 0 };
  Person person = ann;
  g_autoptr (Access) kept_out = decide_with (&ann, "", &local, "/etc/nologin");
  g_autoptr (Access) sshds = decide_with (&ann, "usepam no\n", &local, "/run/nologin");
  g_autoptr (Access) unknown = decide_with (&ann, "", &far, NULL);
  g_autoptr (Access) expired = NULL;

  g_assert_cmpint (access_answer (kept_out), ==, ANSWER_NO);
  g_assert_cmpint (access_answer (sshds), ==, ANSWER_YES);
  g_assert_cmpint (access_answer (unknown), ==, ANSWER_MAYBE);
  person.password = ACCOUNT_PASSWORD_NONE;
  person.age = ACCOUNT_AGE_EXPIRED;
  expired = decide_with (&person, "", &far, NULL);
  g_assert_cmpint (access_answer (expired), ==, ANSWER_MAYBE);
}

static void
test_obstacles (void)
{
  Person root = ann;
  g_autoptr (Access) off = NULL;
  g_autofree char *text = NULL;
  g_autoptr (Access) denied = decide_with (&ann, "denyusers ann\n", &local, NULL);
  g_autofree char *why = access_obstacles (denied);

  g_assert_cmpstr (why, ==, "DenyUsers keeps it out");
  root.uid = 0;
  root.key = NULL;
  off = decide_with (&root, "passwordauthentication no\n" NO_ROOT_PASSWORD, &local, NULL);
  text = access_obstacles (off);
  g_assert_cmpstr (text, ==,
                   "no password login (PasswordAuthentication off), "
                   "no authorized key in /home/ann/.ssh/authorized_keys");
}

static void
test_shadow (void)
{
  static const struct
  {
    const char *field;
    AccountPassword password;
  } fields[] = {
    { "", ACCOUNT_PASSWORD_EMPTY },
    { "*", ACCOUNT_PASSWORD_NONE },
    { "!", ACCOUNT_PASSWORD_NONE },
    { "!$6$salt$hashhashhash", ACCOUNT_PASSWORD_NONE },
    { "$y$j9T$saltsalt$hashhashhash", ACCOUNT_PASSWORD_SET },
    { "abcdefghijklm", ACCOUNT_PASSWORD_SET },
    { "x", ACCOUNT_PASSWORD_UNKNOWN },
    { "$6$", ACCOUNT_PASSWORD_UNKNOWN },
  };
  static const struct
  {
    glong changed, most, inactive, expire;
    AccountAge age;
  } ages[] = {
    { 900, 99999, -1, -1, ACCOUNT_AGE_FINE },   { 900, -1, -1, 999, ACCOUNT_AGE_EXPIRED },
    { 900, -1, -1, 1000, ACCOUNT_AGE_UNKNOWN }, { 900, -1, -1, 1001, ACCOUNT_AGE_FINE },
    { 0, 99999, -1, -1, ACCOUNT_AGE_CHANGE },   { 900, 100, -1, -1, ACCOUNT_AGE_FINE },
    { 900, 99, -1, -1, ACCOUNT_AGE_CHANGE },    { 900, 90, 10, -1, ACCOUNT_AGE_CHANGE },
    { 900, 90, 9, -1, ACCOUNT_AGE_INACTIVE },   { 2000, 90, 9, -1, ACCOUNT_AGE_FINE },
    { -1, 90, 9, -1, ACCOUNT_AGE_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    g_assert_cmpint (account_judge_password (fields[i].field), ==, fields[i].password);
  for (gsize i = 0; i < G_N_ELEMENTS (ages); i++)
    {
      const struct spwd entry = { .sp_lstchg = ages[i].changed,
                                  .sp_max = ages[i].most,
                                  .sp_inact = ages[i].inactive,
                                  .sp_expire = ages[i].expire };

      g_assert_cmpint (account_judge_age (&entry, 1000), ==, ages[i].age);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/access/methods", test_methods);
  g_test_add_func ("/access/accounts", test_accounts);
  g_test_add_func ("/access/shells", test_shells);
  g_test_add_func ("/access/lists", test_lists);
  g_test_add_func ("/access/root", test_root);
  g_test_add_func ("/access/keys", test_keys);
  g_test_add_func ("/access/several", test_several);
  g_test_add_func ("/access/pam", test_pam);
  g_test_add_func ("/access/obstacles", test_obstacles);
  g_test_add_func ("/access/shadow", test_shadow);
  return g_test_run ();
}
