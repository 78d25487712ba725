/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "systemd.h"

#include "truenas-ssh-error.h"

#define SYSTEMD      "org.freedesktop.systemd1"
#define MANAGER      SYSTEMD ".Manager"
#define MANAGER_PATH "/org/freedesktop/systemd1"

/* systemd answers a question at once; to read all unit files takes it a while. */
#define CALL_MSEC   (60 * 1000)
#define JOB_SECONDS 30

/* While a job runs: how often to look whether we are to stop waiting for it, and after how many
 * looks to ask whether there is still something to wait for. */
#define TICK_MSEC    100
#define TICKS_TO_ASK 3

/* So many answers in a row that a server has not said yet that it is done with a reload, about two
 * seconds, and it hangs: a good one takes a tenth of a second. */
#define MAX_SILENT 7

/* Asking. */

static void
propagate_error (GError **error, GError *call_error, const char *about)
{
  g_autoptr (GError) cause = call_error;
  g_autofree char *remote = g_dbus_error_get_remote_error (cause);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return;
    }
  g_dbus_error_strip_remote_error (cause);
  if (g_strcmp0 (remote, SYSTEMD ".UnitMasked") == 0)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
                 "%s: the unit is masked; run `systemctl unmask %s` first", about, about);
  else
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED, "%s: systemd says: %s",
                 about, cause->message);
}

GVariant *
systemd_call (GDBusConnection *bus,
              const char *method,
              GVariant *parameters,
              const char *reply_type,
              const char *about,
              GCancellable *cancellable,
              GError **error)
{
  GError *call_error = NULL;
  GVariant *reply = g_dbus_connection_call_sync (
      bus, SYSTEMD, MANAGER_PATH, MANAGER, method, parameters, G_VARIANT_TYPE (reply_type),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MSEC, cancellable, &call_error);

  if (reply == NULL)
    propagate_error (error, call_error, about);
  return reply;
}

static GVariant *
call_properties (GDBusConnection *bus,
                 const char *path,
                 const char *method,
                 GVariant *parameters,
                 const char *reply_type,
                 GError **error)
{
  return g_dbus_connection_call_sync (bus, SYSTEMD, path, "org.freedesktop.DBus.Properties", method,
                                      parameters, G_VARIANT_TYPE (reply_type),
                                      G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MSEC, NULL, error);
}

/* systemd loads a unit when its object is asked for. */
static char *
unit_path (const char *unit)
{
  GString *path = g_string_new (MANAGER_PATH "/unit/");

  for (const char *c = unit; *c != '\0'; c++)
    {
      if (g_ascii_isalpha (*c) || (g_ascii_isdigit (*c) && c > unit))
        g_string_append_c (path, *c);
      else
        g_string_append_printf (path, "_%02x", (guint8) *c);
    }
  return g_string_free (path, FALSE);
}

GVariant *
systemd_properties (GDBusConnection *bus, const char *unit, const char *interface, GError **error)
{
  g_autofree char *path = unit_path (unit);
  g_autoptr (GVariant) reply = NULL;
  GError *call_error = NULL;

  reply = call_properties (bus, path, "GetAll", g_variant_new ("(s)", interface), "(a{sv})",
                           &call_error);
  if (reply != NULL)
    return g_variant_get_child_value (reply, 0);
  propagate_error (error, call_error, unit);
  return NULL;
}

const char *
systemd_text (GVariant *properties, const char *name)
{
  const char *value = "";

  g_variant_lookup (properties, name, "&s", &value);
  return value;
}

GVariant *
systemd_property (GDBusConnection *bus,
                  const char *path,
                  const char *interface,
                  const char *property,
                  const char *type)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) reply =
      call_properties (bus, path, "Get", g_variant_new ("(ss)", interface, property), "(v)", NULL);

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(v)", &value);
  return g_variant_is_of_type (value, G_VARIANT_TYPE (type)) ? g_steal_pointer (&value) : NULL;
}

