/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "plan.h"

#include "check.h"
#include "drop-in.h"
#include "foreign.h"
#include "groups.h"
#include "interfaces.h"
#include "settings.h"
#include "sshd-config.h"
#include "store.h"
#include "trial.h"
#include "truenas-ssh-error.h"
#include "warnings.h"

/* Everything on the way to a plan. */
typedef struct
{
  const Sshd *sshd;
  const char *drop_in; /* (nullable) as it was read */
  GVariant *settings;
  guint64 generation;
  gboolean replace_foreign;
  GCancellable *cancellable;

  ConfigTree *found;    /* (owned) the configuration as it is */
  GHashTable *restored; /* (owned) path → text without our marks, for files that have some */
  GHashTable *taken;    /* (owned) "path:line" of the restored text, where a mark was */
  GHashTable *changes;  /* (owned) path → text, what files will hold */
  ConfigTree *tree;     /* (owned) the configuration without ours */
  Effective *base;      /* (owned) and what it comes to */
  char **interfaces;    /* (owned) */
  char **groups;        /* (owned) */
  SshdConfigFacts facts;
} Work;

static void
work_clear (Work *work)
{
  g_clear_pointer (&work->found, config_tree_free);
  g_clear_pointer (&work->restored, g_hash_table_unref);
  g_clear_pointer (&work->taken, g_hash_table_unref);
  g_clear_pointer (&work->changes, g_hash_table_unref);
  g_clear_pointer (&work->tree, config_tree_free);
  g_clear_pointer (&work->base, effective_free);
  g_strfreev (work->interfaces);
  g_strfreev (work->groups);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static GHashTable *
texts_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static char *
place (const char *path, guint line)
{
  return g_strdup_printf ("%s:%u", path, line);
}

/* 1. The files as they were before us. */

static void
restore_file (Work *work, const char *path, const char *text)
{
  g_autoptr (GHashTable) lines = g_hash_table_new (NULL, NULL);
  g_autofree char *restored = foreign_restore (text, lines);
  GHashTableIter iter;
  gpointer line;

  if (g_str_equal (restored, text))
    return;
  g_hash_table_iter_init (&iter, lines);
  while (g_hash_table_iter_next (&iter, &line, NULL))
    g_hash_table_add (work->taken, place (path, GPOINTER_TO_UINT (line)));
  g_hash_table_insert (work->restored, g_strdup (path), g_steal_pointer (&restored));
}

static gboolean
restore_files (Work *work, GError **error)
{
  g_autoptr (GHashTable) nothing = texts_new ();
  g_autofree char **paths = NULL;

  work->found = config_tree_load (work->sshd->main_config, nothing, error);
  if (work->found == NULL)
    return FALSE;
  paths = config_tree_paths (work->found);
  for (gsize i = 0; paths[i] != NULL; i++)
    if (!drop_in_is (paths[i]) && config_tree_text (work->found, paths[i]) != NULL)
      restore_file (work, paths[i], config_tree_text (work->found, paths[i]));
  return TRUE;
}

/* 2. What sshd would do without the settings, but with the auxiliary lines. */

static gboolean
check_reached (const Work *work, GError **error)
{
  gboolean conditional;

  if (g_variant_n_children (work->settings) == 0)
    return TRUE;
  if (config_tree_reaches (work->tree, DROP_IN_PATH, &conditional) && !conditional)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
               "%s: sshd would not read " DROP_IN_PATH
               "; put “Include /etc/ssh/sshd_config.d/*.conf” on its first line",
               work->sshd->main_config);
  return FALSE;
}

static gboolean
find_base (Work *work, GError **error)
{
  const char *text = settings_get_string (work->settings, SETTING_AUXILIARY_PARAMETERS);
  g_autoptr (SshdConfig) config = sshd_config_render_auxiliary (text, error);
  const CheckSource source = { .config = config, .restored = TRUE };
  g_autoptr (Trial) trial = NULL;

  if (config == NULL)
    return FALSE;
  g_hash_table_insert (work->restored, g_strdup (DROP_IN_PATH), g_strdup (config->text));
  work->tree = config_tree_load (work->sshd->main_config, work->restored, error);
  if (work->tree == NULL || !check_reached (work, error))
    return FALSE;
  trial = trial_new (work->sshd, work->tree, error);
  if (trial == NULL)
    return FALSE;
  trial_allow_known (trial);
  work->base = check_accepted (trial, &source, work->cancellable, error);
  if (work->base != NULL)
    return TRUE;
  /* What AuthenticationMethods demands may be on with the settings only. */
  trial_allow_any_method (trial);
  work->base = check_accepted (trial, &source, work->cancellable, NULL);
  if (work->base != NULL)
    g_clear_error (error);
  else
    check_auxiliary_blame (work->sshd, work->restored, text, work->cancellable, error);
  return work->base != NULL;
}

