/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever the settings, sshd takes what is written and does it, for whom it is meant. */

#include "config.h"

#include <string.h>

#include "facts.h"
#include "real-sshd.h"
#include "settings.h"

#define SEED       20260101
#define N_SETTINGS 100
#define BASE       "Subsystem sftp /usr/lib/openssh/sftp-server\n"
#define FROM       ",host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=22"

/* What files of others say behind ours, for everybody and for two users. */
#define FOREIGN                                                                              \
  "Match User nobody,root\n PasswordAuthentication yes\n KbdInteractiveAuthentication yes\n" \
  " GSSAPIAuthentication yes\n AllowTcpForwarding yes\n Banner /foreign\n"
#define FOREIGN_NO                                                                    \
  "Match User nobody\n PasswordAuthentication no\n KbdInteractiveAuthentication no\n" \
  " GSSAPIAuthentication no\n AllowTcpForwarding no\n"

/* The whole of what sshd prints, which facts are made of. */
static char *base_text;

static void
add (GRand *rand, GString *settings, const char *name, const char *const *values, guint n)
{
  if (g_rand_int_range (rand, 0, 3) == 0)
    return;
  g_string_append_printf (settings, "%s'%s': <%s>", settings->len > 1 ? ", " : "", name,
                          values[g_rand_int_range (rand, 0, (gint32) n)]);
}

static char *
random_settings (GRand *rand)
{
  static const char *const ports[] = { "uint16 1", "uint16 22", "uint16 65535" };
  static const char *const groups[] = { "@as []", "['root']", "['no group', 'ro?t']" };
  static const char *const booleans[] = { "true", "false" };
  static const char *const interfaces[] = { "@as []", "['lo']" };
  static const char *const levels[] = { "''", "'INFO'", "'DEBUG3'" };
  static const char *const facilities[] = { "''", "'AUTH'", "'LOCAL7'" };
  static const char *const weak[] = { "@as []", "['AES128-CBC']" };
  static const char *const texts[] = {
    "''",
    "'UseDNS no\\n'",
    "'# a comment\\n\\nMaxSessions 3\\nMatch User x\\n\\tBanner /x'",
    "'Match User x\\nPasswordAuthentication yes\\nMatch Group y\\nAllowTcpForwarding yes\\n'",
  };
  GString *settings = g_string_new ("{");

  add (rand, settings, "TcpPort", ports, G_N_ELEMENTS (ports));
  add (rand, settings, "PasswordLoginGroups", groups, G_N_ELEMENTS (groups));
  add (rand, settings, "PasswordAuthentication", booleans, G_N_ELEMENTS (booleans));
  add (rand, settings, "KerberosAuthentication", booleans, G_N_ELEMENTS (booleans));
  add (rand, settings, "TcpForwarding", booleans, G_N_ELEMENTS (booleans));
  add (rand, settings, "BindInterfaces", interfaces, G_N_ELEMENTS (interfaces));
  add (rand, settings, "Compression", booleans, G_N_ELEMENTS (booleans));
  add (rand, settings, "SftpLogLevel", levels, G_N_ELEMENTS (levels));
  add (rand, settings, "SftpLogFacility", facilities, G_N_ELEMENTS (facilities));
  add (rand, settings, "WeakCiphers", weak, G_N_ELEMENTS (weak));
  add (rand, settings, "AuxiliaryParameters", texts, G_N_ELEMENTS (texts));
  g_string_append_c (settings, '}');
  return g_string_free (settings, FALSE);
}

static char *
render (const SshdConfigFacts *facts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SshdConfig) config = sshd_config_render (facts, &error);

  g_assert_no_error (error);
  return g_steal_pointer (&config->text);
}

static void
assert_holds (const Facts *facts, const Effective *effective)
{
  const char *const *names = settings_names ();

  for (gsize i = 0; names[i] != NULL; i++)
    if (!sshd_config_holds (&facts->facts, effective, names[i]))
      {
        g_autofree char *printed = g_variant_print (facts->settings, TRUE);

        g_error ("%s does not hold: %s", names[i], printed);
      }
}

static void
test_any_settings (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  for (guint i = 0; i < N_SETTINGS; i++)
    {
      g_autofree char *settings = random_settings (rand);
      g_autoptr (Facts) facts = facts_new (settings, base_text);
      g_autofree char *config = render (&facts->facts);
      const char *rest = strstr (config, "Subsystem sftp ") != NULL ? "" : BASE;
      g_autofree char *whole = g_strconcat (rest, config, FOREIGN, NULL);
      g_autoptr (Effective) effective = real_sshd_effective (whole);

      assert_holds (facts, effective);
    }
}