gboolean
systemd_is_running (GVariant *properties)
{
  const char *state = systemd_text (properties, "ActiveState");

  return !g_str_equal (state, "inactive") && !g_str_equal (state, "failed");
}

/* What the files say now; the unit's own property is as old as systemd's last reload. Only
 * "enabled" lasts: "enabled-runtime" ends with this boot, and "static" or "generated" is nobody's
 * wish. */
gboolean
systemd_is_enabled (GDBusConnection *bus, GVariant *properties)
{
  const char *name = systemd_text (properties, "Id");
  g_autoptr (GVariant) reply =
      systemd_call (bus, "GetUnitFileState", g_variant_new ("(s)", name), "(s)", name, NULL, NULL);
  const char *state = "";

  if (reply != NULL)
    g_variant_get (reply, "(&s)", &state);
  return g_str_equal (state, "enabled");
}

static gboolean
has_names (GVariant *properties, const char *list)
{
  g_autofree const char **names = NULL;

  return g_variant_lookup (properties, list, "^a&s", &names) && names[0] != NULL;
}

/* An alias alone, without a target that wants the unit, is "enabled" to systemd as well. */
gboolean
systemd_starts_on_boot (GDBusConnection *bus, GVariant *properties)
{
  return systemd_is_enabled (bus, properties)
         && (has_names (properties, "WantedBy") || has_names (properties, "RequiredBy"));
}

/* Jobs. */

static void
on_job_removed (GDBusConnection *bus,
                const char *sender,
                const char *path,
                const char *interface,
                const char *signal,
                GVariant *parameters,
                gpointer user_data)
{
  GHashTable *results = user_data;
  const char *job, *result;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uoss)")))
    return;
  g_variant_get (parameters, "(u&os&s)", NULL, &job, NULL, &result);
  g_hash_table_replace (results, g_strdup (job), g_strdup (result));
}

static gboolean
on_tick (gpointer user_data)
{
  guint *ticks = user_data;

  (*ticks)++;
  return G_SOURCE_CONTINUE;
}

/* systemd sends the signal only to those who subscribed. It stays subscribed: others on this
 * connection may count on it. @results is filled while the thread's default context runs. */
static guint
subscribe (GDBusConnection *bus, const char *about, GHashTable *results, GError **error)
{
  /* The unique name, so that nobody else's signal is taken for systemd's. */
  g_autoptr (GVariant) owner = NULL;
  g_autoptr (GVariant) reply = NULL;
  GError *call_error = NULL;
  const char *name;

  owner = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetNameOwner",
                                       g_variant_new ("(s)", SYSTEMD), G_VARIANT_TYPE ("(s)"),
                                       G_DBUS_CALL_FLAGS_NONE, CALL_MSEC, NULL, &call_error);
  if (owner == NULL)
    {
      propagate_error (error, call_error, about);
      return 0;
    }
  /* Fails if we have subscribed before. */
  reply = systemd_call (bus, "Subscribe", NULL, "()", about, NULL, NULL);
  if (g_dbus_connection_is_closed (bus))
    {
      propagate_error (error, g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "the bus is gone"),
                       about);
      return 0;
    }
  g_variant_get (owner, "(&s)", &name);
  return g_dbus_connection_signal_subscribe (bus, name, MANAGER, "JobRemoved", MANAGER_PATH, NULL,
                                             G_DBUS_SIGNAL_FLAGS_NONE, on_job_removed, results,
                                             NULL);
}

/* Is the job over without a word? The signal is lost where systemd has executed itself again; while
 * it does, it answers nothing at all. */
static gboolean
is_gone (GDBusConnection *bus, const char *job, GMainContext *context)
{
  g_autoptr (GError) error = NULL;
  GVariant *state = call_properties (
      bus, job, "Get", g_variant_new ("(ss)", SYSTEMD ".Job", "State"), "(v)", &error);

  g_clear_pointer (&state, g_variant_unref);
  /* A signal that came before this answer is here by now. */
  while (g_main_context_iteration (context, FALSE))
    ;
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT);
}

