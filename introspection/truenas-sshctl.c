/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-sshctl.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "truenas-sshctl-agent.h"
#include "truenas-sshctl-remote.h"

typedef struct
{
  const char *name;
  int least;     /* arguments */
  int most;      /* -1: any number */
  gboolean asks; /* somebody may have to authenticate */
  CtlVerb run;
  const char *arguments;
  const char *help;
} Verb;

static const Verb verbs[] = {
  { "status", 0, 0, FALSE, ctl_status, "", N_ ("Show settings and state (the default)") },
  { "show", 0, 0, FALSE, ctl_show, "", N_ ("Show every property") },
  { "get", 1, 1, FALSE, ctl_get, "NAME", N_ ("Print one property") },
  { "set", 1, -1, TRUE, ctl_set, "NAME=VALUE…", N_ ("Change settings; += and -= for lists") },
  { "reset", 1, -1, TRUE, ctl_reset, "NAME…", N_ ("Give settings back to the system") },
  { "edit", 0, 0, TRUE, ctl_edit, "", N_ ("Edit the auxiliary parameters") },
  { "confirm", 0, 1, TRUE, ctl_confirm, "[TOKEN]", N_ ("Keep the change that is on probation") },
  { "rollback", 0, 1, TRUE, ctl_rollback, "[TOKEN]", N_ ("Undo it now") },
  { "history", 0, 0, TRUE, ctl_history, "", N_ ("List the last changes") },
  { "revert", 1, 1, TRUE, ctl_revert, "GENERATION", N_ ("Bring back the settings of then") },
  { "import", 1, 1, TRUE, ctl_import, "FILE", N_ ("Take over settings from JSON, also TrueNAS's") },
  { "export", 0, 0, FALSE, ctl_export, "", N_ ("Print the settings that are set here as JSON") },
  { "interfaces", 0, 0, FALSE, ctl_interfaces, "", N_ ("List interfaces that can be bound") },
  { "groups", 0, 1, FALSE, ctl_groups, "[PREFIX]", N_ ("List groups") },
  { "host-keys", 0, 0, FALSE, ctl_host_keys, "", N_ ("List the fingerprints of the host keys") },
  { "check-login", 1, 1, TRUE, ctl_check_login, "USER", N_ ("Tell whether a user could log in") },
  { "check-kerberos", 0, 0, TRUE, ctl_check_kerberos, "", N_ ("Tell what Kerberos still needs") },
  { "explain", 0, 0, TRUE, ctl_explain, "", N_ ("Tell who decides each setting") },
  { "start", 0, 0, TRUE, ctl_start, "", N_ ("Start the SSH server") },
  { "stop", 0, 0, TRUE, ctl_stop, "", N_ ("Stop it; sessions stay") },
  { "restart", 0, 0, TRUE, ctl_restart, "", N_ ("Restart it; sessions stay") },
  { "enable", 0, 0, TRUE, ctl_enable, "", N_ ("Start it on boot") },
  { "disable", 0, 0, TRUE, ctl_disable, "", N_ ("Do not start it on boot") },
  { "monitor", 0, 0, FALSE, ctl_monitor, "", N_ ("Show changes as they happen") },
};

GQuark
ctl_error_quark (void)
{
  return g_quark_from_static_string ("truenas-sshctl-error-quark");
}

/* The exit status that an error means. */
static int
status_of (const GError *error)
{
  if (error->domain == CTL_ERROR || error->domain == G_OPTION_ERROR)
    return EXIT_USAGE;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    return EXIT_DENIED;
  if (error->domain != TRUENAS_SSH_ERROR)
    return EXIT_FAILURE;

  switch (error->code)
    {
    case TRUENAS_SSH_ERROR_INVALID_SETTING:
    case TRUENAS_SSH_ERROR_INVALID_OPTION:
    case TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE:
    case TRUENAS_SSH_ERROR_UNKNOWN_GROUP:
      return EXIT_USAGE;
    case TRUENAS_SSH_ERROR_BUSY:
    case TRUENAS_SSH_ERROR_CONFLICT:
    case TRUENAS_SSH_ERROR_NOT_PENDING:
      return EXIT_NOT_NOW;
    case TRUENAS_SSH_ERROR_APPLY_FAILED:
      return EXIT_ROLLED_BACK;
    case TRUENAS_SSH_ERROR_LOCKOUT:
      return EXIT_LOCKOUT;
    default:
      return EXIT_FAILURE;
    }
}

