/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "key-wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* A full file of short lines comes to this. */
#define MAX_BYTES (16 * 1024 * 1024)

static gboolean
send_all (int fd, const guchar *data, gsize length)
{
  while (length > 0)
    {
      gssize n = TEMP_FAILURE_RETRY (send (fd, data, length, MSG_NOSIGNAL));

      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
receive_all (int fd, guchar *data, gsize length)
{
  while (length > 0)
    {
      gssize n = TEMP_FAILURE_RETRY (read (fd, data, length));

      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

gboolean
key_wire_send (int fd, GVariant *value)
{
  guint32 length = (guint32) g_variant_get_size (value);

  return send_all (fd, (const guchar *) &length, sizeof length)
         && send_all (fd, g_variant_get_data (value), length);
}

GVariant *
key_wire_receive (int fd, const char *type)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guchar *data = NULL;
  guint32 length;

  if (!receive_all (fd, (guchar *) &length, sizeof length) || length > MAX_BYTES)
    return NULL;
  data = g_malloc (length);
  if (!receive_all (fd, data, length))
    return NULL;
  bytes = g_bytes_new_take (g_steal_pointer (&data), length);
  value = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
  return g_variant_is_normal_form (value) ? g_steal_pointer (&value) : NULL;
}
