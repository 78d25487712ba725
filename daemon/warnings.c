/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "warnings.h"

#include "auxiliary.h"
#include "command-line.h"
#include "directory.h"
#include "drop-in.h"
#include "foreign.h"
#include "groups.h"
#include "interfaces.h"
#include "kerberos.h"
#include "settings.h"
#include "truenas-ssh-error.h"

GVariant *
warning_path (const char *path)
{
  return g_variant_new_take_string (g_utf8_make_valid (path, -1));
}

void
warning_add (GVariantBuilder *warnings, const char *code, const char *message, ...)
{
  g_auto (GVariantBuilder) details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char *key;
  va_list args;

  g_variant_builder_add (&details, "{sv}", "message", warning_path (message));
  va_start (args, message);
  while ((key = va_arg (args, const char *)) != NULL)
    g_variant_builder_add (&details, "{sv}", key, va_arg (args, GVariant *));
  va_end (args);
  g_variant_builder_add (warnings, "(s@a{sv})", code, g_variant_builder_end (&details));
}

static void
warn_missing (const SshdConfigFacts *facts,
              const char *setting,
              const char *code,
              const char *key,
              gboolean (*exists) (const char *name),
              GVariantBuilder *warnings)
{
  g_autofree const char **names = settings_get_strv (facts->settings, setting);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *message =
          g_strdup_printf ("%s: there is no %s “%s” now", setting, key, names[i]);

      if (!exists (names[i]))
        warning_add (warnings, code, message, "setting", g_variant_new_string (setting), key,
                     g_variant_new_string (names[i]), NULL);
    }
}

/* sshd's replies leave through the device as well. */
static void
warn_no_way_back (const SshdConfigFacts *facts, GVariantBuilder *warnings)
{
  for (gsize i = 0; facts->interfaces[i] != NULL; i++)
    {
      const char *name = facts->interfaces[i];
      const char *families = interfaces_no_way_back (name);
      g_autofree char *message = NULL;

      if (families == NULL)
        continue;
      message = g_strdup_printf (SETTING_BIND_INTERFACES
                                 ": clients beyond the network of “%s” get no answer by %s, no "
                                 "default route leads there; a route with a high metric mends it",
                                 name, families);
      warning_add (warnings, "no-route-back", message, "setting",
                   g_variant_new_string (SETTING_BIND_INTERFACES), "interface",
                   g_variant_new_string (name), NULL);
    }
}

static gboolean
group_exists (const char *name)
{
  g_autoptr (GError) error = NULL;

  return groups_exists (name, &error)
         || !g_error_matches (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_GROUP);
}

/* The first line of somebody else's that is about the setting; NULL: none is. */
static const ConfigLine *
find_foreign (const ConfigTree *tree, const char *setting)
{
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);

      if (!line->conditional && !drop_in_is (line->path)
          && g_strcmp0 (settings_owner (line->directive->keyword), setting) == 0)
        return line;
    }
  return NULL;
}

static void
warn_line (const ConfigLine *line, const char *setting, GVariantBuilder *warnings)
{
  g_autofree char *message = g_strdup_printf ("%s: sshd does something else, because of %s:%u",
                                              setting, line->path, line->line);

  warning_add (warnings, "setting-overridden", message, "setting", g_variant_new_string (setting),
               "file", warning_path (line->path), "line", g_variant_new_uint32 (line->line), NULL);
}

static void
warn_overridden (const ConfigTree *tree, const char *setting, GVariantBuilder *warnings)
{
  const ConfigLine *line = find_foreign (tree, setting);
  g_autofree char *message = NULL;
  gboolean conditional;

  if (line != NULL)
    {
      warn_line (line, setting, warnings);
      return;
    }
  message = g_strdup_printf (config_tree_reaches (tree, DROP_IN_PATH, &conditional)
                                 ? "%s: sshd does something else"
                                 : "%s: sshd does not read " DROP_IN_PATH,
                             setting);
  warning_add (warnings, "setting-overridden", message, "setting", g_variant_new_string (setting),
               NULL);
}