/* What the service's errors say in all; the message has it in detail, and in English. */
static const char *const headlines[] = {
  [TRUENAS_SSH_ERROR_INVALID_SETTING] = N_ ("The setting cannot be so"),
  [TRUENAS_SSH_ERROR_INVALID_OPTION] = N_ ("The option cannot be so"),
  [TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE] = N_ ("There is no such network interface"),
  [TRUENAS_SSH_ERROR_UNKNOWN_GROUP] = N_ ("There is no such group"),
  [TRUENAS_SSH_ERROR_NOT_SUPPORTED] = N_ ("This machine cannot do it"),
  [TRUENAS_SSH_ERROR_NOT_INSTALLED] = N_ ("OpenSSH's server is not installed."),
  [TRUENAS_SSH_ERROR_CONFIG_REJECTED] = N_ ("The SSH server would not do it"),
  [TRUENAS_SSH_ERROR_PORT_IN_USE] = N_ ("The port is not free"),
  [TRUENAS_SSH_ERROR_APPLY_FAILED] = N_ ("The change was undone: the previous settings are back"),
  [TRUENAS_SSH_ERROR_ROLLBACK_FAILED] = N_ ("The previous settings could not be brought back"),
  [TRUENAS_SSH_ERROR_LOCKOUT] = N_ ("Nobody who administers the machine could log in any more"),
  [TRUENAS_SSH_ERROR_BUSY] = N_ ("Another change is under way"),
  [TRUENAS_SSH_ERROR_CONFLICT] = N_ ("The machine is not as assumed"),
  [TRUENAS_SSH_ERROR_NOT_PENDING] = N_ ("No change is on probation"),
  [TRUENAS_SSH_ERROR_SERVICE_FAILED] = N_ ("The SSH server did not do as it was told"),
  [TRUENAS_SSH_ERROR_FAILED] = N_ ("It did not work"),
};

G_STATIC_ASSERT (G_N_ELEMENTS (headlines) == TRUENAS_SSH_ERROR_FAILED + 1);

/* Where the language has a headline: for those who speak English the message is enough. */
static void
print_error (const GError *error)
{
  const char *headline = NULL;

  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    headline = N_ ("You are not allowed to do it");
  else if (error->domain == TRUENAS_SSH_ERROR && error->code <= TRUENAS_SSH_ERROR_FAILED)
    headline = headlines[error->code];
  if (headline != NULL && _ (headline) != headline)
    g_printerr ("truenas-sshctl: %s\n  %s\n", _ (headline), error->message);
  else
    g_printerr ("truenas-sshctl: %s\n", error->message);
}

static const Verb *
find_verb (const char *name, int n_arguments, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (g_strcmp0 (verbs[i].name, name) != 0)
        continue;
      if (n_arguments < verbs[i].least || (verbs[i].most >= 0 && n_arguments > verbs[i].most))
        {
          g_set_error (error, CTL_ERROR, 0, _ ("usage: truenas-sshctl %s %s"), name,
                       verbs[i].arguments);
          return NULL;
        }
      return &verbs[i];
    }
  g_set_error (error, CTL_ERROR, 0, _ ("%s: there is no such command; see --help"), name);
  return NULL;
}

/* (transfer full): the commands, for --help. */
static char *
summary (void)
{
  GString *text = g_string_new (_ ("See and change the settings of the SSH server.\n\nCommands:"));

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autofree char *usage = g_strdup_printf ("%s %s", verbs[i].name, verbs[i].arguments);

      g_string_append_printf (text, "\n  %-24s %s", usage, _ (verbs[i].help));
    }
  return g_string_free (text, FALSE);
}

