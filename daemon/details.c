/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "details.h"

#include <string.h>

#include "auxiliary.h"
#include "settings.h"

/* Lists of names; all other details are one value. */
#define CHANGES "changes"
#define RESET   "reset"

/* Any name, as one word of ASCII: a rule may split a list at whatever it takes for a space. */
static void
append_word (GString *list, const char *name)
{
  if (list->len > 0)
    g_string_append_c (list, ' ');
  for (const char *c = name; *c != '\0'; c++)
    {
      if (g_ascii_isgraph (*c) && *c != '\\')
        g_string_append_c (list, *c);
      else
        g_string_append_printf (list, "\\x%02x", (guchar) *c);
    }
}

/* A part of a list would pass for the whole, so it is all or nothing. */
static void
add (GVariantBuilder *details, const char *key, const char *value)
{
  if (strlen (value) <= DETAILS_MAX_BYTES)
    g_variant_builder_add (details, "{ss}", key, value);
}

static char *
render (GVariant *value)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree const char **names = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT16))
    return g_strdup_printf ("%u", g_variant_get_uint16 (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? "true" : "false");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);

  names = g_variant_get_strv (value, NULL);
  for (gsize i = 0; names[i] != NULL; i++)
    append_word (list, names[i]);
  return g_strdup (list->str);
}

/* Of lines, set or reset, no more than how much power is in those that differ. */
static void
add_auxiliary (GVariantBuilder *details, GVariant *before, GVariant *after)
{
  Action actions = auxiliary_actions (settings_get_string (before, SETTING_AUXILIARY_PARAMETERS),
                                      settings_get_string (after, SETTING_AUXILIARY_PARAMETERS));

  add (details, settings_detail (SETTING_AUXILIARY_PARAMETERS),
       (actions & ACTION_CONFIGURE_PRIVILEGED) ? "privileged" : "harmless");
}

static void
add_settings (GVariantBuilder *details, GVariant *before, GVariant *after)
{
  g_auto (GStrv) changed = settings_changed (before, after);
  g_autoptr (GString) changes = g_string_new (NULL);
  g_autoptr (GString) reset = g_string_new (NULL);

  for (gsize i = 0; changed[i] != NULL; i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (after, changed[i], NULL);
      g_autofree char *text = NULL;

      append_word (changes, changed[i]);
      if (value == NULL)
        append_word (reset, changed[i]);
      if (g_str_equal (changed[i], SETTING_AUXILIARY_PARAMETERS))
        {
          add_auxiliary (details, before, after);
          continue;
        }
      text = value ? render (value) : NULL;
      if (text != NULL)
        add (details, settings_detail (changed[i]), text);
    }
  add (details, CHANGES, changes->str);
  add (details, RESET, reset->str);
}

static void
add_options (GVariantBuilder *details, const Change *change)
{
  const struct
  {
    const char *name;
    gboolean given;
  } options[] = {
    { "allow-lockout", change->allow_lockout },
    { "confirm-on-login", change->confirm_on_login },
    { "dry-run", change->dry_run },
    { "overwrite-edits", change->overwrite_edits },
    { "replace-foreign", change->replace_foreign },
    { "start", change->start },
    { "use-service", change->use_service },
  };
  g_autofree char *timeout = g_strdup_printf ("%u", change->confirm_timeout);

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    if (options[i].given)
      add (details, options[i].name, "true");
  if (change->confirm_timeout > 0)
    add (details, "confirm-timeout", timeout);
}

GVariant *
details_of_change (const Change *change, GVariant *before, GVariant *after)
{
  g_auto (GVariantBuilder) details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));

  add_settings (&details, before, after);
  add_options (&details, change);
  return g_variant_ref_sink (g_variant_builder_end (&details));
}

static gboolean
has_all_words (const char *told, const char *now)
{
  g_auto (GStrv) known = g_strsplit (told, " ", -1);
  g_auto (GStrv) words = g_strsplit (now, " ", -1);

  for (gsize i = 0; words[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) known, words[i]))
      return FALSE;
  return TRUE;
}

gboolean
details_cover (GVariant *told, GVariant *now)
{
  GVariantIter iter;
  const char *key, *value, *known;

  g_variant_iter_init (&iter, now);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    {
      gboolean is_list = g_str_equal (key, CHANGES) || g_str_equal (key, RESET);

      if (!g_variant_lookup (told, key, "&s", &known))
        return FALSE;
      if (is_list ? !has_all_words (known, value) : !g_str_equal (known, value))
        return FALSE;
    }
  return TRUE;
}
