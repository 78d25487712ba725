/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "foreign.h"

#include <string.h>

#include "settings.h"

/* The package's removal script undoes these marks too, with sed. */
#define TAKEN "# truenas-ssh took out: "
#define PUT   "# truenas-ssh put in:"

static gboolean
is_put (char **lines, guint i)
{
  g_autoptr (Directive) directive = NULL;

  if (lines[i] == NULL || !g_str_equal (lines[i], PUT) || lines[i + 1] == NULL)
    return FALSE;
  directive = directive_parse (lines[i + 1]);
  return directive != NULL && g_str_equal (directive->keyword, "subsystem");
}

char *
foreign_restore (const char *text, GHashTable *taken)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) restored = g_ptr_array_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (is_put (lines, i))
        {
          i++;
          continue;
        }
      if (!g_str_has_prefix (lines[i], TAKEN))
        {
          g_ptr_array_add (restored, lines[i]);
          continue;
        }
      g_ptr_array_add (restored, lines[i] + strlen (TAKEN));
      if (taken != NULL)
        g_hash_table_add (taken, GUINT_TO_POINTER (restored->len));
    }
  g_ptr_array_add (restored, NULL);
  return g_strjoinv ("\n", (char **) restored->pdata);
}

/* What stands there already and looks like ours is marked too, so that it comes back as well. */
static gboolean
is_mark (const char *line)
{
  return g_str_has_prefix (line, TAKEN) || g_str_equal (line, PUT);
}

guint
foreign_line (const char *text, guint line)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; i < line && lines[i] != NULL; i++)
    if (is_put (lines, i))
      {
        i++;
        line += 2;
      }
  return line;
}

char *
foreign_take (const char *text, GHashTable *lines)
{
  g_auto (GStrv) old = g_strsplit (text, "\n", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; old[i] != NULL; i++)
    {
      gpointer put = NULL;
      gboolean take = g_hash_table_lookup_extended (lines, GUINT_TO_POINTER (i + 1), NULL, &put);

      take = take || is_mark (old[i]);
      g_string_append_printf (out, "%s%s%s", i > 0 ? "\n" : "", take ? TAKEN : "", old[i]);
      if (put != NULL)
        g_string_append_printf (out, "\n" PUT "\n%s", (const char *) put);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* The port that a ListenAddress names, 0 for none: "host:22", "[::1]:22", but not "::1". One that
 * is named by a word is none of ours. */
static guint64
explicit_port (const char *address)
{
  const char *last = strrchr (address, ':');
  guint64 port = 0;

  if (last == NULL || (address[0] == '[' ? last[-1] != ']' : strchr (address, ':') != last))
    return 0;
  if (!g_ascii_string_to_unsigned (last + 1, 10, 1, G_MAXUINT16, &port, NULL))
    port = G_MAXUINT64;
  return port;
}

static const char *
claim_address (const char *address, GVariant *settings)
{
  guint16 port;
  guint64 named = address ? explicit_port (address) : 0;

  if (settings_has (settings, SETTING_BIND_INTERFACES))
    return SETTING_BIND_INTERFACES;
  if (named != 0 && g_variant_lookup (settings, SETTING_TCP_PORT, "q", &port) && named != port)
    return SETTING_TCP_PORT;
  return NULL;
}

const char *
foreign_claim (const ConfigLine *line,
               GVariant *settings,
               gboolean replace_subsystem,
               gboolean *own)
{
  const char *keyword = line->directive->keyword;
  const char *arg = line->directive->args ? line->directive->args[0] : NULL;

  *own = FALSE;
  if (line->conditional)
    return NULL;
  if (g_str_equal (keyword, "port") && settings_has (settings, SETTING_TCP_PORT))
    return SETTING_TCP_PORT;
  if (g_str_equal (keyword, "listenaddress"))
    return claim_address (arg, settings);
  if (g_str_equal (keyword, "allowtcpforwarding") && arg != NULL
      && (g_ascii_strcasecmp (arg, "local") == 0 || g_ascii_strcasecmp (arg, "remote") == 0)
      && settings_get_boolean (settings, SETTING_TCP_FORWARDING, FALSE))
    return SETTING_TCP_FORWARDING;

  *own = replace_subsystem && g_str_equal (keyword, "subsystem") && g_strcmp0 (arg, "sftp") == 0;
  return *own ? SETTING_SFTP_LOG_LEVEL : NULL;
}

gboolean
foreign_opens (const ConfigLine *line)
{
  const char *arg = line->directive->args ? line->directive->args[0] : NULL;

  return line->conditional && arg != NULL && g_ascii_strcasecmp (arg, "no") != 0;
}