/* What a connection gets of passwords, Kerberos and forwarding, and that the foreign block counts.
 */
static void
check_for (const char *settings, const char *foreign, const char *user, const char *expected)
{
  g_autoptr (Facts) facts = facts_new (settings, base_text);
  g_autofree char *config = render (&facts->facts);
  g_autofree char *whole = g_strconcat (config, foreign, NULL);
  g_autofree char *path = folder_path (real_sshd_folder (), "whole.conf");
  g_autofree char *connection = g_strdup_printf ("user=%s" FROM, user);
  g_autofree char *got = NULL;
  g_autoptr (Effective) effective = NULL;

  folder_write (real_sshd_folder (), "whole.conf", whole);
  effective = real_sshd_effective_file (path, connection);
  got = g_strjoin (" ", effective_get (effective, "passwordauthentication"),
                   effective_get (effective, "kbdinteractiveauthentication"),
                   effective_get (effective, "gssapiauthentication"),
                   effective_get (effective, "allowtcpforwarding"), NULL);
  g_test_message ("%s for %s", settings, user);
  g_assert_cmpstr (got, ==, expected);
}

#define CLOSED                                                              \
  "{'PasswordAuthentication': <false>, 'KerberosAuthentication': <false>, " \
  "'TcpForwarding': <false>}"
#define OPEN                                                              \
  "{'PasswordAuthentication': <true>, 'KerberosAuthentication': <true>, " \
  "'TcpForwarding': <true>}"
#define GROUPS "{'PasswordAuthentication': <true>, 'PasswordLoginGroups': <['root']>}"

/* A Match block of others cannot open what a setting closes, but close what it opens. */
static void
test_foreign_match (void)
{
  check_for (CLOSED, FOREIGN, "nobody", "no no no no");
  check_for (CLOSED, FOREIGN, "root", "no no no no");
  check_for (OPEN, FOREIGN_NO, "nobody", "no no no no");
  check_for (OPEN, FOREIGN_NO, "root", "yes yes yes yes");
  check_for (GROUPS, FOREIGN, "nobody", "no no yes yes");
  check_for (GROUPS, FOREIGN, "root", "yes yes yes yes");
  check_for (GROUPS, "", "nobody", "no no no yes");
  check_for (GROUPS, "", "root", "yes yes no yes");
  check_for ("{'PasswordLoginGroups': <['root']>}", FOREIGN, "nobody", "no no yes yes");
  check_for ("{'PasswordLoginGroups': <['root']>}", FOREIGN, "root", "yes yes yes yes");
  check_for ("{'TcpForwarding': <false>}", FOREIGN, "nobody", "yes yes yes no");
}

/* One of the auxiliary text can make an exception: it is the caller's own. */
static void
test_auxiliary_match (void)
{
  static const char settings[] =
      "{'PasswordAuthentication': <false>, 'TcpForwarding': <false>, 'AuxiliaryParameters': "
      "<'Match User nobody\\n  AllowTcpForwarding yes\\n'>}";

  check_for (settings, FOREIGN, "nobody", "no no yes yes");
  check_for (settings, FOREIGN, "root", "no no yes no");
}

/* With names that mean something to sshd's parser or to its patterns. */
static void
test_group_patterns (void)
{
  static const char *const patterns[] = {
    "domain users", "gr?pp?", "größe", "a?b", "-x", "%u", "$x"
  };
  g_autoptr (Facts) facts = facts_new ("{'PasswordLoginGroups': <['x']>}", base_text);

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      const char *groups[] = { patterns[i], "r??t", NULL };
      g_autofree char *config = NULL;
      g_autofree char *path = folder_path (real_sshd_folder (), "groups.conf");
      g_autoptr (Effective) effective = NULL;

      facts->facts.groups = groups;
      config = render (&facts->facts);
      folder_write (real_sshd_folder (), "groups.conf", config);
      effective = real_sshd_effective_file (path, "user=root" FROM);
      g_assert_cmpstr (effective_get (effective, "passwordauthentication"), ==, "yes");
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (RealAnswer) base = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();
  base = real_sshd_print (BASE);
  base_text = base->out;

  g_test_add_func ("/sshd-config-sshd/any-settings", test_any_settings);
  g_test_add_func ("/sshd-config-sshd/foreign-match", test_foreign_match);
  g_test_add_func ("/sshd-config-sshd/auxiliary-match", test_auxiliary_match);
  g_test_add_func ("/sshd-config-sshd/group-patterns", test_group_patterns);
  status = g_test_run ();
  real_sshd_tear_down ();
  return status;
}
