/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "holder.h"

#include <string.h>

#include "systemd.h"

static gboolean
listens_on (GVariant *listen, guint16 port)
{
  GVariantIter iter;
  const char *type, *address;

  g_variant_iter_init (&iter, listen);
  while (g_variant_iter_next (&iter, "(&s&s)", &type, &address))
    {
      const char *colon = strrchr (address, ':');
      guint64 number = 0;

      /* Paths, abstract names and "vsock::22" are no TCP addresses. */
      if (g_str_equal (type, "Stream") && colon != NULL
          && (address[0] == '[' || g_ascii_isdigit (address[0]))
          && g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &number, NULL)
          && number == port)
        return TRUE;
    }
  return FALSE;
}

char *
holder_of_socket_port (GDBusConnection *bus, guint16 port)
{
  const char *states[] = { "active", NULL };
  const char *patterns[] = { "*.socket", NULL };
  g_autoptr (GVariant) reply =
      systemd_call (bus, "ListUnitsByPatterns", g_variant_new ("(^as^as)", states, patterns),
                    "(a(ssssssouso))", "systemd", NULL, NULL);
  g_autoptr (GVariantIter) iter = NULL;
  const char *name, *path;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(a(ssssssouso))", &iter);
  while (g_variant_iter_next (iter, "(&s&s&s&s&s&s&ou&s&o)", &name, NULL, NULL, NULL, NULL, NULL,
                              &path, NULL, NULL, NULL))
    {
      g_autoptr (GVariant) listen = systemd_property (bus, path, SYSTEMD_SOCKET, "Listen", "a(ss)");

      if (listen != NULL && listens_on (listen, port))
        return g_strdup (name);
    }
  return NULL;
}

char *
holder_of_control_group (const char *control_group)
{
  g_auto (GStrv) parts = g_strsplit (control_group, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_str_has_suffix (parts[i], ".service") || g_str_has_suffix (parts[i], ".scope")
        || g_str_has_suffix (parts[i], ".socket"))
      /* systemd puts this before names that the kernel's own files could have. */
      return g_strdup (parts[i][0] == '_' ? parts[i] + 1 : parts[i]);
  return NULL;
}
