/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "rebind.h"

#include <string.h>

#include "drop-in.h"
#include "links.h"
#include "settings.h"
#include "sshd-config.h"

#define LISTEN "ListenAddress "

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

/* Not more than sshd can have, or it would not start at all: IPv6 may have come since. */
static char *
render (const SshdConfigFacts *facts, char **existing)
{
  char *listen = sshd_config_listen_lines (facts);

  for (guint n = g_strv_length (existing); n > 0 && count_lines (listen) > SSHD_CONFIG_MAX_SOCKETS;
       n--)
    {
      g_clear_pointer (&existing[n - 1], g_free);
      g_free (listen);
      listen = sshd_config_listen_lines (facts);
    }
  return listen;
}

/* What the lines say about ports and address families: those for loopback are always there. */
static Effective *
read_base (char **lines)
{
  g_autoptr (GString) base = g_string_new (NULL);
  gboolean ipv4 = FALSE;
  gboolean ipv6 = FALSE;

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      const char *address = lines[i] + strlen (LISTEN);

      if (!g_str_has_prefix (lines[i], LISTEN))
        continue;
      ipv6 = ipv6 || *address == '[';
      ipv4 = ipv4 || *address != '[';
      g_string_append_printf (base, "listenaddress %s\n", address);
    }
  g_string_append_printf (base, "addressfamily %s\n",
                          ipv4 && ipv6 ? "any"
                          : ipv6       ? "inet6"
                                       : "inet");
  return effective_parse (base->str);
}

static char **
find_existing (const char **names)
{
  g_autoptr (GStrvBuilder) existing = g_strv_builder_new ();

  for (gsize i = 0; names[i] != NULL; i++)
    if (links_exists (names[i]))
      g_strv_builder_add (existing, names[i]);
  return g_strv_builder_end (existing);
}

/* The configuration with other lines in the place of the first of its ListenAddress lines. */
static char *
replace_lines (char **lines, const char *listen)
{
  g_autoptr (GString) config = g_string_new (NULL);
  gboolean done = FALSE;

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], LISTEN))
        {
          g_string_append (config, done ? "" : listen);
          done = TRUE;
        }
      else if (lines[i + 1] != NULL || *lines[i] != '\0')
        g_string_append_printf (config, "%s\n", lines[i]);
    }
  return g_string_free (g_steal_pointer (&config), FALSE);
}

char *
rebind (const char *text)
{
  g_autoptr (DropIn) drop_in = drop_in_parse (text);
  g_autofree const char **names = settings_get_strv (drop_in->settings, SETTING_BIND_INTERFACES);
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) existing = NULL;
  g_autoptr (Effective) base = NULL;
  g_autofree char *listen = NULL;
  g_autofree char *config = NULL;
  g_autofree char *fresh = NULL;
  guint n_header;

  if (text == NULL || drop_in->edited || names[0] == NULL)
    return NULL;
  lines = g_strsplit (drop_in_config (text), "\n", -1);
  base = read_base (lines);
  existing = find_existing (names);
  listen = render (
      &(SshdConfigFacts){
          .settings = drop_in->settings,
          .base = base,
          .interfaces = (const char *const *) existing,
          .ipv6 = TRUE,
          .loopback_ipv6 = links_have_ipv6 ("lo"),
      },
      existing);
  config = replace_lines (lines, listen);
  fresh = drop_in_compose (drop_in->settings, drop_in->generation, config, &n_header);
  return g_str_equal (fresh, text) ? NULL : g_steal_pointer (&fresh);
}
