/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "watch.h"

#include "journal.h"
#include "store.h"

#define DELAY        100 /* ms */
#define PATIENCE     500 /* ms */
#define MAX_TRIES    6
#define SYSTEMD      "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define UNIT_PATH    "/org/freedesktop/systemd1/unit/"

struct _Watch
{
  GDBusConnection *bus; /* (owned) */
  void (*changed) (gpointer user_data);
  gpointer user_data;
  GPtrArray *monitors; /* (owned) */
  GArray *signals;     /* (owned) */
  guint timer;
  guint tries; /* since the last hint */
};

static gboolean
on_timer (gpointer user_data)
{
  Watch *self = user_data;

  self->timer = 0;
  self->changed (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
hint (Watch *self)
{
  if (self->timer == 0 || self->tries > 0)
    {
      g_clear_handle_id (&self->timer, g_source_remove);
      self->timer = g_timeout_add (DELAY, on_timer, self);
    }
  self->tries = 0;
}

static void
on_file (GFileMonitor *monitor,
         GFile *file,
         GFile *other,
         GFileMonitorEvent event,
         gpointer user_data)
{
  hint (user_data);
}

static void
on_unit (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *signal,
         GVariant *parameters,
         gpointer user_data)
{
  hint (user_data);
}

static void
watch_folder (Watch *self, const char *path)
{
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  GFileMonitor *monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_NONE, NULL, NULL);

  if (monitor == NULL)
    return;
  g_signal_connect (monitor, "changed", G_CALLBACK (on_file), self);
  g_ptr_array_add (self->monitors, monitor);
}

static void
watch_file (Watch *self, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GFileMonitor *monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);

  if (monitor == NULL)
    return;
  g_signal_connect (monitor, "changed", G_CALLBACK (on_file), self);
  g_ptr_array_add (self->monitors, monitor);
}

static void
watch_signal (Watch *self,
              const char *interface,
              const char *signal,
              const char *path,
              const char *about)
{
  guint id = g_dbus_connection_signal_subscribe (self->bus, SYSTEMD, interface, signal, path, about,
                                                 G_DBUS_SIGNAL_FLAGS_NONE, on_unit, self, NULL);

  g_array_append_val (self->signals, id);
}

static void
watch_unit (Watch *self, const char *path)
{
  watch_signal (self, "org.freedesktop.DBus.Properties", "PropertiesChanged", path,
                SYSTEMD ".Unit");
}

/* Whether a unit starts on boot is no property that systemd announces. */
static void
watch_unit_files (Watch *self)
{
  watch_signal (self, SYSTEMD ".Manager", "UnitFilesChanged", MANAGER_PATH, NULL);
  watch_signal (self, SYSTEMD ".Manager", "Reloading", MANAGER_PATH, NULL);
}

Watch *
watch_new (GDBusConnection *bus, void (*changed) (gpointer user_data), gpointer user_data)
{
  g_autofree char *broken = store_path (JOURNAL_BROKEN);
  Watch *self = g_new0 (Watch, 1);

  self->bus = g_object_ref (bus);
  self->changed = changed;
  self->user_data = user_data;
  self->monitors = g_ptr_array_new_with_free_func (g_object_unref);
  self->signals = g_array_new (FALSE, FALSE, sizeof (guint));

  watch_folder (self, "/etc/ssh");
  watch_folder (self, "/etc/ssh/sshd_config.d");
  watch_file (self, broken);
  /* Whether the machine is joined to a directory. */
  watch_file (self, "/etc/nsswitch.conf");
  watch_folder (self, "/etc/pam.d");
  watch_unit (self, UNIT_PATH "ssh_2eservice");
  watch_unit (self, UNIT_PATH "sshd_2eservice");
  watch_unit (self, UNIT_PATH "ssh_2esocket");
  watch_unit (self, UNIT_PATH "sshd_2esocket");
  watch_unit_files (self);
  /* Without a subscriber systemd sends nothing. */
  g_dbus_connection_call (bus, SYSTEMD, MANAGER_PATH, SYSTEMD ".Manager", "Subscribe", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
  return self;
}

void
watch_try_again (Watch *self)
{
  if (self->timer == 0 && self->tries < MAX_TRIES)
    {
      self->tries++;
      self->timer = g_timeout_add (PATIENCE, on_timer, self);
    }
}

void
watch_free (Watch *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  for (guint i = 0; i < self->signals->len; i++)
    g_dbus_connection_signal_unsubscribe (self->bus, g_array_index (self->signals, guint, i));
  g_array_unref (self->signals);
  g_ptr_array_unref (self->monitors);
  g_object_unref (self->bus);
  g_free (self);
}
