/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What sshd does as settings: the nearest values, and whether it does what is set. */

#include "config.h"

#include <string.h>

#include "facts.h"
#include "real-sshd.h"
#include "settings.h"

#define LISTEN(text) "listenaddress " text "\n"
#define ANY(port)    LISTEN ("0.0.0.0:" #port) LISTEN ("[::]:" #port)

static void
test_read (void)
{
  static const struct
  {
    const char *effective;
    const char *setting;
    const char *value;
    const char *beyond; /* where it begins; NULL: nothing is beyond the value */
  } cases[] = {
    { "", "TcpPort", "uint16 22", NULL },
    { ANY (2222), "TcpPort", "uint16 2222", NULL },
    { "port 9\n" ANY (2222), "TcpPort", "uint16 2222", NULL },
    { ANY (23) ANY (22), "TcpPort", "uint16 23", "sshd listens on 2 ports" },
    { ANY (22), "BindInterfaces", "@as []", NULL },
    { LISTEN ("0.0.0.0:22"), "BindInterfaces", "@as []", NULL },
    { LISTEN ("127.0.0.1:22 rdomain lo") LISTEN ("0.0.0.0:22 rdomain e0")
          LISTEN ("[::]:22 rdomain e0") LISTEN ("0.0.0.0:22 rdomain e1"),
      "BindInterfaces", "['e0', 'e1']", NULL },
    { LISTEN ("192.0.2.1:22"), "BindInterfaces", "@as []",
      "sshd is restricted to addresses, such" },
    { LISTEN ("0.0.0.0:22") LISTEN ("192.0.2.1:23"), "BindInterfaces", "@as []", "sshd is restr" },
    { ANY (22) LISTEN ("0.0.0.0:23 rdomain e0"), "BindInterfaces", "['e0']",
      "sshd listens on a m" },
    { LISTEN ("127.0.0.1:22 rdomain lo"), "BindInterfaces", "@as []", "sshd listens on a mixture" },
    { "passwordauthentication yes\n", "PasswordAuthentication", "true", NULL },
    { "passwordauthentication no\n", "PasswordAuthentication", "false", NULL },
    { "passwordauthentication no\nkbdinteractiveauthentication yes\nusepam yes\n",
      "PasswordAuthentication", "true",
      "passwords are accepted by the method keyboard-interactive" },
    { "passwordauthentication no\nkbdinteractiveauthentication yes\nusepam no\n",
      "PasswordAuthentication", "false", NULL },
    { "", "PasswordLoginGroups", "@as []", NULL },
    { "", "KerberosAuthentication", "false", NULL },
    { "gssapiauthentication yes\n", "KerberosAuthentication", "true", NULL },
    { "allowtcpforwarding yes\n", "TcpForwarding", "true", NULL },
    { "allowtcpforwarding no\n", "TcpForwarding", "false", NULL },
    { "allowtcpforwarding local\n", "TcpForwarding", "true", "only local forwarding is allowed" },
    { "allowtcpforwarding remote\n", "TcpForwarding", "true", "only remote forwarding is allowed" },
    { "allowtcpforwarding yes\ndisableforwarding yes\n", "TcpForwarding", "false", NULL },
    { "compression yes\n", "Compression", "true", NULL },
    { "compression delayed\n", "Compression", "true", NULL },
    { "compression no\n", "Compression", "false", NULL },
    { "subsystem sftp /x -l INFO -f AUTH\n", "SftpLogLevel", "'INFO'", NULL },
    { "subsystem sftp /x -l INFO -f AUTH\n", "SftpLogFacility", "'AUTH'", NULL },
    { "subsystem sftp /x\n", "SftpLogLevel", "''", NULL },
    { "", "SftpLogFacility", "''", NULL },
    { "ciphers a,b\n", "WeakCiphers", "@as []", NULL },
    { "ciphers a,aes128-cbc\n", "WeakCiphers", "['AES128-CBC']", NULL },
    { "ciphers aes128-cbc-x\nnoneenabled yes\n", "WeakCiphers", "['NONE']", NULL },
    { "ciphers aes128-cbc\nnoneenabled yes\n", "WeakCiphers", "['NONE', 'AES128-CBC']", NULL },
    { "", "AuxiliaryParameters", "''", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Effective) effective = effective_parse (cases[i].effective);
      g_autoptr (GVariant) value = sshd_config_read (effective, cases[i].setting);
      g_autofree char *printed = g_variant_print (value, TRUE);
      g_autofree char *beyond = sshd_config_beyond (effective, cases[i].setting);

      g_test_message ("%s, %s", cases[i].effective, cases[i].setting);
      g_assert_cmpstr (printed, ==, cases[i].value);
      g_assert_cmpint (beyond == NULL, ==, cases[i].beyond == NULL);
      g_assert_true (beyond == NULL || g_str_has_prefix (beyond, cases[i].beyond));
    }
}

