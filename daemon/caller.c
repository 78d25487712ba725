/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "caller.h"

#include <string.h>

/* In a flood of calls, a bus takes its time; in ms. */
#define PATIENCE 20000

/* 0: the bus does not tell. */
static guint32
find_process (GDBusConnection *bus, const char *sender)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionUnixProcessID", g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(u)"),
      G_DBUS_CALL_FLAGS_NONE, PATIENCE, NULL, NULL);
  guint32 pid = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  return pid;
}

static char *
read_process (guint32 pid, const char *file)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/%s", pid, file);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : g_strdup ("");
}

/* Whether the process acts as this user. A process that has ended may have left its number to
 * another user's, while one of its children keeps the connection. */
static gboolean
is_of (guint32 pid, guint32 uid)
{
  g_autofree char *status = read_process (pid, "status");
  g_autofree char *effective = g_strdup_printf ("\t%u\t", uid);
  const char *line = strstr (status, "\nUid:\t");
  const char *second = line ? strchr (line + strlen ("\nUid:\t"), '\t') : NULL;

  return second != NULL && g_str_has_prefix (second, effective);
}

Caller
caller_read (GDBusConnection *bus, const char *sender, guint32 uid)
{
  Caller self = { .uid = uid, .login_uid = G_MAXUINT32 };
  guint32 pid = find_process (bus, sender);
  g_autofree char *text = read_process (pid, "loginuid");
  guint64 login_uid;

  if (is_of (pid, self.uid)
      && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &login_uid, NULL))
    self.login_uid = (guint32) login_uid;
  return self;
}
