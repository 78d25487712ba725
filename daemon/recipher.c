/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "recipher.h"

#include "auxiliary.h"
#include "drop-in.h"
#include "settings.h"
#include "sshd-config.h"
#include "sshd.h"
#include "trial.h"

static const char *
owner (const char *line)
{
  g_autoptr (Directive) directive = directive_parse (line);

  return directive ? settings_owner (directive->keyword) : NULL;
}

/* The configuration with these lines in the place of those about ciphers: the last ones ahead of
 * the auxiliary text, in which no line belongs to a setting. */
static char *
replace_lines (const char *config, const char *ciphers)
{
  g_auto (GStrv) lines = g_strsplit (config, "\n", -1);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *rest = NULL;
  gsize i;

  for (i = 0; lines[i] != NULL; i++)
    {
      const char *setting = owner (lines[i]);

      if (setting == NULL)
        break;
      if (!g_str_equal (setting, SETTING_WEAK_CIPHERS))
        g_string_append_printf (out, "%s\n", lines[i]);
    }
  rest = g_strjoinv ("\n", lines + i);
  g_string_append_printf (out, "%s%s", ciphers, rest);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* What sshd would do with this drop-in. */
static Effective *
try (const Sshd *sshd, const char *text)
{
  g_autoptr (GHashTable) changes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ConfigTree) tree = NULL;
  g_autoptr (Trial) trial = NULL;
  g_autoptr (GPtrArray) complaints = NULL;

  g_hash_table_insert (changes, (gpointer) DROP_IN_PATH, (gpointer) text);
  tree = config_tree_load (sshd->main_config, changes, NULL);
  trial = tree ? trial_new (sshd, tree, NULL) : NULL;
  return trial ? trial_run (trial, NULL, &complaints, NULL, NULL) : NULL;
}

static char *
render (const Sshd *sshd, const DropIn *drop_in, const char *config)
{
  g_autofree char *without = replace_lines (config, "");
  g_autoptr (Effective) base = try (sshd, without);
  g_autofree char *ciphers = NULL;
  g_autofree char *fresh = NULL;
  g_autoptr (Effective) effective = NULL;

  if (base == NULL)
    return NULL;
  ciphers =
      sshd_config_cipher_lines (&(SshdConfigFacts){ .settings = drop_in->settings, .base = base });
  if (ciphers == NULL)
    return NULL;
  fresh = replace_lines (config, ciphers);
  effective = try (sshd, fresh);
  return effective ? g_steal_pointer (&fresh) : NULL;
}

/* Lines of somebody's own about them, which only an empty list leaves room for, would be taken for
 * ours. */
static gboolean
has_own_lines (const DropIn *drop_in)
{
  g_autoptr (Auxiliary) auxiliary =
      auxiliary_parse (settings_get_string (drop_in->settings, SETTING_AUXILIARY_PARAMETERS));

  for (gsize i = 0; auxiliary->lines[i] != NULL; i++)
    if (g_strcmp0 (owner (auxiliary->lines[i]), SETTING_WEAK_CIPHERS) == 0)
      return TRUE;
  return FALSE;
}

char *
recipher (const char *text)
{
  g_autoptr (DropIn) drop_in = drop_in_parse (text);
  g_autoptr (Sshd) sshd = NULL;
  g_autofree char *config = NULL;
  g_autofree char *fresh = NULL;
  guint n_header;

  if (text == NULL || drop_in->edited || !settings_has (drop_in->settings, SETTING_WEAK_CIPHERS)
      || has_own_lines (drop_in))
    return NULL;
  sshd = sshd_read (NULL, NULL, NULL, NULL);
  config = sshd ? render (sshd, drop_in, drop_in_config (text)) : NULL;
  if (config == NULL)
    return NULL;
  fresh = drop_in_compose (drop_in->settings, drop_in->generation, config, &n_header);
  return g_str_equal (fresh, text) ? NULL : g_steal_pointer (&fresh);
}
