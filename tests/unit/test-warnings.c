/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "etc-ssh.h"
#include "facts.h"
#include "warnings.h"

#define MAIN     "= sshd_config\n"
#define INCLUDE  "Include /etc/ssh/sshd_config.d/*.conf\n"
#define OURS     "= sshd_config.d/00-truenas.conf\n"
#define CLOSED   "passwordauthentication no\nkbdinteractiveauthentication no\nusepam yes\n"
#define LISTEN   "listenaddress 0.0.0.0:22\n"
#define QUIET    CLOSED LISTEN
#define KEYBOARD "kbdinteractiveauthentication yes\n"

/* "code setting interface-group-cipher-or-file:line" of each, by lines. */
static char *
show (GVariant *warnings)
{
  GString *shown = g_string_new (NULL);
  GVariantIter iter;
  const char *code;
  GVariant *details;

  g_assert_cmpstr (g_variant_get_type_string (warnings), ==, "a(sa{sv})");
  g_variant_iter_init (&iter, warnings);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &code, &details))
    {
      g_autoptr (GVariant) owned = details;
      const char *message, *text;
      guint line;

      g_assert_true (g_variant_lookup (owned, "message", "&s", &message));
      g_assert_cmpstr (message, !=, "");
      g_string_append (shown, code);
      for (const char *const *key =
               (const char *const[]){ "setting", "interface", "group", "cipher", "file", NULL };
           *key != NULL; key++)
        if (g_variant_lookup (owned, *key, "&s", &text))
          g_string_append_printf (shown, " %s", text);
      if (g_variant_lookup (owned, "line", "u", &line))
        g_string_append_printf (shown, ":%u", line);
      g_string_append_c (shown, '\n');
    }
  return g_string_free (shown, FALSE);
}

static char *
collect (const char *settings, const char *effective_text, const char *files)
{
  g_autoptr (EtcSsh) etc = etc_ssh_new (files);
  g_autoptr (ConfigTree) tree = config_tree_load (ETC_SSH_MAIN, etc_ssh_changes (etc), NULL);
  g_autoptr (Effective) effective = effective_parse (effective_text);
  g_autoptr (Facts) facts = facts_new (settings, effective_text);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sa{sv})"));
  g_autoptr (GVariant) warnings = NULL;

  g_assert_nonnull (tree);
  warnings_collect (&facts->facts, effective, tree, &builder);
  warnings = g_variant_ref_sink (g_variant_builder_end (&builder));
  return show (warnings);
}

static void
check (const char *settings, const char *effective, const char *files, const char *expected)
{
  g_autofree char *shown = collect (settings, effective, files);

  g_test_message ("%s, %s", settings, effective);
  g_assert_cmpstr (shown, ==, expected);
}

static void
test_missing (void)
{
  check ("{}", QUIET, MAIN, "");
  check ("{'BindInterfaces': <['lo', 'gone0', 'gone1']>}",
         CLOSED "listenaddress 127.0.0.1:22 rdomain lo\nlistenaddress [::1]:22 rdomain lo\n"
                "listenaddress 0.0.0.0:22 rdomain lo\nlistenaddress [::]:22 rdomain lo\n"
                "listenaddress 0.0.0.0:22 rdomain gone0\nlistenaddress [::]:22 rdomain gone0\n"
                "listenaddress 0.0.0.0:22 rdomain gone1\nlistenaddress [::]:22 rdomain gone1\n",
         MAIN, "interface-missing BindInterfaces gone0\ninterface-missing BindInterfaces gone1\n");
  check ("{'PasswordLoginGroups': <['root', 'no group is called so']>}", QUIET, MAIN,
         "group-missing PasswordLoginGroups no group is called so\n");
}

static void
test_effects (void)
{
  check ("{'Compression': <true>}", QUIET "compression no\n", MAIN,
         "setting-overridden Compression\n");
  check ("{'Compression': <true>}", QUIET "compression no\n", MAIN "\ncompression no\n",
         "setting-overridden Compression /etc/ssh/sshd_config:2\n");
  check ("{'Compression': <true>}", QUIET "compression no\n",
         MAIN INCLUDE "Match all\nCompression no\n" OURS "Compression yes\n",
         "setting-overridden Compression\n");
  check ("{}", QUIET "allowtcpforwarding local\n", MAIN, "not-expressible TcpForwarding\n");
  check ("{'TcpForwarding': <true>}", QUIET "allowtcpforwarding local\n", MAIN,
         "setting-overridden TcpForwarding\n");
  check ("{}", QUIET "listenaddress 0.0.0.0:23\n", MAIN, "not-expressible TcpPort\n");
}

