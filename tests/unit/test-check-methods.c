/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* AuthenticationMethods against settings that turn methods off, by plans that a real sshd judges.
 */

#include "config.h"

#include <string.h>

#include "etc-ssh.h"
#include "plan.h"
#include "real-sshd.h"
#include "settings.h"
#include "truenas-ssh-error.h"

#define DEBIAN                                                              \
  "= sshd_config\nInclude /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n"      \
  "KbdInteractiveAuthentication no\nSubsystem sftp /usr/lib/openssh/sftp\n" \
  "= sshd_config.d/readme\n"
#define FOREIGN "= sshd_config.d/50.conf\n"
#define PLACE   "PasswordAuthentication: /etc/ssh/sshd_config.d/50.conf:"
#define OFF     "'PasswordAuthentication': <false>"
#define GROUPS  "'PasswordAuthentication': <true>, 'PasswordLoginGroups': <['root']>"

static Sshd *sshd;

static Plan *
make (const char *files, const char *text, GError **error)
{
  g_autoptr (EtcSsh) etc G_GNUC_UNUSED = etc_ssh_new (files);
  g_autoptr (GVariant) settings = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  g_assert_nonnull (settings);
  g_test_message ("%s%s", files, text);
  return plan_make (sshd, NULL, settings, 1, FALSE, NULL, error);
}

static void
check_fine (const char *files, const char *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Plan) plan = make (files, settings, &error);

  g_assert_no_error (error);
  g_assert_nonnull (plan);
}

static void
check_refused (const char *files, const char *settings, const char *begin)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (make (files, settings, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, begin));
}

static void
test_global (void)
{
  static const char both[] = DEBIAN FOREIGN
      "\nAuthenticationMethods publickey,keyboard-interactive:pam publickey,password\n"
      "AuthenticationMethods publickey\n";

  check_refused (both, "{" OFF "}", PLACE "2 demands keyboard-interactive ");
  check_refused (both, "{" GROUPS "}", "PasswordLoginGroups: /etc/ssh/sshd_config.d/50.conf:2 ");
  check_fine (both, "{'PasswordAuthentication': <true>}");
  check_refused (DEBIAN FOREIGN "AuthenticationMethods \"password\"\n", "{" OFF "}",
                 PLACE "1 demands password ");
  check_refused (
      DEBIAN FOREIGN "AuthenticationMethods gssapi-with-mic\nGSSAPIAuthentication yes\n",
      "{'KerberosAuthentication': <false>}",
      "KerberosAuthentication: /etc/ssh/sshd_config.d/50.conf:1 demands gssapi-with-mic ");
  check_fine (DEBIAN FOREIGN "AuthenticationMethods publickey,password publickey,publickey\n",
              "{" OFF "}");
  check_fine (DEBIAN FOREIGN "AuthenticationMethods any\n", "{" OFF "}");
  check_fine (DEBIAN FOREIGN "AuthenticationMethods publickey\nAuthenticationMethods password\n",
              "{" OFF "}");
}

/* Debian's own files turn keyboard-interactive off: with them alone the line would let nobody in.
 */
static void
test_on_by_the_same_change (void)
{
  check_fine (DEBIAN, "{'PasswordAuthentication': <true>, "
                      "'AuxiliaryParameters': <'AuthenticationMethods keyboard-interactive'>}");
  check_fine (DEBIAN, "{'KerberosAuthentication': <true>, "
                      "'AuxiliaryParameters': <'AuthenticationMethods gssapi-with-mic'>}");
}

/* Not by a setting that turns it off, but for want of one that turns it on. */
static void
test_off_by_others (void)
{
  static const char line[] = DEBIAN FOREIGN "AuthenticationMethods keyboard-interactive\n";

  check_fine (line, "{'PasswordAuthentication': <true>}");
  check_refused (line, "{'TcpPort': <uint16 22>}",
                 "/etc/ssh/sshd_config.d/50.conf:1: AuthenticationMethods demands ");
  check_refused (DEBIAN, "{'AuxiliaryParameters': <'\nAuthenticationMethods hostbased'>}",
                 "AuxiliaryParameters:2: AuthenticationMethods demands ");
  check_refused (DEBIAN FOREIGN "AuthenticationMethods publickey\nNonsense yes\n",
                 "{'TcpPort': <uint16 22>}", "/etc/ssh/sshd_config.d/50.conf:2: ");
}

static void
test_auxiliary (void)
{
  check_refused (DEBIAN,
                 "{" OFF ", 'AuxiliaryParameters': "
                 "<'# codes\\nAuthenticationMethods publickey,keyboard-interactive'>}",
                 "AuxiliaryParameters:2: this line demands keyboard-interactive ");
  check_refused (DEBIAN,
                 "{" OFF ", 'AuxiliaryParameters': "
                 "<'Match User x\\n\\nAuthenticationMethods keyboard-interactive'>}",
                 "AuxiliaryParameters:3: ");
  check_fine (DEBIAN, "{" OFF ", 'AuxiliaryParameters': <'Match User x\\nAuthenticationMethods "
                      "keyboard-interactive\\nKbdInteractiveAuthentication yes'>}");
}

static void
test_match (void)
{
  static const char codes[] =
      DEBIAN FOREIGN "Match Group root\nKbdInteractiveAuthentication yes\n"
                     "AuthenticationMethods publickey,keyboard-interactive\n";

  check_refused (codes, "{" OFF "}", PLACE "3 demands keyboard-interactive ");
  check_fine (codes, "{" GROUPS "}");
  check_fine (codes, "{'PasswordAuthentication': <true>}");
  check_fine (codes, "{'TcpPort': <uint16 22>}");
  check_fine (codes, "{" OFF ", 'AuxiliaryParameters': "
                     "<'Match Group root\\nChallengeResponseAuthentication yes'>}");
  check_refused (codes,
                 "{" OFF ", 'AuxiliaryParameters': "
                 "<'Match Group root\\nPasswordAuthentication yes'>}",
                 PLACE "3 demands keyboard-interactive ");
  check_fine (DEBIAN FOREIGN "Match User x\nAuthenticationMethods keyboard-interactive publickey\n",
              "{" OFF "}");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  etc_ssh_set_up ();
  sshd = sshd_read (REAL_SSHD, NULL, NULL, NULL);
  g_assert_nonnull (sshd);

  g_test_add_func ("/check-methods/global", test_global);
  g_test_add_func ("/check-methods/on-by-the-same-change", test_on_by_the_same_change);
  g_test_add_func ("/check-methods/off-by-others", test_off_by_others);
  g_test_add_func ("/check-methods/auxiliary", test_auxiliary);
  g_test_add_func ("/check-methods/match", test_match);
  status = g_test_run ();
  sshd_free (sshd);
  etc_ssh_tear_down ();
  return status;
}
