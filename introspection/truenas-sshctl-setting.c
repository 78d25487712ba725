/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-sshctl-setting.h"

#include <glib/gi18n.h>
#include <string.h>

#include "literal.h"
#include "truenas-sshctl-text.h"
#include "truenas-sshctl.h"

#define ANNOTATION "org.truenas.SSH.Setting"

/* Whether a member's name is meant: TcpPort, tcpport and tcp-port are one. */
static gboolean
is_name (const char *name, const char *given)
{
  while (*name != '\0' && *given != '\0')
    {
      if (*given == '-')
        given++;
      else if (g_ascii_tolower (*name++) != g_ascii_tolower (*given++))
        return FALSE;
    }
  return *name == *given;
}

gboolean
setting_is (const GDBusPropertyInfo *property)
{
  return g_dbus_annotation_info_lookup (property->annotations, ANNOTATION) != NULL;
}

const GDBusPropertyInfo *
setting_find_property (const char *name, GError **error)
{
  GDBusPropertyInfo **all = truenas_ssh_service_interface_info ()->properties;

  for (; *all != NULL; all++)
    {
      if (is_name ((*all)->name, name))
        return *all;
    }
  g_set_error (error, CTL_ERROR, 0, _ ("%s: there is no such property; “show” has them all"), name);
  return NULL;
}

const GDBusPropertyInfo *
setting_find (const char *name, GError **error)
{
  GDBusPropertyInfo **all = truenas_ssh_service_interface_info ()->properties;
  g_autoptr (GString) known = g_string_new (NULL);

  for (; *all != NULL; all++)
    {
      if (!setting_is (*all))
        continue;
      if (is_name ((*all)->name, name))
        return *all;
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", (*all)->name);
    }
  g_set_error (error, CTL_ERROR, 0, _ ("%s: there is no such setting; there are %s"), name,
               known->str);
  return NULL;
}

gboolean
setting_is_about_access (const char *name)
{
  const GDBusPropertyInfo *setting = setting_find (name, NULL);

  return setting != NULL
         && g_strcmp0 (g_dbus_annotation_info_lookup (setting->annotations, ANNOTATION), "access")
                == 0;
}

static GVariant *
parse_string (const char *name, const char *text, GError **error)
{
  g_autofree char *read = NULL;

  if (strcmp (text, "-") == 0)
    read = text_read (NULL, error);
  else if (*text == '@')
    read = text_read (text + 1, error);
  else
    read = g_strdup (text);

  if (read == NULL)
    {
      g_prefix_error (error, "%s: ", name);
      return NULL;
    }
  if (!g_utf8_validate (read, -1, NULL))
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: the text is not UTF-8"), name);
      return NULL;
    }
  return g_variant_ref_sink (g_variant_new_string (read));
}

static GVariant *
parse_boolean (const char *name, const char *text, GError **error)
{
  static const char *const words[][2] = {
    { "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      for (int value = 0; value < 2; value++)
        {
          if (g_ascii_strcasecmp (text, words[i][value]) == 0)
            return g_variant_ref_sink (g_variant_new_boolean (value));
        }
    }
  g_set_error (error, CTL_ERROR, 0, _ ("%s: “%s” is neither yes nor no"), name, text);
  return NULL;
}

static GVariant *
parse_list (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  for (char **part = parts; *part != NULL; part++)
    {
      if (*g_strstrip (*part) != '\0')
        g_variant_builder_add (&builder, "s", *part);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

GVariant *
setting_parse (const GDBusPropertyInfo *setting, const char *text, GError **error)
{
  const GVariantType *type = G_VARIANT_TYPE (setting->signature);
  g_autoptr (GError) problem = NULL;
  g_autoptr (GVariant) value = NULL;

  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING))
    return parse_string (setting->name, text, error);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
    return parse_boolean (setting->name, text, error);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING_ARRAY) && *text != '[')
    return parse_list (text);

  value = literal_parse (type, text, &problem);
  if (value == NULL)
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: “%s” cannot be its value: %s"), setting->name, text,
                   problem->message);
      return NULL;
    }
  return g_steal_pointer (&value);
}

static gboolean
list_has (GVariant *list, const char *word)
{
  g_autofree const char **words = g_variant_get_strv (list, NULL);

  return g_strv_contains (words, word);
}

/* (transfer full): @now with @part added, or without it. */
static GVariant *
list_change (GVariant *now, GVariant *part, gboolean add)
{
  g_autofree const char **old = g_variant_get_strv (now, NULL);
  g_autofree const char **more = g_variant_get_strv (part, NULL);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  for (gsize i = 0; old[i] != NULL; i++)
    {
      if (add || !list_has (part, old[i]))
        g_variant_builder_add (&builder, "s", old[i]);
    }
  for (gsize i = 0; add && more[i] != NULL; i++)
    {
      if (!list_has (now, more[i]))
        g_variant_builder_add (&builder, "s", more[i]);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

GVariant *
setting_parse_assignment (TruenasSshClient *client,
                          const char *assignment,
                          const GDBusPropertyInfo **setting,
                          gboolean *relative,
                          GError **error)
{
  const char *equals = strchr (assignment, '=');
  char before = equals != NULL && equals > assignment ? equals[-1] : '\0';
  g_autofree char *name = NULL;
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (GVariant) now = NULL;
  g_autoptr (GVariant) part = NULL;

  if (equals == NULL)
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: write it as name=value"), assignment);
      return NULL;
    }
  *relative = before == '+' || before == '-';
  name = g_strndup (assignment, (gsize) (equals - assignment) - (*relative ? 1 : 0));
  *setting = setting_find (name, error);
  if (*setting == NULL)
    return NULL;
  if (*relative && strcmp ((*setting)->signature, "as") != 0)
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: only a list can be added to or taken from"),
                   (*setting)->name);
      return NULL;
    }

  part = setting_parse (*setting, equals + 1, error);
  if (part == NULL || !*relative)
    return g_steal_pointer (&part);
  settings = truenas_ssh_client_get_settings (client);
  now = g_variant_lookup_value (settings, (*setting)->name, G_VARIANT_TYPE_STRING_ARRAY);
  return now != NULL ? list_change (now, part, before == '+') : g_steal_pointer (&part);
}
