/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "literal.h"

#include <glib/gi18n.h>
#include <string.h>

/* Whether \u or \U is followed by the number of a character. Fewer digits are GLib's to refuse. */
static gboolean
is_character (const char *escape)
{
  gsize length = *escape == 'U' ? 8 : 4;
  gunichar c = 0;

  for (gsize i = 1; i <= length; i++)
    {
      if (!g_ascii_isxdigit (escape[i]))
        return TRUE;
      c = c << 4 | (gunichar) g_ascii_xdigit_value (escape[i]);
    }
  return g_unichar_validate (c);
}

/* GLib takes any number for a character, and then does not take the string. */
static gboolean
has_characters (const char *text)
{
  for (const char *escape = strchr (text, '\\'); escape != NULL && escape[1] != '\0';
       escape = strchr (escape + 2, '\\'))
    if ((escape[1] == 'u' || escape[1] == 'U') && !is_character (escape + 1))
      return FALSE;
  return TRUE;
}

GVariant *
literal_parse (const GVariantType *type, const char *text, GError **error)
{
  if (g_utf8_validate (text, -1, NULL) && has_characters (text))
    return g_variant_parse (type, text, NULL, NULL, error);
  g_set_error_literal (error, G_VARIANT_PARSE_ERROR, G_VARIANT_PARSE_ERROR_INVALID_CHARACTER,
                       _ ("it is not all characters of Unicode"));
  return NULL;
}