/* Every value that is read is one that can be set. */
static void
test_read_of_sshd (void)
{
  g_autoptr (Effective) effective = real_sshd_effective ("Subsystem sftp /x -l DEBUG1\n");
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  const char *const *names = settings_names ();

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GVariant) value = sshd_config_read (effective, names[i]);
      g_autofree char *beyond = sshd_config_beyond (effective, names[i]);
      g_autoptr (GVariant) change =
          g_variant_ref_sink (g_variant_new_parsed ("{%s: <%@*>}", names[i], value));
      g_autoptr (GVariant) after = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_null (beyond);
      after = settings_merge (nothing, change, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpvariant (after, change);
    }
}

#define CLOSED "passwordauthentication no\nkbdinteractiveauthentication no\n"
#define OPEN   "passwordauthentication yes\nkbdinteractiveauthentication yes\n"
#define BOUND  LISTEN ("127.0.0.1:22 rdomain lo") LISTEN ("[::1]:22 rdomain lo")

static void
test_holds (void)
{
  static const struct
  {
    const char *settings;
    const char *effective;
    const char *overridden; /* names of the settings that do not hold */
  } cases[] = {
    { "{}", "", "" },
    { "{}", ANY (23) "compression no\n", "" },
    { "{'TcpPort': <uint16 22>}", ANY (22), "" },
    { "{'TcpPort': <uint16 22>}", ANY (23), "TcpPort" },
    { "{'TcpPort': <uint16 22>}", ANY (22) ANY (23), "TcpPort" },
    { "{'PasswordAuthentication': <true>}", OPEN, "" },
    { "{'PasswordAuthentication': <true>}", CLOSED, "PasswordAuthentication" },
    { "{'PasswordAuthentication': <true>}",
      "passwordauthentication yes\nkbdinteractiveauthentication no\n", "PasswordAuthentication" },
    { "{'PasswordAuthentication': <false>}", CLOSED, "" },
    { "{'PasswordAuthentication': <false>}", OPEN, "PasswordAuthentication" },
    { "{'PasswordAuthentication': <false>}",
      "passwordauthentication no\nkbdinteractiveauthentication yes\n", "PasswordAuthentication" },
    { "{'PasswordLoginGroups': <['a']>}", CLOSED, "" },
    { "{'PasswordLoginGroups': <['a']>}", OPEN, "PasswordLoginGroups" },
    { "{'PasswordLoginGroups': <@as []>}", OPEN, "" },
    { "{'PasswordLoginGroups': <['a']>, 'PasswordAuthentication': <true>}", CLOSED, "" },
    { "{'PasswordLoginGroups': <['a']>, 'PasswordAuthentication': <true>}", OPEN,
      "PasswordLoginGroups PasswordAuthentication" },
    { "{'KerberosAuthentication': <true>}", "gssapiauthentication yes\n", "" },
    { "{'KerberosAuthentication': <true>}", "", "KerberosAuthentication" },
    { "{'KerberosAuthentication': <false>}", "", "" },
    { "{'TcpForwarding': <true>}", "allowtcpforwarding yes\n", "" },
    { "{'TcpForwarding': <true>}", "allowtcpforwarding local\n", "TcpForwarding" },
    { "{'TcpForwarding': <true>}", "allowtcpforwarding yes\ndisableforwarding yes\n",
      "TcpForwarding" },
    { "{'TcpForwarding': <false>}", "allowtcpforwarding no\n", "" },
    { "{'TcpForwarding': <false>}", "allowtcpforwarding remote\n", "TcpForwarding" },
    { "{'BindInterfaces': <@as []>}", ANY (22), "" },
    { "{'BindInterfaces': <@as []>}", LISTEN ("192.0.2.1:22"), "BindInterfaces" },
    { "{'BindInterfaces': <@as []>}", BOUND LISTEN ("0.0.0.0:22 rdomain e0"), "BindInterfaces" },
    { "{'BindInterfaces': <['e0']>}",
      BOUND LISTEN ("0.0.0.0:22 rdomain e0") LISTEN ("[::]:22 rdomain e0"), "" },
    { "{'BindInterfaces': <['e0']>}",
      BOUND LISTEN ("0.0.0.0:22 rdomain e0") LISTEN ("[::]:22 rdomain e0") LISTEN ("[::]:22"),
      "BindInterfaces" },
    { "{'BindInterfaces': <['e0']>}", BOUND LISTEN ("0.0.0.0:22 rdomain e0"), "BindInterfaces" },
    { "{'BindInterfaces': <['e0']>}", ANY (22), "BindInterfaces" },
    { "{'Compression': <true>}", "compression yes\n", "" },
    { "{'Compression': <true>}", "compression no\n", "Compression" },
    { "{'SftpLogLevel': <''>, 'SftpLogFacility': <''>}", "subsystem sftp /x -l INFO\n", "" },
    { "{'SftpLogLevel': <'INFO'>, 'SftpLogFacility': <'AUTH'>}",
      "subsystem sftp /x -l INFO -f AUTH\n", "" },
    { "{'SftpLogLevel': <'INFO'>, 'SftpLogFacility': <'AUTH'>}", "subsystem sftp /x -l INFO\n",
      "SftpLogFacility" },
    { "{'SftpLogLevel': <'INFO'>}", "", "SftpLogLevel" },
    { "{'WeakCiphers': <@as []>}", "ciphers a,aes128-cbc\n", "WeakCiphers" },
    { "{'WeakCiphers': <['AES128-CBC']>}", "ciphers a,aes128-cbc\n", "" },
    { "{'WeakCiphers': <['NONE']>}", "ciphers a\nnoneenabled no\n", "WeakCiphers" },
    { "{'WeakCiphers': <['NONE']>}", "ciphers a\nnoneenabled yes\n", "" },
    { "{'AuxiliaryParameters': <'UseDNS no'>}", "usedns yes\n", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Facts) facts = facts_new (cases[i].settings, "");
      g_autoptr (Effective) effective = effective_parse (cases[i].effective);
      const char *const *names = settings_names ();
      g_autoptr (GString) overridden = g_string_new (NULL);

      for (gsize j = 0; names[j] != NULL; j++)
        if (!sshd_config_holds (&facts->facts, effective, names[j]))
          g_string_append_printf (overridden, "%s%s", overridden->len > 0 ? " " : "", names[j]);
      g_test_message ("%s, %s", cases[i].settings, cases[i].effective);
      g_assert_cmpstr (overridden->str, ==, cases[i].overridden);
    }
}

