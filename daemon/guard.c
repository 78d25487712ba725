/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "guard.h"

#include "groups.h"
#include "interfaces.h"
#include "kerberos.h"
#include "lockout.h"
#include "settings.h"
#include "sshd-config.h"
#include "truenas-ssh-error.h"

/* Names that are new must exist; one that was there and has vanished is only warned of. */
static gboolean
check_names (const Guard *self,
             const char *setting,
             gboolean (*check) (const char *name, GError **error),
             GError **error)
{
  g_autofree const char **before = settings_get_strv (self->before, setting);
  g_autofree const char **after = settings_get_strv (self->after, setting);

  for (gsize i = 0; after[i] != NULL; i++)
    if (!g_strv_contains (before, after[i]) && !check (after[i], error))
      return FALSE;
  return TRUE;
}

/* Taking the last group away opens passwords to everybody: that has to be said, not to happen. */
static gboolean
check_passwords (const Guard *self, const Plan *plan, GError **error)
{
  g_autofree const char **before = settings_get_strv (self->before, SETTING_PASSWORD_LOGIN_GROUPS);
  g_autofree const char **after = settings_get_strv (self->after, SETTING_PASSWORD_LOGIN_GROUPS);
  g_autoptr (GVariant) open = sshd_config_read (plan->effective, SETTING_PASSWORD_AUTHENTICATION);

  if (before[0] == NULL || after[0] != NULL || !g_variant_get_boolean (open)
      || change_names (self->change, SETTING_PASSWORD_AUTHENTICATION))
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING,
               SETTING_PASSWORD_LOGIN_GROUPS
               ": without groups every user could log in with a password; set or reset "
               "PasswordAuthentication in the same change to say so");
  return FALSE;
}

/* Only what decides who gets in can take the last way in away. */
static gboolean
check_lockout (const Guard *self, const Plan *plan, GError **error)
{
  static const char *const deciding[] = { SETTING_PASSWORD_LOGIN_GROUPS,
                                          SETTING_PASSWORD_AUTHENTICATION,
                                          SETTING_KERBEROS_AUTHENTICATION,
                                          SETTING_AUXILIARY_PARAMETERS };
  g_autoptr (GString) what = g_string_new (self->edited ? "overwrite-edits" : NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (deciding); i++)
    if (g_strv_contains (self->changed, deciding[i]))
      g_string_append_printf (what, "%s%s", what->len > 0 ? ", " : "", deciding[i]);
  if (what->len == 0 || self->change->allow_lockout || self->change->confirm_timeout > 0)
    return TRUE;
  return lockout_check (self->sshd, plan, what->str, self->cancellable, error);
}

/* For the warning that comes of it: nobody is kept from turning it on. */
static void
look_at_kerberos (const Guard *self)
{
  g_autoptr (GError) error = NULL;
  GVariant *checks = NULL;

  if (g_strv_contains (self->changed, SETTING_KERBEROS_AUTHENTICATION)
      && settings_get_boolean (self->after, SETTING_KERBEROS_AUTHENTICATION, FALSE))
    checks = kerberos_check (self->sshd, self->cancellable, &error);
  if (error != NULL)
    g_message ("Kerberos cannot be checked: %s", error->message);
  g_clear_pointer (&checks, g_variant_unref);
}

gboolean
guard_check_settings (const Guard *self, GError **error)
{
  if (!check_names (self, SETTING_PASSWORD_LOGIN_GROUPS, groups_exists, error)
      || !check_names (self, SETTING_BIND_INTERFACES, interfaces_can_bind, error))
    return FALSE;
  look_at_kerberos (self);
  return TRUE;
}

gboolean
guard_check_plan (const Guard *self, const Plan *plan, GError **error)
{
  return check_passwords (self, plan, error) && check_lockout (self, plan, error);
}
