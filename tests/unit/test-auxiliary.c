/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "auxiliary.h"
#include "truenas-ssh-error.h"

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    const char *lines; /* with "|" between, and "!" where the Match blocks begin */
  } cases[] = {
    { "", "!" },
    { "\n", "|!" },
    { "UseDNS no", "UseDNS no|!" },
    { "UseDNS no\n", "UseDNS no|!" },
    { "UseDNS no\n\n", "UseDNS no||!" },
    { "\n\nUseDNS no", "||UseDNS no|!" },
    { "Match all\nBanner x\n", "!Match all|Banner x|" },
    { "Banner x\n \t\"MATCH\" all", "Banner x|! \t\"MATCH\" all|" },
    { "# Match all\nBanner x", "# Match all|Banner x|!" },
    { "match=all\nMatch user x", "!match=all|Match user x|" },
    { "\"Match all\nBanner x", "\"Match all|Banner x|!" },
    { "  \"\"Match all", "!  \"\"Match all|" },
    { "==Match all", "==Match all|!" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Auxiliary) parsed = auxiliary_parse (cases[i].text);
      g_autoptr (GString) shown = g_string_new (NULL);

      for (guint j = 0; j == 0 || parsed->lines[j - 1] != NULL; j++)
        {
          g_string_append (shown, j == parsed->first_match ? "!" : "");
          if (parsed->lines[j] != NULL)
            g_string_append_printf (shown, "%s|", parsed->lines[j]);
        }
      g_assert_cmpstr (shown->str, ==, cases[i].lines);
    }
}

static void
check (const char *text, gboolean weak_ciphers, const char *begin)
{
  g_autoptr (GError) error = NULL;
  gboolean good = auxiliary_check (text, weak_ciphers, &error);

  g_test_message ("%.60s", text);
  g_assert_cmpint (good, ==, error == NULL);
  g_assert_cmpint (good, ==, begin == NULL);
  if (good)
    return;
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, begin));
}

#define IN(line)             "AuxiliaryParameters:" #line ": "
#define OWNED(line, keyword) IN (line) "“" keyword "” belongs to the setting "

