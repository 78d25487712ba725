/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a plan says will come of its files is what sshd does once they are written. */

#include "config.h"

#include <string.h>

#include "drop-in.h"
#include "etc-ssh.h"
#include "plan.h"
#include "real-sshd.h"
#include "settings.h"
#include "store.h"
#include "trial.h"
#include "truenas-ssh-error.h"

#define MAIN    "= sshd_config\n"
#define INCLUDE "Include /etc/ssh/sshd_config.d/*.conf\n"
#define FOLDER  "= sshd_config.d/readme\n"
#define DEBIAN                                                 \
  MAIN INCLUDE "KbdInteractiveAuthentication no\nUsePAM yes\n" \
               "Subsystem sftp /usr/lib/openssh/sftp-server\n" FOLDER

static Sshd *sshd;

static Plan *
make (const char *text, gboolean replace_foreign, GError **error)
{
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr (GVariant) change = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
  g_autoptr (GVariant) settings = settings_merge (nothing, change, NULL, NULL);
  g_autofree char *drop_in = NULL;

  g_assert_nonnull (settings);
  g_assert_true (store_read (DROP_IN_PATH, &drop_in, NULL));
  return plan_make (sshd, drop_in, settings, 7, replace_foreign, NULL, error);
}

static void
install (const Plan *plan)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < plan->files->len; i++)
    {
      const PlanFile *file = g_ptr_array_index (plan->files, i);
      g_autofree char *before = NULL;

      g_assert_true (store_read (file->path, &before, &error));
      g_assert_cmpstr (before, ==, file->before);
      g_assert_true (store_replace (file->path, file->after, file->mode, &error));
      g_assert_no_error (error);
    }
}

static void
apply (const char *settings, gboolean replace_foreign)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Plan) plan = make (settings, replace_foreign, &error);
  g_autoptr (Effective) effective = NULL;
  g_autoptr (DropIn) drop_in = NULL;
  g_autofree char *text = NULL;

  g_test_message ("%s", settings);
  g_assert_no_error (error);
  install (plan);
  effective = trial_effective (sshd, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (effective_equal (effective, plan->effective));
  g_assert_true (store_read (DROP_IN_PATH, &text, NULL));
  drop_in = drop_in_parse (text);
  g_assert_false (drop_in->edited);
  g_assert_cmpvariant (drop_in->settings, plan->settings);
}

/* One after the other, and at the end every file is as it was. */
static void
check (const char *files, const char *const *settings)
{
  g_autoptr (EtcSsh) etc G_GNUC_UNUSED = etc_ssh_new (files);
  g_autofree char *main = NULL;
  g_autofree char *after = NULL;
  g_autofree char *drop_in = NULL;

  g_assert_true (store_read (ETC_SSH_MAIN, &main, NULL));
  for (gsize i = 0; settings[i] != NULL; i++)
    {
      g_autoptr (Plan) again = NULL;

      apply (settings[i], TRUE);
      again = make (settings[i], FALSE, NULL);
      g_assert_nonnull (again);
      g_assert_cmpuint (again->files->len, ==, 0);
    }
  apply ("@a{sv} {}", FALSE);
  g_assert_true (store_read (ETC_SSH_MAIN, &after, NULL));
  g_assert_cmpstr (after, ==, main);
  g_assert_true (store_read (DROP_IN_PATH, &drop_in, NULL));
  g_assert_null (drop_in);
}

static void
test_apply (void)
{
  static const char *const settings[] = {
    "{'TcpPort': <uint16 2222>}",
    "{'TcpPort': <uint16 2222>, 'BindInterfaces': <['lo']>}",
    "{'BindInterfaces': <@as []>}",
    "{'PasswordAuthentication': <false>, 'TcpForwarding': <false>}",
    "{'PasswordAuthentication': <true>, 'PasswordLoginGroups': <['root', 'daemon']>}",
    "{'PasswordLoginGroups': <['root']>}",
    "{'SftpLogLevel': <'INFO'>, 'SftpLogFacility': <'AUTH'>}",
    "{'SftpLogFacility': <'LOCAL0'>}",
    "{'WeakCiphers': <['AES128-CBC']>}",
    "{'AuxiliaryParameters': <'UseDNS no\\n#: TcpPort = 1\\n\\nMatch User x\\nBanner /x'>}",
    ("{'TcpPort': <uint16 2222>, 'PasswordAuthentication': <false>, 'Compression': <false>, "
     "'KerberosAuthentication': <false>, 'SftpLogLevel': <'DEBUG3'>, 'WeakCiphers': <@as []>}"),
    NULL,
  };

  check (DEBIAN, settings);
  check (DEBIAN "= sshd_config.d/50.conf\nPort 23\nListenAddress 127.0.0.1\nPasswordAuthentication "
                "yes\nMatch User y\nPasswordAuthentication yes\n",
         settings);
}

/* Lines of others come back byte for byte. */
static void
test_replace_foreign (void)
{
  static const char *const settings[] = {
    "{'TcpPort': <uint16 2222>, 'SftpLogLevel': <'INFO'>}",
    "{'BindInterfaces': <['lo']>, 'SftpLogLevel': <'ERROR'>}",
    "{'TcpForwarding': <true>, 'SftpLogFacility': <'USER'>}",
    NULL,
  };

  check (MAIN INCLUDE "Port 23 \nListenAddress 127.0.0.1:24\r\n\tSubsystem\tsftp /x -f AUTH\n"
                      "AllowTcpForwarding local\n# an end without a line break^\n" FOLDER,
         settings);
  check (MAIN INCLUDE FOLDER
         "= sshd_config.d/99.conf\nPort 23\nPort 24\nSubsystem sftp internal-sftp^",
         settings);
}

