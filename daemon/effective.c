/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "effective.h"

#include <string.h>

struct _Effective
{
  GHashTable *values; /* (owned) keyword → GPtrArray of strings, NULL at its end */
};

/* "keyword value", a line each. */
Effective *
effective_parse (const char *text)
{
  Effective *self = g_new0 (Effective, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  self->values =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      const char *space = strchr (lines[i], ' ');
      g_autofree char *keyword = NULL;
      GPtrArray *list;

      if (lines[i][0] == '\0')
        continue;
      keyword = space ? g_strndup (lines[i], (gsize) (space - lines[i])) : g_strdup (lines[i]);
      list = g_hash_table_lookup (self->values, keyword);
      if (list == NULL)
        {
          list = g_ptr_array_new_null_terminated (1, g_free, TRUE);
          g_hash_table_insert (self->values, g_steal_pointer (&keyword), list);
        }
      g_ptr_array_add (list, g_strdup (space ? space + 1 : ""));
    }
  return self;
}

void
effective_free (Effective *self)
{
  g_hash_table_unref (self->values);
  g_free (self);
}

const char *const *
effective_list (const Effective *self, const char *keyword)
{
  static const char *const none[] = { NULL };
  GPtrArray *list = g_hash_table_lookup (self->values, keyword);

  return list ? (const char *const *) list->pdata : none;
}

const char *
effective_get (const Effective *self, const char *keyword)
{
  const char *first = effective_list (self, keyword)[0];

  return first ? first : "";
}

gboolean
effective_is (const Effective *self, const char *keyword, const char *value)
{
  return g_str_equal (effective_get (self, keyword), value);
}

gboolean
effective_equal (const Effective *a, const Effective *b)
{
  GHashTableIter iter;
  const char *keyword;

  if (g_hash_table_size (a->values) != g_hash_table_size (b->values))
    return FALSE;
  g_hash_table_iter_init (&iter, a->values);
  while (g_hash_table_iter_next (&iter, (gpointer *) &keyword, NULL))
    if (!g_strv_equal (effective_list (a, keyword), effective_list (b, keyword)))
      return FALSE;
  return TRUE;
}

void
endpoint_free (Endpoint *self)
{
  g_free (self->address);
  g_free (self->interface);
  g_free (self);
}

gboolean
endpoint_is_wildcard (const Endpoint *self)
{
  return g_str_equal (self->address, "0.0.0.0") || g_str_equal (self->address, "::");
}

/* "0.0.0.0:22", "[::]:22", "0.0.0.0:22 rdomain eth0" */
static Endpoint *
endpoint_parse (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 3);
  const char *colon = words[0] ? strrchr (words[0], ':') : NULL;
  gboolean brackets = words[0] && words[0][0] == '[';
  guint64 port = 0;
  Endpoint *self;

  if (colon == NULL || colon - words[0] < (brackets ? 2 : 1)
      || !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
    return NULL;

  self = g_new0 (Endpoint, 1);
  self->port = (guint16) port;
  self->address = brackets ? g_strndup (words[0] + 1, (gsize) (colon - words[0]) - 2)
                           : g_strndup (words[0], (gsize) (colon - words[0]));
  if (words[1] != NULL && words[2] != NULL && g_str_equal (words[1], "rdomain"))
    self->interface = g_strdup (words[2]);
  return self;
}

GPtrArray *
effective_endpoints (const Effective *self)
{
  GPtrArray *endpoints = g_ptr_array_new_with_free_func ((GDestroyNotify) endpoint_free);
  const char *const *lines = effective_list (self, "listenaddress");

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      Endpoint *endpoint = endpoint_parse (lines[i]);

      if (endpoint != NULL)
        g_ptr_array_add (endpoints, endpoint);
    }
  return endpoints;
}
