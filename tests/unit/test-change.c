/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "change.h"
#include "settings.h"
#include "truenas-ssh-error.h"

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static Change *
make (const char *settings, const char *options)
{
  g_autoptr (GVariant) a = parse (settings);
  g_autoptr (GVariant) b = parse (options);
  g_autoptr (GError) error = NULL;
  Change *change = change_new (a, b, &error);

  g_assert_no_error (error);
  return change;
}

static void
test_options (void)
{
  g_autoptr (Change) none = make ("{}", "{}");
  g_autoptr (Change) all =
      make ("{'TcpPort': <uint16 1>}",
            "{'dry-run': <true>, 'replace-foreign': <true>, 'overwrite-edits': <true>, "
            "'start': <true>, 'confirm-timeout': <uint32 60>, 'confirm-on-login': <true>, "
            "'allow-lockout': <true>, "
            "'if-generation': <uint64 18446744073709551615>, 'reset': <['Compression']>}");

  g_assert_false (none->dry_run || none->replace_foreign || none->overwrite_edits || none->start
                  || none->confirm_on_login || none->allow_lockout || none->has_generation);
  g_assert_cmpuint (none->confirm_timeout, ==, 0);
  g_assert_cmpuint (none->uid, ==, G_MAXUINT32);
  g_assert_cmpuint (none->login_uid, ==, G_MAXUINT32);
  g_assert_cmpuint (g_strv_length (none->reset), ==, 0);
  g_assert_true (all->dry_run && all->replace_foreign && all->overwrite_edits && all->start
                 && all->confirm_on_login && all->allow_lockout && all->has_generation);
  g_assert_cmpuint (all->confirm_timeout, ==, 60);
  g_assert_cmpuint (all->generation, ==, G_MAXUINT64);
  g_assert_cmpuint (g_strv_length (all->reset), ==, 1);
  g_assert_true (change_names (all, "TcpPort") && change_names (all, "Compression"));
  g_assert_false (change_names (all, "TcpForwarding"));
}

static void
check_refused (const char *options, const char *begin)
{
  g_autoptr (GVariant) settings = parse ("{}");
  g_autoptr (GVariant) values = parse (options);
  g_autoptr (GError) error = NULL;

  g_assert_null (change_new (settings, values, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, begin));
}

static void
test_options_refused (void)
{
  static const char *const names[] = {
    "allow-lockout",   "confirm-on-login", "confirm-timeout", "dry-run", "if-generation",
    "overwrite-edits", "replace-foreign",  "reset",           "start",   "use-service",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *options = g_strdup_printf ("{'%s': <'yes'>}", names[i]);
      g_autofree char *begin = g_strdup_printf ("%s: the value must be of type “", names[i]);

      check_refused (options, begin);
    }
  check_refused ("{'force': <true>}",
                 "force: no such option; there are allow-lockout, check-logins, ");
  check_refused ("{'Dry-Run': <true>}", "Dry-Run: no such option");
  check_refused ("{'dry_run': <true>}", "dry_run: no such option");
  check_refused ("{'': <true>}", ": no such option");
  check_refused ("{'a\\nb': <true>}", "a\\nb: no such option");
  check_refused ("{'dry-run': <true>, 'dry-ran': <true>}", "dry-ran: no such option");
  check_refused ("{'if-generation': <uint32 1>}", "if-generation: the value must be of type “t”");
  check_refused ("{'confirm-timeout': <int32 60>}", "confirm-timeout: the value must be of type");
  check_refused ("{'reset': <'TcpPort'>}", "reset: the value must be of type “as”, not “s”");
}