/* 3. What there is to restrict to. */

static gboolean
find_groups (Work *work, GError **error)
{
  g_autofree const char **names = settings_get_strv (work->settings, SETTING_PASSWORD_LOGIN_GROUPS);
  g_autoptr (GStrvBuilder) patterns = g_strv_builder_new ();

  /* While passwords are off, the groups say nothing to sshd: nobody has to know them. */
  if (!settings_get_boolean (work->settings, SETTING_PASSWORD_AUTHENTICATION, TRUE))
    names[0] = NULL;
  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autofree char *pattern = NULL;

      if (!groups_exists (names[i], &local))
        {
          if (g_error_matches (local, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_GROUP))
            continue;
          /* It was there when it was set. While its directory does not answer, its members cannot
           * log in; once that does, they are not to wait for another change. */
          g_message ("%s", local->message);
        }
      pattern = groups_pattern (names[i], error);
      if (pattern == NULL)
        return FALSE;
      g_strv_builder_add (patterns, pattern);
    }
  work->groups = g_strv_builder_end (patterns);
  return TRUE;
}

static void
find_interfaces (Work *work)
{
  g_autofree const char **names = settings_get_strv (work->settings, SETTING_BIND_INTERFACES);
  g_autoptr (GStrvBuilder) existing = g_strv_builder_new ();

  for (gsize i = 0; names[i] != NULL; i++)
    if (interfaces_exists (names[i]))
      g_strv_builder_add (existing, names[i]);
  work->interfaces = g_strv_builder_end (existing);
}

static gboolean
check_ciphers (const Work *work, GError **error)
{
  g_autofree const char **weak = settings_get_strv (work->settings, SETTING_WEAK_CIPHERS);

  for (gsize i = 0; weak[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) work->sshd->weak_ciphers, weak[i]))
      {
        g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_SUPPORTED,
                     SETTING_WEAK_CIPHERS ": %s cannot do %s", work->sshd->version, weak[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
find_facts (Work *work, GError **error)
{
  if (!check_ciphers (work, error) || !find_groups (work, error))
    return FALSE;
  find_interfaces (work);
  work->facts = (SshdConfigFacts){
    .settings = work->settings,
    .base = work->base,
    .interfaces = (const char *const *) work->interfaces,
    .groups = (const char *const *) work->groups,
    .arguments = (const char *const *) work->sshd->arguments,
    .ipv6 = interfaces_have_ipv6 (NULL),
    .loopback_ipv6 = interfaces_have_ipv6 ("lo"),
    .subsystem_elsewhere = work->sshd->second_subsystem_fatal,
  };
  return TRUE;
}

/* 4. The lines of other files that have to go. */

static gboolean
check_consent (const Work *work, const ConfigLine *line, const char *setting, GError **error)
{
  g_autofree char *key = place (line->path, line->line);
  g_autofree char *shown = NULL;

  if (work->replace_foreign || g_hash_table_contains (work->taken, key))
    return TRUE;
  shown = place (line->path, check_line_on_disk (line->path, line->line));
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFLICT,
               "%s: the line “%s” at %s stands against it; take it out, or allow that with "
               "replace-foreign",
               setting, line->directive->keyword, shown);
  return FALSE;
}

static GHashTable *
find_claims (Work *work, GError **error)
{
  g_autoptr (GHashTable) files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  g_autoptr (GError) local = NULL;
  g_autofree char *command = sshd_config_sftp_command (&work->facts, &local);
  g_autofree char *subsystem = command ? g_strdup_printf ("Subsystem sftp %s", command) : NULL;
  const GPtrArray *lines = config_tree_lines (work->tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);
      gboolean own;
      const char *setting = foreign_claim (
          line, work->settings, command != NULL && work->facts.subsystem_elsewhere, &own);
      GHashTable *claims;

      if (setting == NULL || drop_in_is (line->path))
        continue;
      if (!own && !check_consent (work, line, setting, error))
        return NULL;
      claims = g_hash_table_lookup (files, line->path);
      if (claims == NULL)
        {
          claims = g_hash_table_new_full (NULL, NULL, NULL, g_free);
          g_hash_table_insert (files, g_strdup (line->path), claims);
        }
      g_hash_table_insert (claims, GUINT_TO_POINTER (line->line),
                           own ? g_strdup (subsystem) : NULL);
    }
  return g_steal_pointer (&files);
}

