/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks into users' files of authorized keys for the service: alone it may, and it can do nothing
 * else. Its standard input is a socket on which the service asks, a user at a time. */

#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "key-file.h"
#include "key-wire.h"

static GVariant *
answer (GVariant *question)
{
  Account user = { 0 };
  g_autofree const char **patterns = NULL;
  g_autoptr (GVariant) gids = NULL;
  g_autoptr (GPtrArray) files = NULL;
  gconstpointer data;
  gboolean strict;
  gsize n;

  g_variant_get (question, "(^&ayu@au^&ay^a&ayb)", &user.name, &user.uid, &gids, &user.home,
                 &patterns, &strict);
  data = g_variant_get_fixed_array (gids, &n, sizeof (gid_t));
  user.gids = g_array_new (FALSE, FALSE, sizeof (gid_t));
  g_array_append_vals (user.gids, data, (guint) n);
  files = key_files_read (&user, patterns, strict);
  g_array_unref (user.gids);
  return key_files_serialize (files);
}

int
main (void)
{
  g_autoptr (GVariant) question = NULL;

  while ((question = key_wire_receive (STDIN_FILENO, KEY_WIRE_QUESTION)) != NULL)
    {
      g_autoptr (GVariant) files = answer (question);

      g_clear_pointer (&question, g_variant_unref);
      if (!key_wire_send (STDIN_FILENO, files))
        return 1;
    }
  return 0;
}
