/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-sshctl-change.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <unistd.h>

#include "truenas-sshctl-countdown.h"
#include "truenas-sshctl-setting.h"
#include "truenas-sshctl-text.h"

/* How long a change is on probation that nobody has given a time for. */
#define PROBATION 120

/* (transfer none): seconds, 0 for none. */
static int
probation (Ctl *ctl, const char *const *names)
{
  if (ctl->no_confirm || ctl->dry_run)
    return 0;
  if (ctl->confirm >= 0)
    return ctl->confirm;
  if (ctl->confirm_on_login)
    return PROBATION;
  for (; ctl->remote && *names != NULL; names++)
    {
      if (setting_is_about_access (*names))
        return PROBATION;
    }
  return 0;
}

GVariant *
change_options (Ctl *ctl, const char *const *names, const char *const *reset, gboolean relative)
{
  const struct
  {
    gboolean given;
    const char *name;
  } flags[] = {
    { ctl->dry_run, "dry-run" },
    { ctl->replace_foreign, "replace-foreign" },
    { ctl->overwrite_edits, "overwrite-edits" },
    { ctl->use_service, "use-service" },
    { ctl->allow_lockout, "allow-lockout" },
    { ctl->start, "start" },
  };
  TruenasSshService *service = TRUENAS_SSH_SERVICE (ctl->client);
  int seconds = probation (ctl, names);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      if (flags[i].given)
        g_variant_builder_add (&builder, "{sv}", flags[i].name, g_variant_new_boolean (TRUE));
    }
  if (reset != NULL && *reset != NULL)
    g_variant_builder_add (&builder, "{sv}", "reset", g_variant_new_strv (reset, -1));
  if (seconds > 0)
    g_variant_builder_add (&builder, "{sv}", "confirm-timeout",
                           g_variant_new_uint32 ((guint32) seconds));
  if (seconds > 0 && ctl->confirm_on_login)
    g_variant_builder_add (&builder, "{sv}", "confirm-on-login", g_variant_new_boolean (TRUE));
  /* What was added to or taken from has to be what it was. */
  if (ctl->if_generation >= 0 || relative)
    g_variant_builder_add (
        &builder, "{sv}", "if-generation",
        g_variant_new_uint64 (ctl->if_generation >= 0
                                  ? (guint64) ctl->if_generation
                                  : truenas_ssh_service_get_generation (service)));
  return g_variant_builder_end (&builder);
}

static void
print_changed (GVariant *result, gboolean dry_run)
{
  g_autoptr (GVariant) changed =
      g_variant_lookup_value (result, "changed", G_VARIANT_TYPE_STRING_ARRAY);
  g_autofree char *names = changed != NULL ? text_value (changed) : g_strdup ("");

  if (*names == '\0')
    g_print ("%s\n", _ ("Nothing changes."));
  else
    g_print ("%s %s\n", dry_run ? _ ("Would change:") : _ ("Changed:"), names);
}

/* Those that the change is about come to standard error, where they are seen. */
static void
print_warnings (GVariant *result)
{
  g_autoptr (GVariant) warnings =
      g_variant_lookup_value (result, "warnings", G_VARIANT_TYPE ("a(sa{sv})"));
  GVariantIter iter;
  GVariant *details = NULL;

  if (warnings == NULL)
    return;
  g_variant_iter_init (&iter, warnings);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", NULL, &details))
    {
      const char *message = "";
      g_autofree char *shown = NULL;

      g_variant_lookup (details, "message", "&s", &message);
      shown = text_printable (message, FALSE);
      g_printerr (_ ("Warning: %s\n"), shown);
    }
}