static gboolean
parse (Ctl *ctl, gboolean *version, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &ctl->dry_run, N_ ("Only show what would change"),
      NULL },
    { "confirm", 0, 0, G_OPTION_ARG_INT, &ctl->confirm,
      N_ ("Undo the change unless it is confirmed in time"), N_ ("SECONDS") },
    { "no-confirm", 0, 0, G_OPTION_ARG_NONE, &ctl->no_confirm,
      N_ ("Do not do so, also when logged in over SSH"), NULL },
    { "confirm-on-login", 0, 0, G_OPTION_ARG_NONE, &ctl->confirm_on_login,
      N_ ("A new login of yours confirms it too"), NULL },
    { "if-generation", 0, 0, G_OPTION_ARG_INT64, &ctl->if_generation,
      N_ ("Only if this is the settings' generation"), N_ ("N") },
    { "replace-foreign", 0, 0, G_OPTION_ARG_NONE, &ctl->replace_foreign,
      N_ ("Comment out lines of other files that are in the way"), NULL },
    { "overwrite-edits", 0, 0, G_OPTION_ARG_NONE, &ctl->overwrite_edits,
      N_ ("Replace what was edited by hand"), NULL },
    { "use-service", 0, 0, G_OPTION_ARG_NONE, &ctl->use_service,
      N_ ("Change over from the socket unit to the service"), NULL },
    { "allow-lockout", 0, 0, G_OPTION_ARG_NONE, &ctl->allow_lockout,
      N_ ("Go on although nobody could log in any more"), NULL },
    { "start", 0, 0, G_OPTION_ARG_NONE, &ctl->start, N_ ("Start the SSH server if it does not run"),
      NULL },
    { "address", 0, 0, G_OPTION_ARG_STRING, &ctl->address,
      N_ ("Where the user of check-login comes from"), N_ ("ADDRESS") },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &ctl->json, N_ ("Print JSON"), NULL },
    { "host", 'H', 0, G_OPTION_ARG_STRING_ARRAY, &ctl->hosts, N_ ("Another machine, over SSH"),
      N_ ("[USER@]HOST") },
    { "no-ask-password", 0, 0, G_OPTION_ARG_NONE, &ctl->no_ask_password,
      N_ ("Never ask for a password"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, version, N_ ("Show the version"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("[COMMAND]"));
  g_autofree char *commands = summary ();

  g_option_context_set_summary (context, commands);
  g_option_context_add_main_entries (context, entries, GETTEXT_DOMAIN);
  return g_option_context_parse (context, argc, argv, error);
}

/* host: (nullable) this one. */
static gboolean
connect_client (Ctl *ctl, const char *host, GError **error)
{
  g_autoptr (GDBusConnection) bus = NULL;

  if (host != NULL)
    {
      bus = remote_connect (host, error);
      if (bus == NULL)
        return FALSE;
      g_dbus_connection_set_exit_on_close (bus, FALSE);
    }
  ctl->client = bus != NULL ? truenas_ssh_client_new_for_connection (bus, NULL, error)
                            : truenas_ssh_client_new (NULL, error);
  if (ctl->client == NULL)
    return FALSE;
  truenas_ssh_client_set_interactive (ctl->client, !ctl->no_ask_password);
  return TRUE;
}

/* Its exit status, -1 with an error. */
static int
run_on (Ctl *ctl, const char *host, const Verb *verb, GError **error)
{
  int status = -1;

  if (connect_client (ctl, host, error))
    {
      if (verb->asks && geteuid () != 0 && !ctl->no_ask_password && host == NULL)
        agent_start ();
      status = verb->run (ctl, error);
      agent_stop ();
    }
  g_clear_object (&ctl->client);
  return status;
}

/* Standard input can be read once. */
static gboolean
check_input (const Ctl *ctl, GError **error)
{
  for (char **each = ctl->arguments; *each != NULL; each++)
    if (g_str_equal (*each, "-") || g_str_has_suffix (*each, "=-"))
      {
        g_set_error (error, CTL_ERROR, 0,
                     _ ("%s: not with several machines; use a file in the place of “-”"), *each);
        return FALSE;
      }
  return TRUE;
}

/* One machine after the other, whatever becomes of it on any. Returns the highest exit status. */
static int
run_everywhere (Ctl *ctl, const Verb *verb, GError **error)
{
  int highest = EXIT_SUCCESS;

  if (!check_input (ctl, error))
    return -1;
  for (char **host = ctl->hosts; *host != NULL; host++)
    {
      g_autoptr (GError) local = NULL;
      int status;

      if (!ctl->json)
        g_print ("%s%s:\n", host > ctl->hosts ? "\n" : "", *host);
      fflush (stdout);
      status = run_on (ctl, *host, verb, &local);
      fflush (stdout);
      if (status < 0)
        {
          print_error (local);
          status = status_of (local);
        }
      highest = MAX (highest, status);
    }
  return highest;
}

/* One command from its words to its exit status, -1 with an error. */
static int
run (Ctl *ctl, int argc, char **argv, GError **error)
{
  const Verb *verb = NULL;
  gboolean version = FALSE;

  if (!parse (ctl, &version, &argc, &argv, error))
    return -1;
  if (version)
    {
      g_print ("truenas-sshctl %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }

  verb = find_verb (argc > 1 ? argv[1] : "status", MAX (argc - 2, 0), error);
  if (verb == NULL)
    return -1;
  ctl->n_arguments = MAX (argc - 2, 0);
  ctl->arguments = argv + MIN (argc, 2);
  ctl->remote = ctl->hosts != NULL || g_getenv ("SSH_CONNECTION") != NULL;
  if (ctl->hosts != NULL && ctl->hosts[1] != NULL)
    return run_everywhere (ctl, verb, error);
  return run_on (ctl, ctl->hosts ? ctl->hosts[0] : NULL, verb, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Ctl ctl = { .confirm = -1, .if_generation = -1 };
  int status = 0;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_DOMAIN, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_DOMAIN, "UTF-8");
  textdomain (GETTEXT_DOMAIN);

  status = run (&ctl, argc, argv, &error);
  if (status < 0)
    {
      print_error (error);
      status = status_of (error);
    }
  g_free (ctl.address);
  g_strfreev (ctl.hosts);
  return status;
}
