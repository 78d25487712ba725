/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "properties.h"

/* "TcpPort" → "tcp-port" */
static char *
to_gobject_name (const char *name)
{
  g_autoptr (GString) property = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c++)
    {
      if (g_ascii_isupper (*c) && c > name)
        g_string_append_c (property, '-');
      g_string_append_c (property, g_ascii_tolower (*c));
    }
  return g_string_free (g_steal_pointer (&property), FALSE);
}

void
properties_set (TruenasSshService *skeleton, GVariant *values)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_auto (GValue) converted = G_VALUE_INIT;
      g_autofree char *property = to_gobject_name (name);

      g_dbus_gvariant_to_gvalue (value, &converted);
      g_object_set_property (G_OBJECT (skeleton), property, &converted);
    }
}

void
properties_set_last_change (TruenasSshService *skeleton, const char *outcome, const char *reason)
{
  g_auto (GVariantBuilder) change = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&change, "{sv}", "generation",
                         g_variant_new_uint64 (truenas_ssh_service_get_generation (skeleton)));
  g_variant_builder_add (&change, "{sv}", "outcome", g_variant_new_string (outcome));
  g_variant_builder_add (&change, "{sv}", "reason",
                         g_variant_new_take_string (g_utf8_make_valid (reason, -1)));
  truenas_ssh_service_set_last_change (skeleton, g_variant_builder_end (&change));
}
