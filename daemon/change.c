/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "change.h"

#include <string.h>

#include "auxiliary.h"
#include "settings.h"
#include "truenas-ssh-error.h"

#define MIN_TIMEOUT 10 /* s */
#define MAX_TIMEOUT 3600

static const struct
{
  const char *name;
  const char *type;
} options[] = {
  { "allow-lockout", "b" },   { "check-logins", "as" },   { "confirm-on-login", "b" },
  { "confirm-timeout", "u" }, { "dry-run", "b" },         { "if-generation", "t" },
  { "overwrite-edits", "b" }, { "replace-foreign", "b" }, { "reset", "as" },
  { "start", "b" },           { "use-service", "b" },
};

void
change_free (Change *self)
{
  g_clear_pointer (&self->settings, g_variant_unref);
  g_clear_pointer (&self->told, g_variant_unref);
  g_strfreev (self->logins);
  g_strfreev (self->reset);
  g_free (self);
}

static void
refuse_option (const char *name, GError **error)
{
  g_autofree char *shown = g_strescape (name, NULL);
  g_autoptr (GString) list = g_string_new (options[0].name);

  for (gsize i = 1; i < G_N_ELEMENTS (options); i++)
    g_string_append_printf (list, ", %s", options[i].name);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
               "%.60s: no such option; there are %s", shown, list->str);
}

static gboolean
check_option (const char *name, GVariant *value, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      if (!g_str_equal (options[i].name, name))
        continue;
      if (g_variant_is_of_type (value, G_VARIANT_TYPE (options[i].type)))
        return TRUE;
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "%s: the value must be of type “%s”, not “%s”", name, options[i].type,
                   g_variant_get_type_string (value));
      return FALSE;
    }

  refuse_option (name, error);
  return FALSE;
}

static gboolean
read_probation (Change *self, GVariant *values, GError **error)
{
  gboolean timeout = g_variant_lookup (values, "confirm-timeout", "u", &self->confirm_timeout);

  g_variant_lookup (values, "confirm-on-login", "b", &self->confirm_on_login);
  if (timeout && (self->confirm_timeout < MIN_TIMEOUT || self->confirm_timeout > MAX_TIMEOUT))
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                 "confirm-timeout: %u s; it is from %d to %d", self->confirm_timeout, MIN_TIMEOUT,
                 MAX_TIMEOUT);
  else if (self->confirm_on_login && !timeout)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                 "confirm-on-login: needs confirm-timeout, which says how long to wait");
  else
    return TRUE;
  return FALSE;
}

Change *
change_new (GVariant *settings, GVariant *values, GError **error)
{
  g_autoptr (Change) self = g_new0 (Change, 1);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned G_GNUC_UNUSED = value;
      g_autoptr (GVariant) first = g_variant_lookup_value (values, name, NULL);

      if (!check_option (name, value, error))
        return NULL;
      if (g_variant_equal (first, value))
        continue;
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "%s: named twice, with different values", name);
      return NULL;
    }

  self->settings = g_variant_ref (settings);
  self->uid = G_MAXUINT32;
  self->login_uid = G_MAXUINT32;
  g_variant_lookup (values, "allow-lockout", "b", &self->allow_lockout);
  g_variant_lookup (values, "dry-run", "b", &self->dry_run);
  g_variant_lookup (values, "replace-foreign", "b", &self->replace_foreign);
  g_variant_lookup (values, "overwrite-edits", "b", &self->overwrite_edits);
  g_variant_lookup (values, "start", "b", &self->start);
  g_variant_lookup (values, "use-service", "b", &self->use_service);
  self->has_generation = g_variant_lookup (values, "if-generation", "t", &self->generation);
  if (!g_variant_lookup (values, "reset", "^as", &self->reset))
    self->reset = g_new0 (char *, 1);
  if (!g_variant_lookup (values, "check-logins", "^as", &self->logins))
    self->logins = g_new0 (char *, 1);
  if (self->logins[0] != NULL && !self->dry_run)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "check-logins: goes with dry-run only");
      return NULL;
    }
  return read_probation (self, values, error) ? g_steal_pointer (&self) : NULL;
}

Change *
change_new_revert (GVariant *settings, GVariant *values, GError **error)
{
  g_autoptr (Change) self = change_new (settings, values, error);
  g_autoptr (GStrvBuilder) others = g_strv_builder_new ();
  const char *const *names = settings_names ();

  if (self == NULL)
    return NULL;
  if (self->reset[0] != NULL)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "reset: Revert resets by itself what was not set then");
      return NULL;
    }
  for (gsize i = 0; names[i] != NULL; i++)
    if (!settings_has (settings, names[i]))
      g_strv_builder_add (others, names[i]);
  g_strfreev (self->reset);
  self->reset = g_strv_builder_end (others);
  return g_steal_pointer (&self);
}

GVariant *
change_merge (const Change *self, GVariant *before, GError **error)
{
  g_autoptr (GVariant) after = NULL;
  g_autofree const char **weak = NULL;

  after = settings_merge (before, self->settings, (const char *const *) self->reset, error);
  if (after == NULL)
    return NULL;

  weak = settings_get_strv (after, SETTING_WEAK_CIPHERS);
  if (!auxiliary_check (settings_get_string (after, SETTING_AUXILIARY_PARAMETERS), weak[0] != NULL,
                        error))
    return NULL;
  return g_steal_pointer (&after);
}

Action
change_actions (const Change *self, GVariant *before, GVariant *after)
{
  g_auto (GStrv) changed = settings_changed (before, after);
  Action actions = ACTION_NONE;

  for (gsize i = 0; changed[i] != NULL; i++)
    {
      actions |= settings_action (changed[i]);
      if (g_str_equal (changed[i], SETTING_AUXILIARY_PARAMETERS))
        actions |= ACTION_CONFIGURE_AUXILIARY;
    }
  actions |= auxiliary_actions (settings_get_string (before, SETTING_AUXILIARY_PARAMETERS),
                                settings_get_string (after, SETTING_AUXILIARY_PARAMETERS));

  if (self->dry_run)
    return ACTION_INSPECT;
  if (self->allow_lockout)
    actions |= ACTION_CONFIGURE_AUTHENTICATION;
  if (self->replace_foreign || self->overwrite_edits)
    actions |= ACTION_CONFIGURE_AUXILIARY;
  if (self->start || self->use_service)
    actions |= ACTION_MANAGE_SERVICE;
  return actions != ACTION_NONE ? actions : ACTION_INSPECT;
}

gboolean
change_names (const Change *self, const char *setting)
{
  return settings_has (self->settings, setting)
         || g_strv_contains ((const char *const *) self->reset, setting);
}
