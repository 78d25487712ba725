/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "match.h"

#include <string.h>

#define INVALID_USER "invalid-user" /* has no value */

/* Something in the place of a pattern's wildcards. */
static char *
sample (const char *pattern, const char *wildcard)
{
  g_autoptr (GString) text = g_string_new (*pattern != '\0' ? pattern : wildcard);

  g_string_replace (text, "*", wildcard, 0);
  g_string_replace (text, "?", "a", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
sample_name (const char *pattern)
{
  return sample (pattern, "a");
}

/* The network's own address stands for it. A wildcard may stand for several parts. */
static char *
sample_address (const char *pattern)
{
  static const char *const parts[] = { "1", "1.1", "1.1.1", ":1" };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *address = sample (pattern, parts[i]);
      char *slash = strchr (address, '/');

      if (slash != NULL)
        *slash = '\0';
      if (g_hostname_is_ip_address (address))
        return g_steal_pointer (&address);
    }
  return g_strdup ("192.0.2.1");
}

/* "Keyword value", "Keyword = value" up to OpenSSH 9.8, and "Keyword=value". */
static GHashTable *
read_criteria (const char *const *args)
{
  GHashTable *criteria = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  while (args != NULL && *args != NULL)
    {
      const char *arg = *args++;
      const char *equals = strchr (arg, '=');
      char *name = g_ascii_strdown (arg, equals ? equals - arg : -1);
      const char *value = "";

      if (equals == NULL && *args != NULL && g_str_equal (*args, "="))
        args++;
      if (equals != NULL)
        value = equals + 1;
      else if (!g_str_equal (name, INVALID_USER) && *args != NULL)
        value = *args++;
      g_hash_table_insert (criteria, name, g_strdup (value));
    }
  return criteria;
}

static gboolean
is_match (const ConfigLine *line)
{
  return g_str_equal (line->directive->keyword, "match");
}

gboolean
match_asks_for_user (const ConfigTree *tree)
{
  static const char *const who[] = { "user", "group", INVALID_USER };
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);
      g_autoptr (GHashTable) criteria =
          is_match (line) ? read_criteria ((const char *const *) line->directive->args) : NULL;

      for (gsize j = 0; criteria != NULL && j < G_N_ELEMENTS (who); j++)
        if (g_hash_table_contains (criteria, who[j]))
          return TRUE;
    }
  return FALSE;
}

/* Each element of the lists that a criterion has: what is negated tells connections apart too. */
static void
add_samples (const ConfigTree *tree,
             const char *criterion,
             char *(*convert) (const char *),
             GHashTable *samples)
{
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);
      g_autoptr (GHashTable) criteria =
          is_match (line) ? read_criteria ((const char *const *) line->directive->args) : NULL;
      const char *list = criteria ? g_hash_table_lookup (criteria, criterion) : NULL;
      g_auto (GStrv) patterns = list ? g_strsplit (list, ",", -1) : NULL;

      for (gsize j = 0; patterns != NULL && patterns[j] != NULL; j++)
        if (*patterns[j] != '\0')
          g_hash_table_add (samples, convert (patterns[j] + (*patterns[j] == '!')));
    }
}

/* Every origin with every sample. */
static GPtrArray *
multiply (const GPtrArray *origins, const char *key, GHashTable *samples)
{
  GPtrArray *product = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  const char *value;

  for (guint i = 0; i < origins->len; i++)
    {
      const char *origin = g_ptr_array_index (origins, i);

      g_hash_table_iter_init (&iter, samples);
      while (g_hash_table_iter_next (&iter, (gpointer *) &value, NULL))
        g_ptr_array_add (product, *value != '\0' ? g_strdup_printf ("%s,%s=%s", origin, key, value)
                                                 : g_strdup (origin));
    }
  return product;
}

/* Each kind begins with what no line asks for. */
char **
match_origins (const ConfigTree *tree, guint most)
{
  static const struct
  {
    const char *criterion, *key, *otherwise;
    char *(*convert) (const char *);
  } kinds[] = {
    { "host", "host", "client.invalid", sample_name },
    { "address", "addr", "192.0.2.1", sample_address },
    { "localaddress", "laddr", "192.0.2.2", sample_address },
    { "localport", "lport", "1", sample_name },
    { "rdomain", "rdomain", "", sample_name },
  };
  g_autoptr (GPtrArray) origins = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (origins, g_strdup (""));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GHashTable) samples =
          g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_autoptr (GPtrArray) before = g_steal_pointer (&origins);

      g_hash_table_add (samples, g_strdup (kinds[i].otherwise));
      add_samples (tree, kinds[i].criterion, kinds[i].convert, samples);
      if (before->len * g_hash_table_size (samples) > most)
        return NULL;
      origins = multiply (before, kinds[i].key, samples);
    }
  g_ptr_array_add (origins, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&origins), FALSE);
}
