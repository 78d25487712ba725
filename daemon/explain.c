/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "explain.h"

#include "drop-in.h"
#include "settings.h"
#include "snapshot.h"
#include "sshd-config.h"
#include "sshd.h"
#include "store.h"
#include "trial.h"
#include "unit.h"
#include "warnings.h"

typedef struct
{
  Snapshot *snapshot;   /* (owned) */
  Effective *effective; /* (owned) */
  ConfigTree *tree;     /* (owned) */
  DropIn *drop_in;      /* (owned) */
  char *text;           /* (owned) (nullable) of the drop-in */
} Facts;

static void
facts_clear (Facts *facts)
{
  g_clear_pointer (&facts->snapshot, snapshot_free);
  g_clear_pointer (&facts->effective, effective_free);
  g_clear_pointer (&facts->tree, config_tree_free);
  g_clear_pointer (&facts->drop_in, drop_in_free);
  g_free (facts->text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Facts, facts_clear)

static gboolean
gather (Facts *facts, GDBusConnection *bus, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GVariant) renamed = g_variant_ref_sink (g_variant_new ("a{ss}", NULL));
  g_autoptr (UnitState) unit = unit_state_read (bus, error);
  g_autoptr (Sshd) sshd =
      unit ? sshd_read (unit->sshd_path, (const char *const *) unit->arguments, cancellable, error)
           : NULL;

  facts->effective = sshd ? trial_effective (sshd, cancellable, error) : NULL;
  if (facts->effective == NULL)
    return FALSE;
  facts->tree = config_tree_load (sshd->main_config, nothing, error);
  if (facts->tree == NULL || !store_read (DROP_IN_PATH, &facts->text, error))
    return FALSE;
  facts->drop_in = drop_in_parse (facts->text);
  facts->snapshot = snapshot_take (bus, renamed, FALSE);
  return TRUE;
}

/* Lines. */

static gboolean
is_about (const ConfigLine *line, const char *setting)
{
  const Directive *directive = line->directive;

  if (g_strcmp0 (settings_owner (directive->keyword), setting) != 0)
    return FALSE;
  return !g_str_equal (directive->keyword, "subsystem")
         || (directive->args != NULL && directive->args[0] != NULL
             && g_ascii_strcasecmp (directive->args[0], "sftp") == 0);
}

/* Groups are decided by a Match, and the auxiliary lines by our file as a whole. */
static gboolean
decides (const ConfigLine *line, const char *setting)
{
  if (g_str_equal (setting, SETTING_AUXILIARY_PARAMETERS))
    return drop_in_is (line->path);
  if (g_str_equal (setting, SETTING_PASSWORD_LOGIN_GROUPS))
    return drop_in_is (line->path) && g_str_equal (line->directive->keyword, "match");
  return !line->conditional && is_about (line, setting);
}

/* The first one counts. (nullable) NULL: none, it is sshd's own default. */
static const ConfigLine *
find_decisive (const Facts *facts, const char *setting)
{
  const GPtrArray *lines = config_tree_lines (facts->tree);
  gboolean managed = !facts->drop_in->edited && settings_has (facts->drop_in->settings, setting);

  if (!managed && g_str_equal (setting, SETTING_AUXILIARY_PARAMETERS))
    return NULL;
  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);

      if (decides (line, setting) && (managed || settings_owner (line->directive->keyword) != NULL))
        return line;
    }
  return NULL;
}

static GVariant *
list_exceptions (const Facts *facts, const char *setting)
{
  const GPtrArray *lines = config_tree_lines (facts->tree);
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(su)"));

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);

      if (line->conditional && !drop_in_is (line->path) && is_about (line, setting))
        {
          g_autofree char *path = g_utf8_make_valid (line->path, -1);

          g_variant_builder_add (&list, "(su)", path, line->line);
        }
    }
  return g_variant_builder_end (&list);
}

/* Values. */

/* The auxiliary lines are not for everybody's eyes where the configuration is not. */
static GVariant *
find_value (const Facts *facts, const char *setting)
{
  GVariant *value = NULL;

  if (!facts->drop_in->edited)
    value = g_variant_lookup_value (facts->drop_in->settings, setting, NULL);
  return value ? value : g_variant_lookup_value (facts->snapshot->properties, setting, NULL);
}

/* Where passwords are for groups, sshd's word for everybody is another one. */
static GVariant *
find_effective (const Facts *facts, const char *setting, GVariant *value)
{
  gboolean by_groups = facts->text != NULL && !facts->drop_in->edited
                       && g_str_equal (setting, SETTING_PASSWORD_AUTHENTICATION)
                       && sshd_config_opens_groups (facts->text);
  GVariant *effective = by_groups ? NULL : sshd_config_read (facts->effective, setting);

  return effective ? effective : g_variant_ref (value);
}

static void
add_setting (const Facts *facts, const char *setting, GVariantBuilder *list)
{
  g_autoptr (GVariant) value = find_value (facts, setting);
  g_autoptr (GVariant) effective = find_effective (facts, setting, value);
  const ConfigLine *line = find_decisive (facts, setting);

  g_variant_builder_open (list, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (list, "{sv}", "name", g_variant_new_string (setting));
  g_variant_builder_add (list, "{sv}", "value", value);
  g_variant_builder_add (list, "{sv}", "effective", effective);
  g_variant_builder_add (list, "{sv}", "file", warning_path (line ? line->path : ""));
  g_variant_builder_add (list, "{sv}", "line", g_variant_new_uint32 (line ? line->line : 0));
  g_variant_builder_add (list, "{sv}", "exceptions", list_exceptions (facts, setting));
  g_variant_builder_close (list);
}

GVariant *
explain (GDBusConnection *bus, GCancellable *cancellable, GError **error)
{
  g_auto (Facts) facts = { 0 };
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  const char *const *names = settings_names ();

  if (!gather (&facts, bus, cancellable, error))
    return NULL;
  for (gsize i = 0; names[i] != NULL; i++)
    add_setting (&facts, names[i], &list);
  return g_variant_ref_sink (g_variant_builder_end (&list));
}
