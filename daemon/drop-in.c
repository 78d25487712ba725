/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "drop-in.h"

#include <string.h>

#include "literal.h"
#include "settings.h"

#define FORMAT 1
#define INTRODUCTION                                                                             \
  "# Written by truenas-ssh, which replaces it as a whole. An edit by hand takes effect and is " \
  "never\n"                                                                                      \
  "# lost, but stops further changes until one is told to overwrite it.\n"
#define PREFIX "#: "

gboolean
drop_in_is (const char *path)
{
  return g_str_has_suffix (path, "/" DROP_IN_NAME);
}

void
drop_in_free (DropIn *self)
{
  g_variant_unref (self->settings);
  g_free (self);
}

/* Over everything but the line that tells it. */
static char *
hash (guint64 generation, const char *rest)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *number = g_strdup_printf ("%d %" G_GUINT64_FORMAT "\n", FORMAT, generation);

  g_checksum_update (checksum, (const guchar *) number, -1);
  g_checksum_update (checksum, (const guchar *) rest, -1);
  return g_strdup (g_checksum_get_string (checksum));
}

char *
drop_in_compose (GVariant *settings, guint64 generation, const char *config, guint *n_header)
{
  g_autoptr (GString) rest = g_string_new (NULL);
  g_autofree char *sum = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned G_GNUC_UNUSED = value;
      g_autofree char *printed = g_variant_print (value, TRUE);

      g_string_append_printf (rest, PREFIX "%s = %s\n", name, printed);
    }
  /* The empty line ends the header: comments among the auxiliary lines must not be taken for it. */
  *n_header = 6 + (guint) g_variant_n_children (settings);
  g_string_append_printf (rest, "\n%s", config);

  sum = hash (generation, rest->str);
  return g_strdup_printf (INTRODUCTION PREFIX "format %d\n" PREFIX "generation %" G_GUINT64_FORMAT
                                              "\n" PREFIX "sha256 %s\n%s",
                          FORMAT, generation, sum, rest->str);
}

static const char *
skip_line (const char *text)
{
  text = strchrnul (text, '\n');
  return *text != '\0' ? text + 1 : text;
}

/* Takes "#: word value" off the text; NULL: it does not begin so. */
static char *
take_value (const char **text, const char *word)
{
  g_autofree char *prefix = g_strdup_printf (PREFIX "%s ", word);
  const char *start = *text + strlen (prefix);
  const char *end;

  if (!g_str_has_prefix (*text, prefix))
    return NULL;
  end = strchrnul (start, '\n');
  *text = skip_line (start);
  return g_strndup (start, (gsize) (end - start));
}

static gboolean
take_number (const char **text, const char *word, guint64 *number)
{
  g_autofree char *value = take_value (text, word);

  return value != NULL && g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT64, number, NULL);
}

static void
skip_introduction (const char **text)
{
  while (g_str_has_prefix (*text, "# "))
    *text = skip_line (*text);
}

/* NULL: a line that no version of this format can have. */
static GVariant *
parse_settings (const char *text)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) parsed = NULL;
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

  while (g_str_has_prefix (text, PREFIX))
    {
      const char *end = strchrnul (text, '\n');
      g_autofree char *line =
          g_strndup (text + strlen (PREFIX), (gsize) (end - text) - strlen (PREFIX));
      char *equals = strstr (line, " = ");
      g_autoptr (GVariant) value = NULL;

      if (equals == NULL)
        return NULL;
      *equals = '\0';
      value = literal_parse (NULL, equals + 3, NULL);
      if (value == NULL)
        return NULL;
      g_variant_builder_add (&builder, "{sv}", line, value);
      text = skip_line (text);
    }
  if (*text != '\n')
    return NULL;
  parsed = g_variant_ref_sink (g_variant_builder_end (&builder));
  return settings_merge (nothing, parsed, NULL, NULL);
}

DropIn *
drop_in_parse (const char *text)
{
  g_autoptr (DropIn) self = g_new0 (DropIn, 1);
  g_autofree char *told = NULL;
  g_autofree char *sum = NULL;
  guint64 format = 0;
  guint64 generation = 0;

  self->settings = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  if (text == NULL)
    return g_steal_pointer (&self);

  self->edited = TRUE;
  if (!g_utf8_validate (text, -1, NULL))
    return g_steal_pointer (&self);
  skip_introduction (&text);
  if (take_number (&text, "format", &format) && format == FORMAT
      && take_number (&text, "generation", &generation)
      && (told = take_value (&text, "sha256")) != NULL)
    {
      g_autoptr (GVariant) settings = parse_settings (text);

      sum = hash (generation, text);
      self->edited = settings == NULL || !g_str_equal (sum, told);
      self->generation = self->edited ? 0 : generation;
      if (settings != NULL)
        {
          g_variant_unref (self->settings);
          self->settings = g_steal_pointer (&settings);
        }
    }
  return g_steal_pointer (&self);
}

const char *
drop_in_config (const char *text)
{
  const char *end = strstr (text, "\n\n");

  return end ? end + 2 : "";
}