static void
check_refused (const char *files, const char *settings, TruenasSshError code, const char *begin)
{
  g_autoptr (EtcSsh) etc G_GNUC_UNUSED = etc_ssh_new (files);
  g_autoptr (GError) error = NULL;

  g_assert_null (make (settings, FALSE, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, TRUENAS_SSH_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, begin));
}

static void
check_rejected (const char *files, const char *settings, const char *begin)
{
  check_refused (files, settings, TRUENAS_SSH_ERROR_CONFIG_REJECTED, begin);
}

/* The line is told where the caller knows it: in the text that was sent, or in the file. */
static void
test_rejected (void)
{
  check_rejected (DEBIAN, "{'AuxiliaryParameters': <'UseDNS no\\nNonsense yes\\n'>}",
                  "AuxiliaryParameters:2: Bad configuration option: Nonsense");
  check_rejected (DEBIAN,
                  "{'TcpPort': <uint16 1>, 'PasswordAuthentication': <false>, "
                  "'AuxiliaryParameters': <'\\n# x\\n  UseDNS perhaps'>}",
                  "AuxiliaryParameters:3: ");
  check_rejected (DEBIAN, "{'AuxiliaryParameters': <'Match User x\\n\\nMaxStartups 3'>}",
                  "AuxiliaryParameters:3: ");
  check_rejected (DEBIAN "= sshd_config.d/50.conf\n\nNonsense yes\n", "{'TcpPort': <uint16 1>}",
                  "/etc/ssh/sshd_config.d/50.conf:2: ");
  check_rejected (MAIN INCLUDE "\n\nNonsense yes\n" FOLDER, "{'TcpPort': <uint16 1>}",
                  "/etc/ssh/sshd_config:4: ");
}

static void
test_rejected_place (void)
{
  check_rejected (
      MAIN "Port 22\n" FOLDER, "{'TcpPort': <uint16 1>}",
      "/etc/ssh/sshd_config: sshd would not read /etc/ssh/sshd_config.d/00-truenas.conf");
  check_rejected (MAIN "Match User x\n" INCLUDE FOLDER, "{'TcpPort': <uint16 1>}",
                  "/etc/ssh/sshd_config: sshd would not read");
  check_rejected (MAIN "Compression no\n" INCLUDE FOLDER, "{'Compression': <true>}",
                  "Compression: /etc/ssh/sshd_config:1 comes first");
  check_rejected (DEBIAN "= sshd_config.d/00-a.conf\n\nMatch User x\nPasswordAuthentication yes\n",
                  "{'PasswordAuthentication': <false>}",
                  "PasswordAuthentication: /etc/ssh/sshd_config.d/00-a.conf:3 makes an exception");
  check_rejected (DEBIAN
                  "= sshd_config.d/00-a.conf\nMatch User x\nKbdInteractiveAuthentication yes\n",
                  "{'PasswordLoginGroups': <['root']>, 'PasswordAuthentication': <true>}",
                  "PasswordAuthentication: /etc/ssh/sshd_config.d/00-a.conf:2 makes an exception");
}

static void
test_conflict (void)
{
  check_refused (MAIN INCLUDE "\nPort 23\n" FOLDER, "{'TcpPort': <uint16 1>}",
                 TRUENAS_SSH_ERROR_CONFLICT,
                 "TcpPort: the line “port” at /etc/ssh/sshd_config:3 stands against it");
  check_refused (MAIN INCLUDE FOLDER "= sshd_config.d/9.conf\nListenAddress ::1\n",
                 "{'BindInterfaces': <['lo']>}", TRUENAS_SSH_ERROR_CONFLICT,
                 "BindInterfaces: the line “listenaddress” at /etc/ssh/sshd_config.d/9.conf:1");
  check_refused (DEBIAN, "{'WeakCiphers': <['NONE']>}", TRUENAS_SSH_ERROR_NOT_SUPPORTED,
                 "WeakCiphers: ");
  check_refused (MAIN INCLUDE FOLDER, "{'SftpLogLevel': <'INFO'>}", TRUENAS_SSH_ERROR_NOT_SUPPORTED,
                 "SftpLogLevel: sshd has no SFTP subsystem");
}

/* What is not in the caller's words stays where it is. */
static void
test_quotes_nothing (void)
{
  g_autoptr (EtcSsh) etc G_GNUC_UNUSED = etc_ssh_new (DEBIAN "= secret\nroot:topsecret\n");
  g_autoptr (GError) error = NULL;

  g_assert_null (make ("{'AuxiliaryParameters': <'Include secret'>}", FALSE, &error));
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "/etc/ssh/secret:1: "));
  g_assert_null (strstr (error->message, "topsecret"));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  etc_ssh_set_up ();
  sshd = sshd_read (REAL_SSHD, NULL, NULL, NULL);
  g_assert_nonnull (sshd);

  g_test_add_func ("/plan/apply", test_apply);
  g_test_add_func ("/plan/replace-foreign", test_replace_foreign);
  g_test_add_func ("/plan/rejected", test_rejected);
  g_test_add_func ("/plan/rejected/place", test_rejected_place);
  g_test_add_func ("/plan/conflict", test_conflict);
  g_test_add_func ("/plan/quotes-nothing", test_quotes_nothing);
  status = g_test_run ();
  sshd_free (sshd);
  etc_ssh_tear_down ();
  return status;
}