gboolean
systemd_is_lost (GDBusConnection *bus, const char *unit, GVariant *properties)
{
  g_autoptr (GVariant) details = NULL;
  guint32 main_pid = 1;

  if (!g_str_equal (systemd_text (properties, "ActiveState"), "reloading"))
    return FALSE;
  details = systemd_properties (bus, unit, SYSTEMD_SERVICE, NULL);
  return details != NULL && g_variant_lookup (details, "MainPID", "u", &main_pid) && main_pid == 0;
}

/* Is there nothing to wait for: because the server has ended, or because it hangs while it reads
 * its configuration again? */
static gboolean
is_hopeless (GDBusConnection *bus, const char *unit, guint *silent)
{
  g_autoptr (GVariant) state = systemd_properties (bus, unit, SYSTEMD_UNIT, NULL);

  if (state == NULL)
    return FALSE;
  *silent = g_str_equal (systemd_text (state, "SubState"), "reload-notify") ? *silent + 1 : 0;
  return *silent >= MAX_SILENT || systemd_is_lost (bus, unit, state);
}

/* (nullable) NULL = the time was over, or we are cancelled. */
static const char *
wait_for_result (GDBusConnection *bus,
                 const char *unit,
                 const char *job,
                 GMainContext *context,
                 GHashTable *results,
                 GCancellable *cancellable)
{
  const gint64 deadline = g_get_monotonic_time () + JOB_SECONDS * G_TIME_SPAN_SECOND;
  g_autoptr (GSource) ticker = g_timeout_source_new (TICK_MSEC);
  const char *result = NULL;
  guint ticks = 0, silent = 0;

  g_source_set_callback (ticker, on_tick, &ticks, NULL);
  g_source_attach (ticker, context);
  while (result == NULL && g_get_monotonic_time () < deadline
         && !g_cancellable_is_cancelled (cancellable))
    {
      g_main_context_iteration (context, TRUE);
      result = g_hash_table_lookup (results, job);
      if (result == NULL && ticks >= TICKS_TO_ASK)
        {
          ticks = 0;
          if (is_gone (bus, job, context))
            result = g_hash_table_lookup (results, job) ?: "done";
          else if (is_hopeless (bus, unit, &silent))
            result = "failed";
        }
    }
  g_source_destroy (ticker);
  return result;
}

static gboolean
judge (const char *result, const char *unit, GCancellable *cancellable, GError **error)
{
  if (g_strcmp0 (result, "done") == 0)
    return TRUE;
  if (result == NULL && g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (result == NULL)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
                 "%s: systemd was not done after %d s and goes on; see `systemctl list-jobs` and "
                 "`journalctl -u %s`",
                 unit, JOB_SECONDS, unit);
  else
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_SERVICE_FAILED,
                 "%s: systemd's job ended with “%s”; see `journalctl -u %s`", unit, result, unit);
  return FALSE;
}

gboolean
systemd_run_job (GDBusConnection *bus,
                 const char *method,
                 const char *unit,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GHashTable) results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GVariant) reply = NULL;
  guint subscription;
  const char *job;
  gboolean ok = FALSE;

  /* Signals come to the context that is the thread's default at the time of subscribing. */
  g_main_context_push_thread_default (context);
  subscription = subscribe (bus, unit, results, error);
  if (subscription != 0)
    reply = systemd_call (bus, method, g_variant_new ("(ss)", unit, "replace"), "(o)", unit,
                          cancellable, error);
  if (reply != NULL)
    {
      g_variant_get (reply, "(&o)", &job);
      ok = judge (wait_for_result (bus, unit, job, context, results, cancellable), unit,
                  cancellable, error);
    }
  if (subscription != 0)
    g_dbus_connection_signal_unsubscribe (bus, subscription);
  g_main_context_pop_thread_default (context);
  return ok;
}
