/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "shrink.h"

#include <string.h>

/* What is left when some parts are taken out. */
static char *
without (GPtrArray *parts, guint start, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    if (i < start || i >= start + n)
      g_string_append (text, g_ptr_array_index (parts, i));
  return g_string_free (text, FALSE);
}

/* Half of all, a quarter, and so on, down to one by one. */
static void
shrink_parts (GPtrArray *parts, ShrinkTest test, gpointer user_data)
{
  for (guint n = MAX (parts->len / 2, 1); n > 0; n /= 2)
    for (guint start = 0; start < parts->len;)
      {
        guint most = MIN (n, parts->len - start);
        g_autofree char *rest = without (parts, start, most);

        if (test (rest, user_data))
          g_ptr_array_remove_range (parts, start, most);
        else
          start += n;
      }
}

/* Lines with their ends, or characters. */
static GPtrArray *
split (const char *text, gboolean lines)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);

  while (*text != '\0')
    {
      const char *end = lines ? strchrnul (text, '\n') : g_utf8_next_char (text);

      end += lines && *end != '\0';
      g_ptr_array_add (parts, g_strndup (text, (gsize) (end - text)));
      text = end;
    }
  return parts;
}

char *
shrink (const char *text, ShrinkTest test, gpointer user_data)
{
  g_autoptr (GPtrArray) lines = split (text, TRUE);
  g_autoptr (GPtrArray) characters = NULL;
  g_autofree char *rest = NULL;

  shrink_parts (lines, test, user_data);
  rest = without (lines, 0, 0);
  characters = split (rest, FALSE);
  shrink_parts (characters, test, user_data);
  return without (characters, 0, 0);
}