static void
test_weak (void)
{
  check ("{}", QUIET "ciphers aes128-ctr,aes128-cbc\nnoneenabled yes\n", MAIN,
         "weak-cipher-enabled WeakCiphers NONE\nweak-cipher-enabled WeakCiphers AES128-CBC\n");
  check ("{}", "passwordauthentication yes\n" LISTEN, MAIN,
         "password-open-to-all PasswordAuthentication\n");
  check ("{}", "passwordauthentication no\n" KEYBOARD "usepam yes\n" LISTEN, MAIN,
         "not-expressible PasswordAuthentication\npassword-open-to-all PasswordAuthentication\n");
  check ("{}", "passwordauthentication no\n" KEYBOARD "usepam no\n" LISTEN, MAIN, "");
}

/* In the order of the lines. */
static void
test_auxiliary (void)
{
  check ("{'AuxiliaryParameters': <'Match User x\\nCompression no\\nPasswordAuthentication yes\\n"
         "Banner /x\\nMatch User y\\n\\nAllowTcpForwarding no'>}",
         QUIET, MAIN,
         "auxiliary-exception Compression:2\nauxiliary-exception PasswordAuthentication:3\n"
         "auxiliary-exception TcpForwarding:7\n");
}

#define BEHIND MAIN INCLUDE OURS "PasswordAuthentication no\n= sshd_config.d/50.conf\n"

static void
test_exceptions (void)
{
  static const char no[] = "{'PasswordAuthentication': <false>, 'TcpForwarding': <false>}";
  static const char groups[] =
      "{'PasswordAuthentication': <true>, 'PasswordLoginGroups': <['root']>}";
  static const char closed[] = QUIET "allowtcpforwarding no\n";

  check (no, closed, BEHIND "Match User x\nPasswordAuthentication yes\nBanner /x\n",
         "exception-overridden PasswordAuthentication /etc/ssh/sshd_config.d/50.conf:2\n");
  check (no, closed, BEHIND "Match User x\nPasswordAuthentication no\n", "");
  check (no, closed, BEHIND "Match User x\nCompression no\n", "");
  check (no, closed, BEHIND "Match User x\n\nAllowTcpForwarding local\n",
         "exception-overridden TcpForwarding /etc/ssh/sshd_config.d/50.conf:3\n");
  check (groups, QUIET, BEHIND "Match User x\nPasswordAuthentication no\n",
         "exception-overridden PasswordAuthentication /etc/ssh/sshd_config.d/50.conf:2\n");
  check ("{'PasswordAuthentication': <true>}", "passwordauthentication yes\n" KEYBOARD LISTEN,
         BEHIND "Match User x\nPasswordAuthentication no\n",
         "password-open-to-all PasswordAuthentication\n");
  check (no, closed,
         MAIN INCLUDE OURS "PasswordAuthentication no\nMatch User x\nPasswordAuthentication yes\n",
         "");
}

/* Ahead of ours it counts. */
static void
test_exceptions_ahead (void)
{
  check ("{'PasswordAuthentication': <false>}", QUIET,
         MAIN INCLUDE OURS "PasswordAuthentication no\n"
                           "= sshd_config.d/00-a.conf\nMatch User x\nPasswordAuthentication yes\n",
         "setting-overridden PasswordAuthentication /etc/ssh/sshd_config.d/00-a.conf:2\n");
}

static void
test_add (void)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sa{sv})"));
  g_autoptr (GVariant) expected = NULL;
  g_autoptr (GVariant) warnings = NULL;

  warning_add (&builder, "code", "a message", NULL);
  warning_add (&builder, "other", "/a\xff", "file", warning_path ("/a\xff"), "line",
               g_variant_new_uint32 (7), NULL);
  warnings = g_variant_ref_sink (g_variant_builder_end (&builder));
  expected = g_variant_parse (G_VARIANT_TYPE ("a(sa{sv})"),
                              "[('code', {'message': <'a message'>}), "
                              "('other', {'message': <'/a\xef\xbf\xbd'>, 'file': "
                              "<'/a\xef\xbf\xbd'>, 'line': <uint32 7>})]",
                              NULL, NULL, NULL);
  g_assert_cmpvariant (warnings, expected);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  etc_ssh_set_up ();

  g_test_add_func ("/warnings/missing", test_missing);
  g_test_add_func ("/warnings/effects", test_effects);
  g_test_add_func ("/warnings/weak", test_weak);
  g_test_add_func ("/warnings/auxiliary", test_auxiliary);
  g_test_add_func ("/warnings/exceptions", test_exceptions);
  g_test_add_func ("/warnings/exceptions/ahead", test_exceptions_ahead);
  g_test_add_func ("/warnings/add", test_add);
  status = g_test_run ();
  etc_ssh_tear_down ();
  return status;
}
