/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "truenas-sshctl-setting.h"
#include "truenas-sshctl-text.h"
#include "truenas-sshctl.h"

/* (transfer full): an `a{sv}` of all properties. */
static GVariant *
all_properties (TruenasSshClient *client)
{
  GDBusPropertyInfo **all = truenas_ssh_service_interface_info ()->properties;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  for (; *all != NULL; all++)
    {
      g_autoptr (GVariant) value =
          g_dbus_proxy_get_cached_property (G_DBUS_PROXY (client), (*all)->name);

      if (value != NULL)
        g_variant_dict_insert_value (&dict, (*all)->name, value);
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
print_listeners (TruenasSshClient *client)
{
  GVariant *addresses = truenas_ssh_service_get_listen_addresses (TRUENAS_SSH_SERVICE (client));
  g_autoptr (GString) line = g_string_new (NULL);
  GVariantIter iter;
  GVariant *each = NULL;

  g_variant_iter_init (&iter, addresses);
  while (g_variant_iter_loop (&iter, "@a{sv}", &each))
    {
      const char *address = "";
      const char *interface = NULL;
      guint16 port = 0;

      g_variant_lookup (each, "address", "&s", &address);
      g_variant_lookup (each, "port", "q", &port);
      g_string_append (line, line->len > 0 ? ", " : "");
      g_string_append_printf (line, strchr (address, ':') != NULL ? "[%s]:%u" : "%s:%u", address,
                              port);
      if (g_variant_lookup (each, "interface", "&s", &interface))
        g_string_append_printf (line, " (%s)", interface);
    }
  g_print ("%s %s\n", _ ("Listens:"), line->len > 0 ? line->str : _ ("nowhere"));
}

/* Whether a warning says that the settings of passwords are not the whole truth. */
static gboolean
passwords_are_qualified (TruenasSshClient *client)
{
  GVariant *warnings = truenas_ssh_service_get_warnings (TRUENAS_SSH_SERVICE (client));
  gboolean found = FALSE;
  GVariantIter iter;
  const char *code = NULL;
  GVariant *details = NULL;

  if (warnings == NULL)
    return FALSE;
  g_variant_iter_init (&iter, warnings);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &details))
    {
      const char *setting = "";

      g_variant_lookup (details, "setting", "&s", &setting);
      found |= g_str_equal (code, "edited-by-hand")
               || (g_str_has_prefix (setting, "Password")
                   && !g_str_has_prefix (code, "password-open-to-"));
    }
  return found;
}

static void
print_passwords (TruenasSshClient *client)
{
  TruenasSshService *service = TRUENAS_SSH_SERVICE (client);
  const char *const *groups = truenas_ssh_service_get_password_login_groups (service);
  g_autofree char *names = groups ? g_strjoinv (", ", (char **) groups) : g_strdup ("");
  g_autofree char *shown = text_printable (names, FALSE);
  gboolean qualified = passwords_are_qualified (client);
  g_autofree char *who = NULL;

  if (!truenas_ssh_service_get_password_authentication (service))
    who = g_strdup (_ ("nobody"));
  else if (*shown == '\0')
    who = g_strdup (_ ("everybody"));
  else
    who = g_strdup_printf (_ ("members of %s"), shown);
  g_print ("%s %s%s%s\n", _ ("Passwords:"), who, qualified ? " " : "",
           qualified ? _ ("(but see the warnings)") : "");
}

static void
print_pending (TruenasSshClient *client)
{
  guint64 deadline = truenas_ssh_service_get_pending_deadline (TRUENAS_SSH_SERVICE (client));
  gint64 left = ((gint64) deadline - g_get_real_time ()) / G_USEC_PER_SEC;
  g_autofree char *duration = NULL;

  if (deadline == 0)
    return;
  duration = text_duration (left);
  g_print (_ ("Pending: the last change is undone in %s unless “truenas-sshctl confirm” keeps it"),
           duration);
  g_print ("\n");
}