static void
test_probation (void)
{
  g_autoptr (Change) least = make ("{}", "{'confirm-timeout': <uint32 10>}");
  g_autoptr (Change) most = make ("{}", "{'confirm-timeout': <uint32 3600>}");
  g_autoptr (Change) never = make ("{}", "{'confirm-on-login': <false>}");

  g_assert_cmpuint (least->confirm_timeout, ==, 10);
  g_assert_cmpuint (most->confirm_timeout, ==, 3600);
  g_assert_cmpuint (never->confirm_timeout, ==, 0);
  check_refused ("{'confirm-timeout': <uint32 0>}", "confirm-timeout: 0 s; it is from 10 to 3600");
  check_refused ("{'confirm-timeout': <uint32 9>}", "confirm-timeout: 9 s");
  check_refused ("{'confirm-timeout': <uint32 3601>}", "confirm-timeout: 3601 s");
  check_refused ("{'confirm-timeout': <uint32 4294967295>}", "confirm-timeout: 4294967295 s");
  check_refused ("{'confirm-on-login': <true>}", "confirm-on-login: needs confirm-timeout");
}

/* The settings after a change as text, or the message why not. */
static void
check_merge (const char *before, const char *settings, const char *options, const char *begin)
{
  g_autoptr (GVariant) from = parse (before);
  g_autoptr (Change) change = make (settings, options);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) after = change_merge (change, from, &error);
  g_autofree char *text = after ? g_variant_print (after, TRUE) : g_strdup (error->message);

  g_assert_cmpint (after == NULL, ==, error != NULL);
  if (error != NULL)
    g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING);
  g_test_message ("%s", text);
  g_assert_true (g_str_has_prefix (text, begin));
}

static void
test_merge (void)
{
  check_merge ("{'Compression': <true>}", "{'TcpPort': <uint16 2>}", "{}",
               "{'TcpPort': <uint16 2>, 'Compression': <true>}");
  check_merge ("{'Compression': <true>}", "{}", "{'reset': <['Compression', 'TcpPort']>}",
               "@a{sv} {}");
  check_merge ("{}", "{}", "{'reset': <['Port']>}", "Port: no such setting");
  check_merge ("{}", "{'TcpPort': <uint16 0>}", "{}", "TcpPort: a port is");
  check_merge ("{}", "{'TcpPort': <uint16 2>}", "{'reset': <['TcpPort']>}", "TcpPort: both set");
  check_merge ("{}", "{'AuxiliaryParameters': <'UseDNS no\\nPort 22'>}", "{}",
               "AuxiliaryParameters:2: “port”");
  check_merge ("{}", "{'AuxiliaryParameters': <'UseDNS no\\r\\nMaxSessions 1\\r\\n'>}", "{}",
               "{'AuxiliaryParameters': <'UseDNS no\\nMaxSessions 1\\n'>}");
  check_merge ("{}", "{'AuxiliaryParameters': <'UseDNS no\\rPort 22'>}", "{}",
               "AuxiliaryParameters:1: the character U+000D");
}

/* Ciphers among the lines and WeakCiphers exclude each other, whichever is first. */
static void
test_merge_ciphers (void)
{
  check_merge ("{'AuxiliaryParameters': <'Ciphers aes256-ctr'>}",
               "{'WeakCiphers': <['AES128-CBC']>}", "{}", "AuxiliaryParameters:1: “ciphers”");
  check_merge ("{'WeakCiphers': <['AES128-CBC']>}",
               "{'AuxiliaryParameters': <'\\nCiphers aes256-ctr'>}", "{}",
               "AuxiliaryParameters:2: “ciphers”");
  check_merge ("{'WeakCiphers': <['AES128-CBC']>}",
               "{'AuxiliaryParameters': <'Ciphers aes256-ctr'>}", "{'reset': <['WeakCiphers']>}",
               "{'AuxiliaryParameters':");
  check_merge ("{'WeakCiphers': <['AES128-CBC']>}",
               "{'AuxiliaryParameters': <'Ciphers x'>, 'WeakCiphers': <@as []>}", "{}",
               "{'WeakCiphers': <@as []>, 'AuxiliaryParameters':");
}

