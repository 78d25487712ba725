/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "facts.h"

#include "settings.h"

static char **
names_of (GVariant *settings, const char *setting)
{
  g_autofree const char **names = settings_get_strv (settings, setting);

  return g_strdupv ((char **) names);
}

Facts *
facts_new (const char *settings, const char *base)
{
  Facts *self = g_new0 (Facts, 1);
  g_autoptr (GError) error = NULL;

  self->settings = g_variant_parse (G_VARIANT_TYPE_VARDICT, settings, NULL, NULL, &error);
  g_assert_no_error (error);
  self->base = effective_parse (base);
  self->interfaces = names_of (self->settings, SETTING_BIND_INTERFACES);
  self->groups = names_of (self->settings, SETTING_PASSWORD_LOGIN_GROUPS);
  self->facts = (SshdConfigFacts){
    .settings = self->settings,
    .base = self->base,
    .interfaces = (const char *const *) self->interfaces,
    .groups = (const char *const *) self->groups,
    .ipv6 = TRUE,
    .loopback_ipv6 = TRUE,
  };
  return self;
}

void
facts_free (Facts *self)
{
  g_variant_unref (self->settings);
  effective_free (self->base);
  g_strfreev (self->interfaces);
  g_strfreev (self->groups);
  g_free (self);
}