/* Even where nobody has set it: it is no use to. */
static void
warn_option (const char *option, const char *setting, GVariantBuilder *warnings)
{
  g_autofree char *message = g_strdup_printf (
      "%s: the option “%s” on sshd's command line decides; see `systemctl cat` of its unit",
      setting, option);

  warning_add (warnings, "setting-overridden", message, "setting", g_variant_new_string (setting),
               NULL);
}

static void
warn_effects (const SshdConfigFacts *facts,
              const Effective *effective,
              const ConfigTree *tree,
              GVariantBuilder *warnings)
{
  const char *const *names = settings_names ();

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *beyond = sshd_config_beyond (effective, names[i]);
      g_autofree char *message = NULL;
      g_autofree char *option = command_line_decider (facts->arguments, names[i], facts->settings);

      if (option != NULL
          && !(settings_has (facts->settings, names[i])
               && sshd_config_holds (facts, effective, names[i])
               && !g_str_equal (names[i], SETTING_AUXILIARY_PARAMETERS)))
        {
          warn_option (option, names[i], warnings);
          continue;
        }
      if (settings_has (facts->settings, names[i]))
        {
          if (!sshd_config_holds (facts, effective, names[i]))
            warn_overridden (tree, names[i], warnings);
        }
      else if (beyond != NULL)
        {
          message = g_strdup_printf ("%s: %s", names[i], beyond);
          warning_add (warnings, "not-expressible", message, "setting",
                       g_variant_new_string (names[i]), NULL);
        }
    }
}

static void
warn_weak (const SshdConfigFacts *facts, const Effective *effective, GVariantBuilder *warnings)
{
  g_autoptr (GVariant) value = sshd_config_read (effective, SETTING_WEAK_CIPHERS);
  g_autofree const char **ciphers = g_variant_get_strv (value, NULL);
  g_autoptr (GVariant) passwords = sshd_config_read (effective, SETTING_PASSWORD_AUTHENTICATION);

  for (gsize i = 0; ciphers[i] != NULL; i++)
    {
      g_autofree char *message =
          g_strdup_printf (SETTING_WEAK_CIPHERS ": clients can choose %s", ciphers[i]);

      warning_add (warnings, "weak-cipher-enabled", message, "setting",
                   g_variant_new_string (SETTING_WEAK_CIPHERS), "cipher",
                   g_variant_new_string (ciphers[i]), NULL);
    }
  /* Where they are restricted to groups, sshd refuses them to everybody else. */
  if (g_variant_get_boolean (passwords))
    warning_add (warnings, "password-open-to-all",
                 SETTING_PASSWORD_AUTHENTICATION ": every user can log in with a password",
                 "setting", g_variant_new_string (SETTING_PASSWORD_AUTHENTICATION), NULL);
}

/* More people than those who are known here, and they come and go without anybody's doing here. */
static void
warn_directory (const Effective *effective, GVariantBuilder *warnings)
{
  g_autoptr (GVariant) passwords = sshd_config_read (effective, SETTING_PASSWORD_AUTHENTICATION);
  const char *service = effective_get (effective, "pamservicename");
  g_autofree char *directory = NULL;
  g_autofree char *message = NULL;

  if (!g_variant_get_boolean (passwords))
    return;
  if (*service == '\0')
    service = "sshd";
  directory =
      directory_with_passwords ("/", effective_is (effective, "usepam", "yes") ? service : NULL);
  if (directory == NULL)
    return;
  message = g_strdup_printf (SETTING_PASSWORD_AUTHENTICATION
                             ": every user of the directory that the machine is joined to (“%s” in "
                             "/etc/nsswitch.conf) can log in with a password; name groups "
                             "in " SETTING_PASSWORD_LOGIN_GROUPS ", or turn passwords off",
                             directory);
  warning_add (warnings, "password-open-to-directory-users", message, "setting",
               g_variant_new_string (SETTING_PASSWORD_AUTHENTICATION), NULL);
}