/* Which settings close something, so that they need a last word. */
static void
test_refuses (void)
{
  static const struct
  {
    const char *settings;
    const char *closing;
  } cases[] = {
    { "{}", "" },
    { "{'PasswordAuthentication': <true>, 'KerberosAuthentication': <true>, "
      "'TcpForwarding': <true>, 'Compression': <false>, 'TcpPort': <uint16 1>}",
      "" },
    { "{'PasswordAuthentication': <false>, 'KerberosAuthentication': <false>, "
      "'TcpForwarding': <false>}",
      "PasswordAuthentication KerberosAuthentication TcpForwarding" },
    { "{'PasswordLoginGroups': <['a']>}", "PasswordAuthentication" },
    { "{'PasswordLoginGroups': <@as []>}", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Facts) facts = facts_new (cases[i].settings, OPEN);
      const char *const *names = settings_names ();
      g_autoptr (GString) closing = g_string_new (NULL);

      for (gsize j = 0; names[j] != NULL; j++)
        if (sshd_config_refuses (&facts->facts, names[j]))
          g_string_append_printf (closing, "%s%s", closing->len > 0 ? " " : "", names[j]);
      g_assert_cmpstr (closing->str, ==, cases[i].closing);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();

  g_test_add_func ("/sshd-config-read/read", test_read);
  g_test_add_func ("/sshd-config-read/read-of-sshd", test_read_of_sshd);
  g_test_add_func ("/sshd-config-read/holds", test_holds);
  g_test_add_func ("/sshd-config-read/refuses", test_refuses);
  status = g_test_run ();
  real_sshd_tear_down ();
  return status;
}