/* Where nobody sits at a terminal, the token is all that can be given. */
static int
await_confirmation (Ctl *ctl, const char *token, GError **error)
{
  CountdownEnd end = COUNTDOWN_ROLLED_BACK;

  if (ctl->json || !isatty (STDIN_FILENO) || !isatty (STDOUT_FILENO))
    {
      g_printerr (_ ("The change is undone soon, unless you keep it: truenas-sshctl confirm %s\n"),
                  token);
      return EXIT_SUCCESS;
    }
  if (!countdown_run (ctl->client, token, &end, error))
    return -1;
  if (end == COUNTDOWN_KEPT)
    {
      g_print ("%s\n", _ ("The change is kept."));
      return EXIT_SUCCESS;
    }
  g_print ("%s\n", _ ("The change is undone."));
  return EXIT_ROLLED_BACK;
}

int
change_done (Ctl *ctl, GVariant *result, GError **error)
{
  g_autoptr (GVariant) owned = result;
  const char *diff = NULL;
  const char *token = NULL;

  if (owned == NULL)
    return -1;
  if (ctl->json)
    text_json (owned);
  else
    {
      print_changed (owned, ctl->dry_run);
      print_warnings (owned);
      if (g_variant_lookup (owned, "diff", "&s", &diff))
        text_diff (diff);
    }
  if (g_variant_lookup (owned, "token", "&s", &token))
    return await_confirmation (ctl, token, error);
  return EXIT_SUCCESS;
}

int
ctl_set (Ctl *ctl, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_auto (GVariantDict) settings = G_VARIANT_DICT_INIT (NULL);
  gboolean relative = FALSE;

  for (char **each = ctl->arguments; *each != NULL; each++)
    {
      const GDBusPropertyInfo *setting = NULL;
      gboolean also = FALSE;
      g_autoptr (GVariant) value =
          setting_parse_assignment (ctl->client, *each, &setting, &also, error);

      if (value == NULL)
        return -1;
      if (g_variant_dict_contains (&settings, setting->name))
        {
          g_set_error (error, CTL_ERROR, 0, _ ("%s: is there twice"), setting->name);
          return -1;
        }
      g_variant_dict_insert_value (&settings, setting->name, value);
      g_strv_builder_add (names, setting->name);
      relative |= also;
    }

  list = g_strv_builder_end (names);
  return change_done (
      ctl,
      truenas_ssh_client_apply (ctl->client, g_variant_dict_end (&settings),
                                change_options (ctl, (const char *const *) list, NULL, relative),
                                NULL, error),
      error);
}

int
ctl_reset (Ctl *ctl, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (char **each = ctl->arguments; *each != NULL; each++)
    {
      const GDBusPropertyInfo *setting = setting_find (*each, error);

      if (setting == NULL)
        return -1;
      g_strv_builder_add (names, setting->name);
    }

  list = g_strv_builder_end (names);
  return change_done (ctl,
                      truenas_ssh_client_apply (ctl->client, NULL,
                                                change_options (ctl, (const char *const *) list,
                                                                (const char *const *) list, FALSE),
                                                NULL, error),
                      error);
}

/* It may change any setting. */
int
ctl_revert (Ctl *ctl, GError **error)
{
  g_autoptr (GVariant) settings = truenas_ssh_client_get_settings (ctl->client);
  g_autofree const char **names = g_new0 (const char *, g_variant_n_children (settings) + 1);
  guint64 generation = 0;
  GVariantIter iter;
  gsize n = 0;

  if (!g_ascii_string_to_unsigned (ctl->arguments[0], 10, 0, G_MAXUINT64, &generation, NULL))
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: not a generation; “history” has them"),
                   ctl->arguments[0]);
      return -1;
    }
  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_next (&iter, "{&sv}", &names[n], NULL))
    n++;
  return change_done (ctl,
                      truenas_ssh_client_revert (ctl->client, generation,
                                                 change_options (ctl, names, NULL, FALSE), NULL,
                                                 error),
                      error);
}

int
ctl_confirm (Ctl *ctl, GError **error)
{
  return truenas_ssh_client_confirm (ctl->client, ctl->arguments[0], NULL, error) ? EXIT_SUCCESS
                                                                                  : -1;
}

int
ctl_rollback (Ctl *ctl, GError **error)
{
  return truenas_ssh_client_rollback (ctl->client, ctl->arguments[0], NULL, error) ? EXIT_SUCCESS
                                                                                   : -1;
}