static gboolean
change_foreign (Work *work, GError **error)
{
  g_autoptr (GHashTable) files = find_claims (work, error);
  GHashTableIter iter;
  const char *path, *text;
  GHashTable *claims;

  if (files == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, work->restored);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, (gpointer *) &text))
    g_hash_table_insert (work->changes, g_strdup (path), g_strdup (text));
  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, (gpointer *) &claims))
    g_hash_table_insert (work->changes, g_strdup (path),
                         foreign_take (config_tree_text (work->tree, path), claims));
  return TRUE;
}

/* 5. The drop-in, and what sshd makes of it all. */

static gboolean
judge (Work *work, Plan *plan, const SshdConfig *config, guint n_header, GError **error)
{
  const CheckSource source = { .config = config, .n_header = n_header };
  g_auto (GVariantBuilder) warnings = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sa{sv})"));
  g_autoptr (ConfigTree) tree = config_tree_load (work->sshd->main_config, work->changes, error);
  g_autoptr (Trial) trial = tree ? trial_new (work->sshd, tree, error) : NULL;

  if (trial == NULL || !check_methods (tree, &work->facts, &source, error))
    return FALSE;
  plan->effective = check_accepted (trial, &source, work->cancellable, error);
  if (plan->effective == NULL)
    check_methods_blame (trial, tree, &source, work->cancellable, error);
  if (plan->effective == NULL || !check_holds (tree, &work->facts, plan->effective, error))
    return FALSE;
  warnings_collect (&work->facts, plan->effective, tree, &warnings);
  plan->warnings = g_variant_ref_sink (g_variant_builder_end (&warnings));
  plan->tree = g_steal_pointer (&tree);
  plan->trial = g_steal_pointer (&trial);
  return TRUE;
}

/* The drop-in last: it is what says that the settings hold. */
static gboolean
add_files (Work *work, Plan *plan, GError **error)
{
  GHashTableIter iter;
  const char *path, *text;

  g_hash_table_iter_init (&iter, work->changes);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, (gpointer *) &text))
    {
      /* There may be one that only the change includes. */
      const char *known = config_tree_text (work->found, path);
      const char *before = known ? known : config_tree_text (work->tree, path);

      if (!g_str_equal (path, DROP_IN_PATH)
          && !plan_add_file (plan, path, before, text, plan_file_mode (work->sshd, path), error))
        return FALSE;
    }
  return plan_add_file (plan, DROP_IN_PATH, work->drop_in,
                        *plan->config != '\0' ? plan->config : NULL,
                        plan_file_mode (work->sshd, DROP_IN_PATH), error);
}

static gboolean
write_plan (Work *work, Plan *plan, GError **error)
{
  g_autoptr (SshdConfig) config = sshd_config_render (&work->facts, error);
  guint n_header = 0;

  if (config == NULL)
    return FALSE;
  if (g_variant_n_children (work->settings) > 0)
    plan->config = drop_in_compose (work->settings, work->generation, config->text, &n_header);
  else
    plan->config = g_strdup ("");
  g_hash_table_insert (work->changes, g_strdup (DROP_IN_PATH),
                       *plan->config != '\0' ? g_strdup (plan->config) : NULL);
  return judge (work, plan, config, n_header, error) && add_files (work, plan, error);
}

Plan *
plan_make (const Sshd *sshd,
           const char *drop_in,
           GVariant *settings,
           guint64 generation,
           gboolean replace_foreign,
           GCancellable *cancellable,
           GError **error)
{
  g_auto (Work) work = { .sshd = sshd,
                         .drop_in = drop_in,
                         .settings = settings,
                         .generation = generation,
                         .replace_foreign = replace_foreign,
                         .cancellable = cancellable };
  g_autoptr (Plan) plan = plan_new (settings, generation);

  work.restored = texts_new ();
  work.taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  work.changes = texts_new ();

  if (!restore_files (&work, error) || !find_base (&work, error) || !find_facts (&work, error)
      || !change_foreign (&work, error) || !write_plan (&work, plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}
