/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "logins.h"

#include <string.h>
#include <unistd.h>

#define LOGIND     "org.freedesktop.login1"
#define START_TIME 22 /* the field of /proc/PID/stat, from 1 */

struct _Logins
{
  GDBusConnection *bus; /* (owned) */
  guint signal;
  void (*started) (const char *path, gpointer user_data);
  gpointer user_data;
};

static void
on_session (GDBusConnection *bus,
            const char *sender,
            const char *object,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  Logins *self = user_data;
  const char *path;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(so)")))
    return;
  g_variant_get (parameters, "(&s&o)", NULL, &path);
  self->started (path, self->user_data);
}

Logins *
logins_new (GDBusConnection *bus,
            void (*started) (const char *path, gpointer user_data),
            gpointer user_data)
{
  Logins *self = g_new0 (Logins, 1);

  self->bus = g_object_ref (bus);
  self->started = started;
  self->user_data = user_data;
  self->signal = g_dbus_connection_signal_subscribe (
      bus, LOGIND, LOGIND ".Manager", "SessionNew", "/org/freedesktop/login1", NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_session, self, NULL);
  return self;
}

void
logins_free (Logins *self)
{
  g_dbus_connection_signal_unsubscribe (self->bus, self->signal);
  g_object_unref (self->bus);
  g_free (self);
}

static GVariant *
read_session (GDBusConnection *bus, const char *path)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, LOGIND, path, "org.freedesktop.DBus.Properties", "GetAll",
      g_variant_new ("(s)", LOGIND ".Session"), G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE,
      5000, NULL, NULL);

  return reply ? g_variant_get_child_value (reply, 0) : NULL;
}

static gboolean
is (GVariant *session, const char *name, const char *value)
{
  const char *text = "";

  g_variant_lookup (session, name, "&s", &text);
  return g_str_equal (text, value);
}

/* logind calls loopback remote too. A host that is no address may be a name for anything. */
static gboolean
is_other_machine (GVariant *session)
{
  const char *host = "";
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *plain = NULL;

  g_variant_lookup (session, "RemoteHost", "&s", &host);
  plain = g_strndup (host, strcspn (host, "%"));
  address =
      g_inet_address_new_from_string (g_str_has_prefix (plain, "::ffff:") ? plain + 7 : plain);
  return address != NULL && !g_inet_address_get_is_loopback (address);
}

/* µs of CLOCK_BOOTTIME; 0: it is gone. */
static gint64
process_start (guint32 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *end;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  /* The second field is a name in brackets, which may hold anything. */
  end = strrchr (text, ')');
  fields = g_strsplit (end ? end + 1 : "", " ", -1);
  if (g_strv_length (fields) < START_TIME - 1)
    return 0;
  return g_ascii_strtoll (fields[START_TIME - 2], NULL, 10) * G_USEC_PER_SEC
         / sysconf (_SC_CLK_TCK);
}

gboolean
logins_is_from_outside (GDBusConnection *bus, const char *path, guint32 uid, gint64 after)
{
  g_autoptr (GVariant) session = read_session (bus, path);
  gboolean remote = FALSE;
  guint32 user = G_MAXUINT32;
  guint32 leader = 0;

  if (session == NULL || !g_variant_lookup (session, "User", "(uo)", &user, NULL)
      || !g_variant_lookup (session, "Leader", "u", &leader))
    return FALSE;
  g_variant_lookup (session, "Remote", "b", &remote);
  return remote && user == uid && uid != G_MAXUINT32 && is (session, "Class", "user")
         && is (session, "Service", "sshd") && is_other_machine (session)
         && process_start (leader) > after;
}
