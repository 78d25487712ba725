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
