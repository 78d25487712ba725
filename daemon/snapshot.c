/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "snapshot.h"

#include <sys/stat.h>

#include "activation.h"
#include "history.h"
#include "interfaces.h"
#include "listeners.h"
#include "settings.h"
#include "sshd-config.h"
#include "store.h"
#include "trial.h"
#include "view.h"
#include "warnings.h"

void
snapshot_free (Snapshot *self)
{
  g_variant_unref (self->settings);
  g_variant_unref (self->properties);
  g_clear_pointer (&self->journal, journal_free);
  g_variant_unref (self->history);
  g_free (self);
}

gboolean
snapshot_is_socket (const Snapshot *self)
{
  const char *unit = "";

  g_variant_lookup (self->properties, "Unit", "&s", &unit);
  return g_str_has_suffix (unit, ".socket");
}

/* Settings. */

static gboolean
is_readable_by_all (const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 && (info.st_mode & S_IROTH);
}

/* sshd takes what the socket unit hands it, whatever its configuration says. */
static GVariant *
socket_port (const UnitState *unit)
{
  const Listener *first = g_ptr_array_index (unit->listen, 0);

  return g_variant_ref_sink (g_variant_new_uint16 (first->port));
}

static GVariant *
setting_value (const View *view, const char *name)
{
  g_autoptr (GVariant) managed =
      view->drop_in->edited ? NULL : g_variant_lookup_value (view->drop_in->settings, name, NULL);

  if (g_str_equal (name, SETTING_AUXILIARY_PARAMETERS) && view->sshd != NULL
      && !is_readable_by_all (view->sshd->main_config))
    return settings_fallback (name);
  if (managed != NULL)
    return g_steal_pointer (&managed);
  if (view->unit != NULL && view->unit->socket_activated && g_str_equal (name, SETTING_TCP_PORT)
      && view->unit->listen->len > 0)
    return socket_port (view->unit);
  if (view->effective == NULL)
    return settings_fallback (name);
  if (g_str_equal (name, SETTING_PASSWORD_AUTHENTICATION) && !view->drop_in->edited
      && view->text != NULL && sshd_config_opens_groups (view->text))
    return g_variant_ref_sink (g_variant_new_boolean (TRUE));
  return sshd_config_read (view->effective, name);
}

/* State. */

static GVariant *
managed_names (const View *view)
{
  g_auto (GVariantBuilder) names = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, view->drop_in->settings);
  while (g_variant_iter_next (&iter, "{&sv}", &name, NULL))
    g_variant_builder_add (&names, "s", name);
  return g_variant_builder_end (&names);
}

static GVariant *
listen_addresses (const View *view)
{
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; view->listening != NULL && i < view->listening->len; i++)
    {
      const Listener *listener = g_ptr_array_index (view->listening, i);

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "address", g_variant_new_string (listener->address));
      g_variant_builder_add (&list, "{sv}", "port", g_variant_new_uint16 (listener->port));
      if (listener->interface != NULL)
        g_variant_builder_add (&list, "{sv}", "interface",
                               g_variant_new_string (listener->interface));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

/* Warnings. */

static void
warn_broken (const View *view, GVariantBuilder *warnings)
{
  const Complaint *complaint = NULL;

  if (view->sshd == NULL || view->effective != NULL)
    return;
  if (view->complaints != NULL && view->complaints->len > 0)
    complaint = g_ptr_array_index (view->complaints, 0);
  if (complaint == NULL)
    warning_add (warnings, "configuration-broken",
                 "sshd refuses its configuration, and would not start; see `sshd -t`", NULL);
  else
    {
      g_autofree char *message = g_strdup_printf (
          "%s:%u: %s", complaint->path, complaint->line,
          complaint->own ? complaint->message
                         : "sshd refuses this line, and would not start; see `sshd -t`");

      warning_add (warnings, "configuration-broken", message, "file",
                   warning_path (complaint->path), "line", g_variant_new_uint32 (complaint->line),
                   NULL);
    }
}

static void
warn_effective (const View *view, GVariantBuilder *warnings)
{
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autofree const char **names =
      settings_get_strv (view->drop_in->settings, SETTING_BIND_INTERFACES);
  g_autoptr (GPtrArray) existing = g_ptr_array_new ();
  SshdConfigFacts facts = { .base = view->effective,
                            .groups = (const char *const[]){ NULL },
                            .arguments =
                                view->sshd ? (const char *const *) view->sshd->arguments : NULL,
                            .ipv6 = interfaces_have_ipv6 (NULL),
                            .loopback_ipv6 = interfaces_have_ipv6 ("lo") };

  for (gsize i = 0; names[i] != NULL; i++)
    if (interfaces_exists (names[i]))
      g_ptr_array_add (existing, (gpointer) names[i]);
  g_ptr_array_add (existing, NULL);
  facts.interfaces = (const char *const *) existing->pdata;
  facts.settings = view->drop_in->edited ? none : view->drop_in->settings;

  warnings_collect (&facts, view->effective, view->tree, warnings);
}

