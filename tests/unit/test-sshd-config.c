/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings into the language of sshd_config(5). */

#include "config.h"

#include <string.h>

#include "facts.h"
#include "real-sshd.h"
#include "settings.h"
#include "truenas-ssh-error.h"

/* What sshd does without us. */
#define YES  "passwordauthentication yes\nkbdinteractiveauthentication yes\nusepam yes\n"
#define NO   "passwordauthentication no\nkbdinteractiveauthentication no\nusepam yes\n"
#define SFTP "subsystem sftp /usr/lib/openssh/sftp-server\n"

static const char *const no_names[] = { NULL };

/* What is written. */
#define PASSWORD(x)                   "PasswordAuthentication " x "\nKbdInteractiveAuthentication " x "\n"
#define PASSWORD_4(x)                 "    PasswordAuthentication " x "\n    KbdInteractiveAuthentication " x "\n"
#define CLOSED                        PASSWORD ("no") "Match all\n" PASSWORD_4 ("no")
#define LISTEN(address, port, device) "ListenAddress " address ":" #port " rdomain " device "\n"
#define LO(port)                      LISTEN ("127.0.0.1", port, "lo") LISTEN ("[::1]", port, "lo")
#define ANY(port, device)             LISTEN ("0.0.0.0", port, device) LISTEN ("[::]", port, device)

typedef struct
{
  const char *settings;
  const char *base;
  const char *config;
} Case;

static void
check (const char *settings, const char *base, const char *expected)
{
  g_autoptr (Facts) facts = facts_new (settings, base);
  g_autoptr (GError) error = NULL;
  g_autoptr (SshdConfig) config = sshd_config_render (&facts->facts, &error);
  g_autoptr (RealAnswer) result = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (config->text, ==, expected);
  result = real_sshd_test (config->text);
  g_assert_cmpstr (result->err, ==, "");
  g_assert_cmpint (result->status, ==, 0);
}

static void
check_all (const Case *cases, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_test_message ("%s", cases[i].settings);
      check (cases[i].settings, cases[i].base, cases[i].config);
    }
}