#define CONFIGURE      ACTION_CONFIGURE
#define AUTHENTICATION ACTION_CONFIGURE_AUTHENTICATION
#define AUXILIARY      ACTION_CONFIGURE_AUXILIARY
#define PRIVILEGED     ACTION_CONFIGURE_PRIVILEGED

static void
check_actions (const char *before, const char *settings, const char *options, Action expected)
{
  g_autoptr (GVariant) from = parse (before);
  g_autoptr (Change) change = make (settings, options);
  g_autoptr (GVariant) after = change_merge (change, from, NULL);

  g_test_message ("%s -> %s", before, settings);
  g_assert_nonnull (after);
  g_assert_cmpint (change_actions (change, from, after), ==, expected);
}

static void
test_actions (void)
{
  static const struct
  {
    const char *settings;
    Action actions;
  } cases[] = {
    { "{'TcpPort': <uint16 1>}", CONFIGURE },
    { "{'BindInterfaces': <@as []>}", CONFIGURE },
    { "{'Compression': <true>}", CONFIGURE },
    { "{'SftpLogLevel': <''>}", CONFIGURE },
    { "{'SftpLogFacility': <'AUTH'>}", CONFIGURE },
    { "{'PasswordAuthentication': <false>}", AUTHENTICATION },
    { "{'PasswordLoginGroups': <['a']>}", AUTHENTICATION },
    { "{'KerberosAuthentication': <false>}", AUTHENTICATION },
    { "{'TcpForwarding': <false>}", AUTHENTICATION },
    { "{'WeakCiphers': <@as []>}", AUTHENTICATION },
    { "{'AuxiliaryParameters': <''>}", AUXILIARY },
    { "{'AuxiliaryParameters': <'UseDNS no'>}", AUXILIARY },
    { "{'AuxiliaryParameters': <'Banner x'>}", AUXILIARY | PRIVILEGED },
    { "{'TcpPort': <uint16 1>, 'TcpForwarding': <true>, 'AuxiliaryParameters': <'Match all'>}",
      CONFIGURE | AUTHENTICATION | AUXILIARY | PRIVILEGED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) settings = parse (cases[i].settings);
      g_autoptr (GVariant) names = g_variant_get_child_value (settings, 0);
      const char *name;
      g_autofree char *reset = NULL;

      g_variant_get_child (names, 0, "&s", &name);
      reset = g_strdup_printf ("{'reset': <['%s']>}", name);
      check_actions ("{}", cases[i].settings, "{}", cases[i].actions);
      check_actions (cases[i].settings, cases[i].settings, "{}", ACTION_INSPECT);
      if (g_variant_n_children (settings) == 1)
        check_actions (cases[i].settings, "{}", reset, cases[i].actions);
    }
}

