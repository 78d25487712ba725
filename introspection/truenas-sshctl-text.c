/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-sshctl-text.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#define BOLD  "\033[1m"
#define RED   "\033[31m"
#define GREEN "\033[32m"
#define CYAN  "\033[36m"
#define PLAIN "\033[0m"

#define MAX_TEXT (1 << 20) /* far beyond what the service takes */

char *
text_read (const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *contents = NULL;
  char buffer[4096];
  gssize got = 0;

  if (path != NULL)
    return g_file_get_contents (path, &contents, NULL, error) ? g_steal_pointer (&contents) : NULL;

  while ((got = read (STDIN_FILENO, buffer, sizeof buffer)) > 0 && text->len < MAX_TEXT)
    g_string_append_len (text, buffer, got);
  return g_strdup (text->str);
}

gboolean
text_has_colours (void)
{
  const char *none = g_getenv ("NO_COLOR");

  return isatty (STDOUT_FILENO) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0
         && (none == NULL || *none == '\0');
}

char *
text_printable (const char *text, gboolean lines)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *shown = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (g_unichar_isprint (character) || (lines && (*c == '\n' || *c == '\t')))
        g_string_append_unichar (shown, character);
      else
        g_string_append_c (shown, '?');
    }
  return g_string_free (shown, FALSE);
}

char *
text_value (GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? "yes" : "no");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autofree const char **list = g_variant_get_strv (value, NULL);

      return g_strjoinv (",", (char **) list);
    }
  return g_variant_print (value, FALSE);
}

void
text_table (GPtrArray *rows)
{
  gsize widths[16] = { 0 };

  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);

      for (gsize n = 0; n < G_N_ELEMENTS (widths) && row[n] != NULL; n++)
        widths[n] = MAX (widths[n], (gsize) g_utf8_strlen (row[n], -1));
    }

  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);
      gboolean heading = i == 0 && text_has_colours ();

      g_print ("%s", heading ? BOLD : "");
      for (gsize n = 0; row[n] != NULL; n++)
        {
          g_autofree char *cell = text_printable (row[n], FALSE);
          gsize shown = (gsize) g_utf8_strlen (cell, -1);
          gsize width = row[n + 1] != NULL && n < G_N_ELEMENTS (widths) ? widths[n] + 2 : shown;

          g_print ("%s%*s", cell, (int) (width - shown), "");
        }
      g_print ("%s\n", heading ? PLAIN : "");
    }
}

void
text_json (GVariant *value)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_gvariant_serialize (value);
  g_autofree char *text = NULL;

  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  g_print ("%s\n", text);
}

static const char *
diff_colour (const char *line)
{
  if (g_str_has_prefix (line, "+++") || g_str_has_prefix (line, "---"))
    return BOLD;
  if (*line == '+')
    return GREEN;
  if (*line == '-')
    return RED;
  return g_str_has_prefix (line, "@@") ? CYAN : "";
}

void
text_diff (const char *diff)
{
  g_autofree char *shown = text_printable (diff, TRUE);
  g_auto (GStrv) lines = NULL;

  g_strchomp (shown);
  if (*shown == '\0')
    return;
  lines = g_strsplit (shown, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      const char *colour = text_has_colours () ? diff_colour (*line) : "";

      g_print ("%s%s%s\n", colour, *line, *colour != '\0' ? PLAIN : "");
    }
}

char *
text_duration (gint64 seconds)
{
  if (seconds < 60)
    return g_strdup_printf (_ ("%d s"), (int) MAX (seconds, 0));
  return g_strdup_printf (_ ("%d min %d s"), (int) (seconds / 60), (int) (seconds % 60));
}