/* By what was found when somebody last looked: to look takes a KDC. */
static void
warn_kerberos (const SshdConfigFacts *facts, GVariantBuilder *warnings)
{
  g_autofree char *fault = NULL;
  g_autofree char *message = NULL;

  if (!settings_get_boolean (facts->settings, SETTING_KERBEROS_AUTHENTICATION, FALSE))
    return;
  fault = kerberos_last_fault ();
  if (fault == NULL)
    return;
  message =
      g_strdup_printf (SETTING_KERBEROS_AUTHENTICATION ": tickets are not taken yet: %s", fault);
  warning_add (warnings, "kerberos-not-ready", message, "setting",
               g_variant_new_string (SETTING_KERBEROS_AUTHENTICATION), NULL);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  return GPOINTER_TO_INT (a) - GPOINTER_TO_INT (b);
}

static void
warn_auxiliary (const SshdConfigFacts *facts, GVariantBuilder *warnings)
{
  g_autoptr (GHashTable) lines =
      auxiliary_exceptions (settings_get_string (facts->settings, SETTING_AUXILIARY_PARAMETERS));
  g_autoptr (GList) numbers = g_list_sort (g_hash_table_get_keys (lines), compare_numbers);

  for (GList *l = numbers; l != NULL; l = l->next)
    {
      const char *setting = g_hash_table_lookup (lines, l->data);
      g_autofree char *message =
          g_strdup_printf (SETTING_AUXILIARY_PARAMETERS ":%u makes an exception from %s",
                           GPOINTER_TO_UINT (l->data), setting);

      warning_add (warnings, "auxiliary-exception", message, "setting",
                   g_variant_new_string (setting), "line",
                   g_variant_new_uint32 (GPOINTER_TO_UINT (l->data)), NULL);
    }
}

/* Closing what is closed loses nothing, but for a member: the groups' block comes first. */
static gboolean
loses_effect (const ConfigLine *line, const char *setting, const SshdConfigFacts *facts)
{
  g_autofree const char **groups =
      settings_get_strv (facts->settings, SETTING_PASSWORD_LOGIN_GROUPS);

  return foreign_opens (line)
         || (g_str_equal (setting, SETTING_PASSWORD_AUTHENTICATION) && groups[0] != NULL
             && settings_get_boolean (facts->settings, setting, TRUE));
}

static void
warn_exceptions (const ConfigTree *tree, const SshdConfigFacts *facts, GVariantBuilder *warnings)
{
  const GPtrArray *lines = config_tree_lines (tree);
  gboolean behind = FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);
      const char *setting = settings_owner (line->directive->keyword);
      g_autofree char *message = NULL;

      behind = behind || drop_in_is (line->path);
      if (!line->conditional || drop_in_is (line->path) || setting == NULL
          || !sshd_config_refuses (facts, setting))
        continue;
      if (!behind && foreign_opens (line))
        warn_line (line, setting, warnings);
      if (!behind || !loses_effect (line, setting, facts))
        continue;
      message = g_strdup_printf ("the exception from %s at %s:%u has no effect", setting,
                                 line->path, line->line);
      warning_add (warnings, "exception-overridden", message, "setting",
                   g_variant_new_string (setting), "file", warning_path (line->path), "line",
                   g_variant_new_uint32 (line->line), NULL);
    }
}

void
warnings_collect (const SshdConfigFacts *facts,
                  const Effective *effective,
                  const ConfigTree *tree,
                  GVariantBuilder *warnings)
{
  warn_missing (facts, SETTING_BIND_INTERFACES, "interface-missing", "interface", interfaces_exists,
                warnings);
  warn_no_way_back (facts, warnings);
  warn_missing (facts, SETTING_PASSWORD_LOGIN_GROUPS, "group-missing", "group", group_exists,
                warnings);
  warn_effects (facts, effective, tree, warnings);
  warn_weak (facts, effective, warnings);
  warn_directory (effective, warnings);
  warn_kerberos (facts, warnings);
  warn_auxiliary (facts, warnings);
  warn_exceptions (tree, facts, warnings);
}