static void
test_actions_auxiliary (void)
{
  static const char before[] =
      "{'AuxiliaryParameters': <'UseDNS no\\nPidFile x\\nMatch all\\nBanner y\\n'>}";
  static const struct
  {
    const char *text;
    Action actions;
  } cases[] = {
    { "UseDNS no\\nPidFile x\\nMatch all\\nBanner y\\n", ACTION_INSPECT },
    { "UseDNS yes\\nPidFile x\\nMatch all\\nBanner y\\n", AUXILIARY },
    { "UseDNS no\\nPidFile x\\nMatch all\\nBanner y", AUXILIARY },
    { "PidFile x\\nMatch all\\nBanner y\\n", AUXILIARY },
    { "UseDNS no\\n\\nPidFile x\\nMatch all\\nBanner y\\n", AUXILIARY },
    { "UseDNS no\\nMatch all\\nBanner y\\n", AUXILIARY | PRIVILEGED },
    { "PidFile x\\nUseDNS no\\nMatch all\\nBanner y\\n", AUXILIARY | PRIVILEGED },
    { "UseDNS no\\nPidFile x\\nMatch all\\nBanner z\\n", AUXILIARY | PRIVILEGED },
    { "UseDNS no\\nPidFile x\\nMatch all\\n", AUXILIARY | PRIVILEGED },
    { "UseDNS no\\nPidFile x\\nMatch all\\n#Banner y\\n", AUXILIARY | PRIVILEGED },
    { "UseDNS no\\nPidFile x\\nMatch all\\nBanner y\\nUseDNS no", AUXILIARY | PRIVILEGED },
    { "UseDNS no\\nPidFile x\\nBanner y\\n", AUXILIARY | PRIVILEGED },
    { "", AUXILIARY | PRIVILEGED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *change = g_strdup_printf ("{'AuxiliaryParameters': <'%s'>}", cases[i].text);

      check_actions (before, change, "{}", cases[i].actions);
    }
  check_actions (before, "{}", "{'reset': <['AuxiliaryParameters']>}", AUXILIARY | PRIVILEGED);
}

static void
test_actions_options (void)
{
  check_actions ("{}", "{}", "{}", ACTION_INSPECT);
  check_actions ("{}", "{}", "{'reset': <['TcpPort']>}", ACTION_INSPECT);
  check_actions ("{}", "{}", "{'replace-foreign': <true>}", AUXILIARY);
  check_actions ("{}", "{}", "{'overwrite-edits': <true>}", AUXILIARY);
  check_actions ("{}", "{}", "{'start': <true>}", ACTION_MANAGE_SERVICE);
  check_actions ("{}", "{}", "{'use-service': <true>}", ACTION_MANAGE_SERVICE);
  check_actions ("{}", "{'TcpPort': <uint16 1>}", "{'use-service': <true>}",
                 ACTION_CONFIGURE | ACTION_MANAGE_SERVICE);
  check_actions ("{}", "{}", "{'use-service': <true>, 'dry-run': <true>}", ACTION_INSPECT);
  check_actions ("{}", "{}", "{'allow-lockout': <true>}", AUTHENTICATION);
  check_actions ("{}", "{}", "{'start': <false>, 'replace-foreign': <false>}", ACTION_INSPECT);
  check_actions ("{}", "{'TcpPort': <uint16 1>}", "{'start': <true>, 'overwrite-edits': <true>}",
                 CONFIGURE | AUXILIARY | ACTION_MANAGE_SERVICE);
  check_actions ("{}", "{'TcpPort': <uint16 1>}", "{'confirm-timeout': <uint32 60>}", CONFIGURE);
  check_actions ("{}", "{'AuxiliaryParameters': <'Banner x'>}",
                 "{'dry-run': <true>, 'start': <true>, 'replace-foreign': <true>}", ACTION_INSPECT);
}

/* Exactly what was set then, and nothing else. */
static void
test_revert (void)
{
  g_autoptr (GVariant) then = parse ("{'TcpPort': <uint16 1>}");
  g_autoptr (GVariant) now = parse ("{'TcpPort': <uint16 2>, 'Compression': <true>}");
  g_autoptr (GVariant) options = parse ("{'dry-run': <true>}");
  g_autoptr (GVariant) reset = parse ("{'reset': <['Compression']>}");
  g_autoptr (GError) error = NULL;
  g_autoptr (Change) change = change_new_revert (then, options, &error);
  g_autoptr (GVariant) after = NULL;

  g_assert_no_error (error);
  g_assert_true (change->dry_run);
  after = change_merge (change, now, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (after, then);
  g_assert_null (change_new_revert (then, reset, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION);
  g_assert_true (g_str_has_prefix (error->message, "reset: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/change/options", test_options);
  g_test_add_func ("/change/options/refused", test_options_refused);
  g_test_add_func ("/change/options/probation", test_probation);
  g_test_add_func ("/change/merge", test_merge);
  g_test_add_func ("/change/merge/ciphers", test_merge_ciphers);
  g_test_add_func ("/change/revert", test_revert);
  g_test_add_func ("/change/actions", test_actions);
  g_test_add_func ("/change/actions/auxiliary", test_actions_auxiliary);
  g_test_add_func ("/change/actions/options", test_actions_options);
  return g_test_run ();
}