static void
test_check (void)
{
  static const struct
  {
    const char *text;
    const char *begin; /* of the message; NULL: it is fit */
  } cases[] = {
    { "", NULL },
    { "\n\n", NULL },
    { "UseDNS no\n# Port 22\n\tMaxSessions\t3\n", NULL },
    { "# Größe “x”", NULL },
    { "Port 22", OWNED (1, "port") "TcpPort; set that instead" },
    { "UseDNS no\n\n  pORT=22", OWNED (3, "port") "TcpPort" },
    { "\"Port\" 22", OWNED (1, "port") "TcpPort" },
    { "Po\"rt\"22", OWNED (1, "port") "TcpPort" },
    { "  \"\"Port 22", OWNED (1, "port") "TcpPort" },
    { "Port", OWNED (1, "port") "TcpPort" },
    { "ListenAddress ::1", OWNED (1, "listenaddress") "BindInterfaces" },
    { "PasswordAuthentication no", OWNED (1, "passwordauthentication") "PasswordAuthentication" },
    { "KbdInteractiveAuthentication no",
      OWNED (1, "kbdinteractiveauthentication") "PasswordAuthentication" },
    { "ChallengeResponseAuthentication no",
      OWNED (1, "challengeresponseauthentication") "PasswordAuthentication" },
    { "SkeyAuthentication no", OWNED (1, "skeyauthentication") "PasswordAuthentication" },
    { "GSSAPIAuthentication yes", OWNED (1, "gssapiauthentication") "KerberosAuthentication" },
    { "AllowTcpForwarding no", OWNED (1, "allowtcpforwarding") "TcpForwarding" },
    { "Compression no", OWNED (1, "compression") "Compression" },
    { "NoneEnabled yes", OWNED (1, "noneenabled") "WeakCiphers" },
    { "Subsystem sftp internal-sftp", OWNED (1, "subsystem") "SftpLogLevel" },
    { "Subsystem \"sf\"tp internal-sftp", OWNED (1, "subsystem") "SftpLogLevel" },
    { "Subsystem backup /bin/true", NULL },
    { "Subsystem SFTP /bin/true", NULL },
    { "Subsystem", NULL },
    { "Match user x\nPort 22\nPasswordAuthentication yes\nSubsystem sftp x", NULL },
    { "UseDNS no\nMatch all\nCompression no", NULL },
    { "#Match all\nCompression no", OWNED (2, "compression") },
    { "\"Match all\nCompression no", IN (1) "a quote is left open" },
    { "Banner \"/etc/issue", IN (1) "a quote is left open" },
    { "Match all\nBanner '/etc/issue", IN (2) "a quote is left open" },
    { "Banner it\\'s", NULL },
    { "UseDNS no\rPort 22", IN (1) "the character U+000D cannot be printed" },
    { "UseDNS no\fPort 22", IN (1) "the character U+000C" },
    { "\nBanner a\x1b[2J", IN (2) "the character U+001B" },
    { "# a comment\x7f", IN (1) "the character U+007F" },
    { "Banner \xc2\x85", IN (1) "the character U+0085" },
    { "Banner \xe2\x80\xa8", IN (1) "the character U+2028" },
    { "Banner \xe2\x80\xae", IN (1) "the character U+202E" },
    { "Match all\n\n#\b", IN (3) "the character U+0008" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check (cases[i].text, FALSE, cases[i].begin);
}

/* Ciphers is free as long as no setting of ours writes it. */
static void
test_check_ciphers (void)
{
  check ("Ciphers aes256-ctr", FALSE, NULL);
  check ("Ciphers aes256-ctr", TRUE, OWNED (1, "ciphers") "WeakCiphers");
  check ("Match all\nCiphers aes256-ctr", TRUE, NULL);
}

static void
check_repeated (const char *line, gsize bytes, const char *begin)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (text->len < bytes)
    g_string_append (text, line);
  g_assert_cmpuint (text->len, ==, bytes);
  check (text->str, FALSE, begin);
}

static void
test_check_limits (void)
{
  check_repeated ("#", AUXILIARY_MAX_BYTES, NULL);
  check_repeated ("#", AUXILIARY_MAX_BYTES + 1, "AuxiliaryParameters: 65537 bytes, the limit is");
  check_repeated ("#\n", 2 * AUXILIARY_MAX_LINES, NULL);
  check_repeated ("#\n", 2 * (AUXILIARY_MAX_LINES + 1), IN (1001) "more than 1,000 lines");
}

#define NONE       ACTION_NONE
#define AUXILIARY  ACTION_CONFIGURE_AUXILIARY
#define PRIVILEGED ACTION_CONFIGURE_PRIVILEGED
#define BOTH       (ACTION_CONFIGURE_AUXILIARY | ACTION_CONFIGURE_PRIVILEGED)

static void
test_actions (void)
{
  static const struct
  {
    const char *before;
    const char *after;
    Action actions;
  } cases[] = {
    { "", "", NONE },
    { "UseDNS no", "UseDNS no\n", NONE },
    { "Banner x\nMatch all\nForceCommand x", "Banner x\nMatch all\nForceCommand x", NONE },
    { "", "UseDNS no", AUXILIARY },
    { "", "  USEDNS=no", AUXILIARY },
    { "UseDNS no", "", AUXILIARY },
    { "UseDNS no", "UseDNS yes", AUXILIARY },
    { "", "# a comment", AUXILIARY },
    { "UseDNS no", "UseDNS no\n\n", AUXILIARY },
    { "UseDNS no\nMaxSessions 3", "MaxSessions 3\nUseDNS no", AUXILIARY },
    { "", "PermitRootLogin yes", PRIVILEGED },
    { "PermitRootLogin no", "", PRIVILEGED },
    { "PermitRootLogin no\nUseDNS no", "UseDNS no", PRIVILEGED },
    { "PermitRootLogin no\n", "PermitRootLogin yes\n", PRIVILEGED },
    { "PermitRootLogin no", "#PermitRootLogin no", BOTH },
    { "", "NoSuchKeyword yes", PRIVILEGED },
    { "", "Match all", PRIVILEGED },
    { "", "Banner \"x", PRIVILEGED },
    { "UseDNS no\nBanner x", "Banner x\nUseDNS no", BOTH },
    { "Banner x\nPidFile y", "PidFile y\nBanner x", PRIVILEGED },
    { "Match all\nUseDNS no", "Match all\nUseDNS yes", PRIVILEGED },
    { "Match all\n# a", "Match all\n# b", PRIVILEGED },
    { "Match all\nBanner x", "UseDNS no\nMatch all\nBanner x", AUXILIARY },
    { "Match all\nBanner x", "Match user y\nBanner x", PRIVILEGED },
    { "UseDNS no", "Match all\nUseDNS no", PRIVILEGED },
    { "Match all\nUseDNS no", "UseDNS no", PRIVILEGED },
    { "UseDNS no\nUseDNS no", "UseDNS no", AUXILIARY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s -> %s", cases[i].before, cases[i].after);
      g_assert_cmpint (auxiliary_actions (cases[i].before, cases[i].after), ==, cases[i].actions);
      g_assert_cmpint (auxiliary_actions (cases[i].after, cases[i].before), ==, cases[i].actions);
    }
}

static void
test_exceptions (void)
{
  g_autoptr (GHashTable) none = auxiliary_exceptions ("UseDNS no\nMatch all\n#Port 1\n\nBanner x");
  g_autoptr (GHashTable) some = auxiliary_exceptions (
      "Ciphers aes256-ctr\nMatch all\nPasswordAuthentication yes\n\n  allowtcpforwarding=no\n"
      "Match user x\nSubsystem backup x\nSubsystem \"sftp\" x\nBanner \"\n");

  g_assert_cmpuint (g_hash_table_size (none), ==, 0);
  g_assert_cmpuint (g_hash_table_size (some), ==, 3);
  g_assert_cmpstr (g_hash_table_lookup (some, GUINT_TO_POINTER (3)), ==, "PasswordAuthentication");
  g_assert_cmpstr (g_hash_table_lookup (some, GUINT_TO_POINTER (5)), ==, "TcpForwarding");
  g_assert_cmpstr (g_hash_table_lookup (some, GUINT_TO_POINTER (8)), ==, "SftpLogLevel");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/auxiliary/parse", test_parse);
  g_test_add_func ("/auxiliary/check", test_check);
  g_test_add_func ("/auxiliary/check/ciphers", test_check_ciphers);
  g_test_add_func ("/auxiliary/check/limits", test_check_limits);
  g_test_add_func ("/auxiliary/actions", test_actions);
  g_test_add_func ("/auxiliary/exceptions", test_exceptions);
  return g_test_run ();
}