static void
test_plain (void)
{
  static const Case cases[] = {
    { "{}", "", "" },
    { "{'TcpPort': <uint16 2222>}", "", "Port 2222\n" },
    { "{'KerberosAuthentication': <true>}", "", "GSSAPIAuthentication yes\n" },
    { "{'KerberosAuthentication': <false>}", "",
      "GSSAPIAuthentication no\nMatch all\n    GSSAPIAuthentication no\n" },
    { "{'TcpForwarding': <true>}", "", "AllowTcpForwarding yes\n" },
    { "{'TcpForwarding': <false>}", "",
      "AllowTcpForwarding no\nMatch all\n    AllowTcpForwarding no\n" },
    { "{'Compression': <true>}", "", "Compression yes\n" },
    { "{'Compression': <false>}", "", "Compression no\n" },
    { "{'BindInterfaces': <@as []>}", "", "" },
    { "{'AuxiliaryParameters': <''>}", "", "" },
    { "{'KerberosAuthentication': <false>, 'TcpForwarding': <false>, 'Compression': <false>}", "",
      "GSSAPIAuthentication no\nAllowTcpForwarding no\nCompression no\nMatch all\n"
      "    GSSAPIAuthentication no\n    AllowTcpForwarding no\n" },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

static void
test_passwords (void)
{
  static const Case cases[] = {
    { "{'PasswordAuthentication': <true>}", NO, PASSWORD ("yes") },
    { "{'PasswordAuthentication': <false>}", YES, CLOSED },
    { "{'PasswordLoginGroups': <@as []>}", YES, "" },
    { "{'PasswordLoginGroups': <@as []>, 'PasswordAuthentication': <true>}", NO, PASSWORD ("yes") },
    { "{'PasswordLoginGroups': <['a', 'b c']>, 'PasswordAuthentication': <true>}", NO,
      PASSWORD ("no") "Match Group \"a,b c\"\n" PASSWORD_4 ("yes") "Match all\n" PASSWORD_4 (
          "no") },
    { "{'PasswordLoginGroups': <['a?b']>}", YES,
      PASSWORD ("no") "Match Group \"a?b\"\n" PASSWORD_4 ("yes") "Match all\n" PASSWORD_4 ("no") },
    { "{'PasswordLoginGroups': <['a']>}", NO, CLOSED },
    { "{'PasswordLoginGroups': <['a']>}",
      "passwordauthentication no\nkbdinteractiveauthentication yes\nusepam yes\n",
      PASSWORD ("no") "Match Group \"a\"\n" PASSWORD_4 ("yes") "Match all\n" PASSWORD_4 ("no") },
    { "{'PasswordLoginGroups': <['a']>}",
      "passwordauthentication no\nkbdinteractiveauthentication yes\nusepam no\n", CLOSED },
    { "{'PasswordLoginGroups': <['a']>, 'PasswordAuthentication': <false>}", YES, CLOSED },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

/* Groups that are gone let nobody in. */
static void
test_passwords_no_group (void)
{
  g_autoptr (Facts) facts =
      facts_new ("{'PasswordLoginGroups': <['a']>, 'PasswordAuthentication': <true>}", YES);
  g_autoptr (SshdConfig) config = NULL;

  facts->facts.groups = no_names;
  config = sshd_config_render (&facts->facts, NULL);
  g_assert_cmpstr (config->text, ==, CLOSED);
  g_assert_false (sshd_config_opens_groups (config->text));
}

static void
test_opens_groups (void)
{
  g_autoptr (Facts) facts = facts_new ("{'PasswordLoginGroups': <['a']>}", YES);
  g_autoptr (SshdConfig) config = sshd_config_render (&facts->facts, NULL);

  g_assert_true (sshd_config_opens_groups (config->text));
  g_assert_false (sshd_config_opens_groups (CLOSED));
  g_assert_false (sshd_config_opens_groups (PASSWORD ("yes")));
}

static void
test_interfaces (void)
{
  static const Case cases[] = {
    { "{'BindInterfaces': <['lo']>}", "", LO (22) ANY (22, "lo") },
    { "{'BindInterfaces': <['lo']>, 'TcpPort': <uint16 2222>}", "",
      "Port 2222\n" LO (2222) ANY (2222, "lo") },
    { "{'BindInterfaces': <['lo']>}", "listenaddress 0.0.0.0:24\nlistenaddress [::]:24\n",
      LO (24) ANY (24, "lo") },
    { "{'BindInterfaces': <['lo']>}", "listenaddress 0.0.0.0:24\nlistenaddress 0.0.0.0:25\n",
      LO (24) ANY (24, "lo") LO (25) ANY (25, "lo") },
    { "{'BindInterfaces': <['lo']>, 'TcpPort': <uint16 9>}",
      "listenaddress 0.0.0.0:24\nlistenaddress 0.0.0.0:25\n", "Port 9\n" LO (9) ANY (9, "lo") },
    { "{'BindInterfaces': <['lo']>}", "addressfamily inet\n",
      LISTEN ("127.0.0.1", 22, "lo") LISTEN ("0.0.0.0", 22, "lo") },
    { "{'BindInterfaces': <['lo']>}", "addressfamily inet6\n",
      LISTEN ("[::1]", 22, "lo") LISTEN ("[::]", 22, "lo") },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

static void
check_interfaces (gboolean ipv6, gboolean loopback_ipv6, gboolean exists, const char *expected)
{
  g_autoptr (Facts) facts = facts_new ("{'BindInterfaces': <['lo']>}", "");
  g_autoptr (SshdConfig) config = NULL;
  g_autofree char *lines = NULL;

  facts->facts.ipv6 = ipv6;
  facts->facts.loopback_ipv6 = loopback_ipv6;
  if (!exists)
    facts->facts.interfaces = no_names;
  config = sshd_config_render (&facts->facts, NULL);
  g_assert_cmpstr (config->text, ==, expected);
  lines = sshd_config_listen_lines (&facts->facts);
  g_assert_cmpstr (lines, ==, expected);
}

/* What does not exist is left out; it is never a reason to listen everywhere. */
static void
test_interfaces_missing (void)
{
  check_interfaces (FALSE, FALSE, TRUE,
                    LISTEN ("127.0.0.1", 22, "lo") LISTEN ("0.0.0.0", 22, "lo"));
  check_interfaces (TRUE, FALSE, TRUE, LISTEN ("127.0.0.1", 22, "lo") ANY (22, "lo"));
  check_interfaces (TRUE, TRUE, FALSE, LO (22));
  check_interfaces (FALSE, FALSE, FALSE, LISTEN ("127.0.0.1", 22, "lo"));
}

static void
check_refused (Facts *facts, TruenasSshError code, const char *begin)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sshd_config_render (&facts->facts, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, begin));
}

/* Seven interfaces and loopback, by two families, are what sshd can have. */
static void
test_sockets (void)
{
  g_autoptr (Facts) most =
      facts_new ("{'BindInterfaces': <['1', '2', '3', '4', '5', '6', '7']>}", "");
  g_autoptr (Facts) more =
      facts_new ("{'BindInterfaces': <['1', '2', '3', '4', '5', '6', '7', '8']>}", "");
  g_autoptr (Facts) ports = facts_new ("{'BindInterfaces': <['1', '2', '3', '4']>}",
                                       "listenaddress 0.0.0.0:22\nlistenaddress 0.0.0.0:23\n");
  g_autoptr (SshdConfig) config = sshd_config_render (&most->facts, NULL);
  g_autoptr (SshdConfig) few = NULL;

  g_assert_nonnull (config);
  check_refused (more, TRUENAS_SSH_ERROR_INVALID_SETTING,
                 "BindInterfaces: 18 sockets would be needed, loopback's included, and sshd can "
                 "have 16");
  check_refused (ports, TRUENAS_SSH_ERROR_INVALID_SETTING, "BindInterfaces: 20 sockets");
  more->facts.ipv6 = FALSE;
  few = sshd_config_render (&more->facts, NULL);
  g_assert_nonnull (few);
}

static void
test_sftp (void)
{
  static const Case cases[] = {
    { "{'SftpLogLevel': <''>, 'SftpLogFacility': <''>}", SFTP, "" },
    { "{'SftpLogLevel': <''>}", "", "" },
    { "{'SftpLogLevel': <'INFO'>}", SFTP, "Subsystem sftp /usr/lib/openssh/sftp-server -l INFO\n" },
    { "{'SftpLogFacility': <'AUTH'>}", SFTP,
      "Subsystem sftp /usr/lib/openssh/sftp-server -f AUTH\n" },
    { "{'SftpLogLevel': <'DEBUG3'>, 'SftpLogFacility': <'LOCAL7'>}", SFTP,
      "Subsystem sftp /usr/lib/openssh/sftp-server -l DEBUG3 -f LOCAL7\n" },
    { "{'SftpLogLevel': <'INFO'>, 'SftpLogFacility': <''>}",
      "subsystem sftp internal-sftp -f AUTH -lERROR\n",
      "Subsystem sftp internal-sftp -f AUTH -l INFO\n" },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

static void
test_sftp_elsewhere (void)
{
  g_autoptr (Facts) facts = facts_new ("{'SftpLogLevel': <'INFO'>}", SFTP);
  g_autoptr (SshdConfig) config = NULL;
  g_autofree char *command = NULL;

  facts->facts.subsystem_elsewhere = TRUE;
  config = sshd_config_render (&facts->facts, NULL);
  g_assert_cmpstr (config->text, ==, "");
  command = sshd_config_sftp_command (&facts->facts, NULL);
  g_assert_cmpstr (command, ==, "/usr/lib/openssh/sftp-server -l INFO");
}

static void
test_sftp_refused (void)
{
  g_autoptr (Facts) none = facts_new ("{'SftpLogLevel': <'INFO'>}", "subsystem x /y\n");
  g_autoptr (Facts) shell =
      facts_new ("{'SftpLogFacility': <'AUTH'>}", "subsystem sftp umask 2; exec /x\n");

  check_refused (none, TRUENAS_SSH_ERROR_NOT_SUPPORTED, "SftpLogLevel: sshd has no SFTP subsystem");
  check_refused (shell, TRUENAS_SSH_ERROR_NOT_SUPPORTED,
                 "SftpLogFacility: the command of sshd's SFTP subsystem is more than a program");
}

/* Relative to what it would be without us; NONE only where this sshd is asked for it. */
static void
test_ciphers (void)
{
  static const Case cases[] = {
    { "{'WeakCiphers': <@as []>}", "ciphers aes256-ctr,aes128-ctr\n", "" },
    { "{'WeakCiphers': <@as []>}", "ciphers aes256-ctr,aes128-cbc,aes128-ctr\n",
      "Ciphers aes256-ctr,aes128-ctr\n" },
    { "{'WeakCiphers': <['AES128-CBC']>}", "ciphers aes256-ctr,aes128-ctr\n",
      "Ciphers aes256-ctr,aes128-ctr,aes128-cbc\n" },
    { "{'WeakCiphers': <['AES128-CBC']>}", "ciphers aes128-cbc,aes256-ctr\n",
      "Ciphers aes256-ctr,aes128-cbc\n" },
    { "{'WeakCiphers': <['AES128-CBC']>}", "ciphers aes128-cbc\n", "Ciphers aes128-cbc\n" },
  };
  g_autoptr (Facts) none = facts_new ("{'WeakCiphers': <['NONE']>}", "noneenabled no\n");
  g_autoptr (Facts) closed = facts_new ("{'WeakCiphers': <@as []>}", "noneenabled yes\n");
  g_autoptr (SshdConfig) yes = sshd_config_render (&none->facts, NULL);
  g_autoptr (SshdConfig) no = sshd_config_render (&closed->facts, NULL);

  check_all (cases, G_N_ELEMENTS (cases));
  g_assert_cmpstr (yes->text, ==, "NoneEnabled yes\n");
  g_assert_cmpstr (no->text, ==, "NoneEnabled no\n");
}

/* Our globals, auxiliary globals, auxiliary Match blocks, our Match Group, Match all. */
static void
test_order (void)
{
  static const Case cases[] = {
    { "{'AuxiliaryParameters': <'UseDNS no'>}", "", "UseDNS no\n" },
    { "{'AuxiliaryParameters': <'UseDNS no\\n'>}", "", "UseDNS no\n" },
    { "{'AuxiliaryParameters': <'\\n  UseDNS\\tno \\n\\n'>}", "", "\nUseDNS\tno\n\n" },
    { "{'TcpPort': <uint16 2222>, 'PasswordLoginGroups': <['a']>, "
      "'PasswordAuthentication': <true>, 'TcpForwarding': <false>, 'Compression': <false>, "
      "'AuxiliaryParameters': <'UseDNS no\\nMatch User x\\n\\tPasswordAuthentication yes'>}",
      NO,
      "Port 2222\n" PASSWORD (
          "no") "AllowTcpForwarding no\nCompression no\nUseDNS no\n"
                "Match User x\nPasswordAuthentication yes\nMatch Group \"a\"\n" PASSWORD_4 (
                    "yes") "Match all\n" PASSWORD_4 ("no") "    AllowTcpForwarding no\n" },
    { "{'PasswordAuthentication': <true>, 'AuxiliaryParameters': <'Match User x\\nBanner /x'>}", NO,
      PASSWORD ("yes") "Match User x\nBanner /x\n" },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

/* Line numbers of the caller's text. */
static void
test_auxiliary_line (void)
{
  g_autoptr (Facts) facts = facts_new ("{'TcpPort': <uint16 1>, 'TcpForwarding': <false>, "
                                       "'AuxiliaryParameters': <'a\\n\\nb\\n'>}",
                                       "");
  g_autoptr (Facts) without = facts_new ("{'TcpPort': <uint16 1>}", "");
  g_autoptr (SshdConfig) config = sshd_config_render (&facts->facts, NULL);
  g_autoptr (SshdConfig) none = sshd_config_render (&without->facts, NULL);
  static const guint expected[] = { 0, 0, 0, 1, 2, 3, 0, 0 };

  g_assert_cmpstr (config->text, ==,
                   "Port 1\nAllowTcpForwarding no\na\n\nb\nMatch all\n    AllowTcpForwarding no\n");
  for (guint line = 0; line < G_N_ELEMENTS (expected); line++)
    {
      g_assert_cmpuint (sshd_config_auxiliary_line (config, line), ==, expected[line]);
      g_assert_cmpuint (sshd_config_auxiliary_line (none, line), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();

  g_test_add_func ("/sshd-config/plain", test_plain);
  g_test_add_func ("/sshd-config/passwords", test_passwords);
  g_test_add_func ("/sshd-config/passwords/no-group", test_passwords_no_group);
  g_test_add_func ("/sshd-config/passwords/opens-groups", test_opens_groups);
  g_test_add_func ("/sshd-config/interfaces", test_interfaces);
  g_test_add_func ("/sshd-config/interfaces/missing", test_interfaces_missing);
  g_test_add_func ("/sshd-config/interfaces/sockets", test_sockets);
  g_test_add_func ("/sshd-config/sftp", test_sftp);
  g_test_add_func ("/sshd-config/sftp/elsewhere", test_sftp_elsewhere);
  g_test_add_func ("/sshd-config/sftp/refused", test_sftp_refused);
  g_test_add_func ("/sshd-config/ciphers", test_ciphers);
  g_test_add_func ("/sshd-config/order", test_order);
  g_test_add_func ("/sshd-config/auxiliary-line", test_auxiliary_line);
  status = g_test_run ();
  real_sshd_tear_down ();
  return status;
}