static void
print_settings (TruenasSshClient *client)
{
  const char *const *managed =
      truenas_ssh_service_get_managed_settings (TRUENAS_SSH_SERVICE (client));
  g_autoptr (GVariant) settings = truenas_ssh_client_get_settings (client);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  const char *heading[] = { _ ("SETTING"), _ ("VALUE"), _ ("FROM"), NULL };
  GVariantIter iter;
  const char *name = NULL;
  GVariant *value = NULL;

  g_ptr_array_add (rows, g_strdupv ((char **) heading));
  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autofree char *text = text_value (value);
      char *shown = g_strdelimit (text, "\n", ' ');
      gboolean ours = managed != NULL && g_strv_contains (managed, name);
      const char *row[] = { name, *shown != '\0' ? shown : "-",
                            ours ? _ ("set here") : _ ("the system"), NULL };

      g_ptr_array_add (rows, g_strdupv ((char **) row));
    }
  text_table (rows);
}

static void
print_warnings (TruenasSshClient *client)
{
  GVariant *warnings = truenas_ssh_service_get_warnings (TRUENAS_SSH_SERVICE (client));
  GVariantIter iter;
  const char *code = NULL;
  GVariant *details = NULL;

  if (warnings == NULL || g_variant_n_children (warnings) == 0)
    return;
  g_print ("\n%s\n", _ ("Warnings:"));
  g_variant_iter_init (&iter, warnings);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &details))
    {
      const char *message = code;
      g_autofree char *shown = NULL;

      g_variant_lookup (details, "message", "&s", &message);
      shown = text_printable (message, FALSE);
      g_print ("  %s\n", shown);
    }
}

int
ctl_status (Ctl *ctl, GError **error)
{
  TruenasSshService *service = TRUENAS_SSH_SERVICE (ctl->client);
  const char *unit = truenas_ssh_service_get_unit (service);
  gboolean installed = unit != NULL && *unit != '\0';

  if (ctl->json)
    return ctl_show (ctl, error);

  if (!installed)
    g_print ("%s\n", _ ("OpenSSH's server is not installed."));
  else
    g_print (_ ("%s: %s, %s (%s)\n"), unit, truenas_ssh_service_get_active_state (service),
             truenas_ssh_service_get_start_on_boot (service) ? _ ("starts on boot")
                                                             : _ ("does not start on boot"),
             truenas_ssh_service_get_sshd_version (service));
  print_listeners (ctl->client);
  if (installed)
    print_passwords (ctl->client);
  print_pending (ctl->client);
  g_print ("\n");
  print_settings (ctl->client);
  print_warnings (ctl->client);
  return EXIT_SUCCESS;
}

int
ctl_show (Ctl *ctl, GError **error)
{
  g_autoptr (GVariant) properties = all_properties (ctl->client);
  GVariantIter iter;
  const char *name = NULL;
  GVariant *value = NULL;

  if (ctl->json)
    {
      text_json (properties);
      return EXIT_SUCCESS;
    }

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autofree char *text = g_variant_print (value, FALSE);

      g_print ("%s=%s\n", name, text);
    }
  return EXIT_SUCCESS;
}

/* Lists have a line for each word, so that scripts need not take them apart. */
int
ctl_get (Ctl *ctl, GError **error)
{
  const GDBusPropertyInfo *property = setting_find_property (ctl->arguments[0], error);
  g_autoptr (GVariant) value = NULL;
  g_autofree char *text = NULL;

  if (property == NULL)
    return -1;
  value = g_dbus_proxy_get_cached_property (G_DBUS_PROXY (ctl->client), property->name);
  if (value == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("%s: the service that runs does not have it"), property->name);
      return -1;
    }

  if (ctl->json)
    {
      text_json (value);
      return EXIT_SUCCESS;
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autofree const char **list = g_variant_get_strv (value, NULL);

      text = g_strjoinv ("\n", (char **) list);
      if (*list == NULL)
        return EXIT_SUCCESS;
    }
  else
    text = text_value (value);
  g_print ("%s\n", text);
  return EXIT_SUCCESS;
}

/* Monitor */

static void
on_changed (TruenasSshClient *client, GVariant *values, gpointer user_data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  GVariantIter iter;
  const char *name = NULL;
  GVariant *value = NULL;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autofree char *text = g_variant_print (value, FALSE);

      g_print ("%s %s=%s\n", time, name, text);
    }
}

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

int
ctl_monitor (Ctl *ctl, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_signal_connect (ctl->client, "changed", G_CALLBACK (on_changed), NULL);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_print ("%s\n", _ ("Showing changes; Ctrl+C ends it."));
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