/* The name is what counts: sshd does not follow a device to another one. */
static void
warn_renamed (const View *view, GVariantBuilder *warnings)
{
  g_autofree const char **names =
      settings_get_strv (view->drop_in->settings, SETTING_BIND_INTERFACES);

  for (gsize i = 0; !view->drop_in->edited && names[i] != NULL; i++)
    {
      g_autofree char *message = NULL;
      const char *now;

      if (!g_variant_lookup (view->renamed, names[i], "&s", &now) || interfaces_exists (names[i])
          || !interfaces_exists (now))
        continue;
      message = g_strdup_printf (SETTING_BIND_INTERFACES
                                 ": “%s” is called “%s” now; name that one instead",
                                 names[i], now);
      warning_add (warnings, "interface-renamed", message, "setting",
                   g_variant_new_string (SETTING_BIND_INTERFACES), "interface",
                   g_variant_new_string (names[i]), "name", g_variant_new_string (now), NULL);
    }
}

static void
warn_put_aside (GVariantBuilder *warnings)
{
  g_autofree char *path = store_path (JOURNAL_BROKEN);
  g_autofree char *message = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return;
  message = g_strdup_printf ("%s: what was written down of a change could not be understood, so it "
                             "may be half done; see whether the settings are right, and remove "
                             "that file",
                             path);
  warning_add (warnings, "journal-broken", message, "file", warning_path (path), NULL);
}

static GVariant *
make_warnings (const View *view)
{
  g_auto (GVariantBuilder) warnings = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sa{sv})"));

  if (view->drop_in->edited)
    warning_add (&warnings, "edited-by-hand", DROP_IN_PATH " was edited by hand", "file",
                 g_variant_new_string (DROP_IN_PATH), NULL);
  warn_broken (view, &warnings);
  if (view->journal != NULL && !view_is_pending (view))
    warning_add (&warnings, "rollback-failed",
                 "the settings before the last change could not be brought back yet", NULL);
  warn_put_aside (&warnings);
  if (view->effective != NULL && view->tree != NULL)
    warn_effective (view, &warnings);
  warn_renamed (view, &warnings);
  if (view->unit != NULL && !view->drop_in->edited)
    activation_warn (view->unit, view->drop_in->settings, &warnings);
  if (view->deaf_to != NULL)
    warning_add (&warnings, "not-listening", view->deaf_to, NULL);
  return g_variant_builder_end (&warnings);
}

static void
add (GVariantBuilder *properties, const char *name, GVariant *value)
{
  g_variant_builder_add (properties, "{sv}", name, value);
}

Snapshot *
snapshot_take (GDBusConnection *bus, GVariant *renamed, gboolean stuck)
{
  static const char *const none[] = { NULL };
  g_auto (GVariantBuilder) properties = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_auto (View) view = { .renamed = renamed, .stuck = stuck };
  const char *const *names = settings_names ();
  Snapshot *self = g_new0 (Snapshot, 1);

  view_look (&view, bus);
  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GVariant) value = setting_value (&view, names[i]);

      add (&properties, names[i], value);
    }
  add (&properties, "ManagedSettings", managed_names (&view));
  add (&properties, "Unit", g_variant_new_string (view.unit ? view.unit->name : ""));
  add (&properties, "ActiveState",
       g_variant_new_string (view.unit ? view.unit->active_state : "inactive"));
  add (&properties, "StartOnBoot",
       g_variant_new_boolean (view.unit != NULL && view.unit->start_on_boot));
  add (&properties, "ListenAddresses", listen_addresses (&view));
  add (&properties, "SshdVersion", g_variant_new_string (view.sshd ? view.sshd->version : ""));
  add (&properties, "AvailableWeakCiphers",
       g_variant_new_strv (view.sshd ? (const char *const *) view.sshd->weak_ciphers : none, -1));
  /* It never goes back, not even for want of an answer. */
  if (view.counted)
    add (&properties, "Generation", g_variant_new_uint64 (view.generation));
  add (&properties, "PendingDeadline",
       g_variant_new_uint64 (view_is_pending (&view) ? journal_deadline_realtime (view.journal)
                                                     : 0));
  add (&properties, "Warnings", make_warnings (&view));

  self->adrift = view.adrift;
  self->settled = view.whole && view.deaf_to == NULL;
  self->settings = g_variant_ref (view.drop_in->settings);
  self->journal = g_steal_pointer (&view.journal);
  self->history = history_read ();
  self->properties = g_variant_ref_sink (g_variant_builder_end (&properties));
  return self;
}
