/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings from one machine to another, as JSON. */

#include "config.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

#include "truenas-sshctl-change.h"
#include "truenas-sshctl-setting.h"
#include "truenas-sshctl-text.h"

#define PASSWORDS "PasswordAuthentication"
#define GROUPS    "PasswordLoginGroups"

/* What TrueNAS calls them, in what `midclt call ssh.config` prints. */
static const char *const foreign_names[][2] = {
  { "tcpport", "TcpPort" },
  { "password_login_groups", GROUPS },
  { "passwordauth", PASSWORDS },
  { "kerberosauth", "KerberosAuthentication" },
  { "tcpfwd", "TcpForwarding" },
  { "bindiface", "BindInterfaces" },
  { "compression", "Compression" },
  { "sftp_log_level", "SftpLogLevel" },
  { "sftp_log_facility", "SftpLogFacility" },
  { "weak_ciphers", "WeakCiphers" },
  { "options", "AuxiliaryParameters" },
};

/* What is read of one file. */
typedef struct
{
  const char *file;
  GVariantDict settings;
  GPtrArray *names;   /* (owned) (element-type utf8) of the settings, not owned */
  GPtrArray *ignored; /* (owned) (element-type utf8) keys, not owned */
} Import;

/* (transfer none) (nullable): the setting that a key is about. */
static const GDBusPropertyInfo *
find_setting (const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (foreign_names); i++)
    {
      if (strcmp (foreign_names[i][0], key) == 0)
        return setting_find (foreign_names[i][1], NULL);
    }
  return setting_find (key, NULL);
}

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

/* (transfer full) (nullable): a list of words. */
static GVariant *
read_list (JsonNode *node)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  GVariantBuilder builder;

  if (array == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (!is_text (json_array_get_element (array, i)))
        return NULL;
    }
  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_variant_builder_add (&builder, "s", json_array_get_string_element (array, i));
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* (transfer full) (nullable): what a value of JSON is as the value of a setting. */
static GVariant *
read_value (const GDBusPropertyInfo *setting, JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  g_autofree char *number = NULL;

  if (strcmp (setting->signature, "as") == 0)
    return read_list (node);
  if (strcmp (setting->signature, "s") == 0)
    return is_text (node) ? g_variant_ref_sink (g_variant_new_string (json_node_get_string (node)))
                          : NULL;
  if (strcmp (setting->signature, "b") == 0)
    return type == G_TYPE_BOOLEAN
               ? g_variant_ref_sink (g_variant_new_boolean (json_node_get_boolean (node)))
               : NULL;
  if (type != G_TYPE_INT64)
    return NULL;
  number = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_variant_parse (G_VARIANT_TYPE (setting->signature), number, NULL, NULL, NULL);
}

static gboolean
add_member (Import *import, const char *key, JsonNode *node, GError **error)
{
  const GDBusPropertyInfo *setting = find_setting (key);
  g_autoptr (GVariant) value = NULL;

  if (setting == NULL)
    {
      g_ptr_array_add (import->ignored, (gpointer) key);
      return TRUE;
    }
  if (g_variant_dict_contains (&import->settings, setting->name))
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: %s is there twice"), import->file, setting->name);
      return FALSE;
    }
  value = read_value (setting, node);
  if (value == NULL)
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: %s: this cannot be the value of %s, of type “%s”"),
                   import->file, key, setting->name, setting->signature);
      return FALSE;
    }
  g_variant_dict_insert_value (&import->settings, setting->name, value);
  g_ptr_array_add (import->names, setting->name);
  return TRUE;
}

/* On TrueNAS, passwords that are on without groups let in nobody but users marked for it; here they
 * would let in everybody. */
static void
close_passwords (Import *import, JsonObject *object)
{
  g_autoptr (GVariant) groups =
      g_variant_dict_lookup_value (&import->settings, GROUPS, G_VARIANT_TYPE_STRING_ARRAY);
  gboolean on = FALSE;

  if (!json_object_has_member (object, "passwordauth")
      || !g_variant_dict_lookup (&import->settings, PASSWORDS, "b", &on) || !on
      || (groups != NULL && g_variant_n_children (groups) > 0))
    return;
  g_variant_dict_insert (&import->settings, PASSWORDS, "b", FALSE);
  g_printerr ("%s\n", _ ("passwordauth: without groups it admits nobody there but users who are "
                         "marked for it, and everybody here, so passwords are turned off"));
}

static gboolean
read_object (Import *import, JsonObject *object, GError **error)
{
  g_autoptr (GList) keys = json_object_get_members (object);

  for (GList *each = keys; each != NULL; each = each->next)
    {
      if (!add_member (import, each->data, json_object_get_member (object, each->data), error))
        return FALSE;
    }
  if (import->names->len == 0)
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: there is no setting in it"), import->file);
      return FALSE;
    }
  close_passwords (import, object);
  return TRUE;
}

/* Only their names: a value may be a private key. */
static void
print_ignored (const Import *import)
{
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autofree char *shown = NULL;

  if (import->ignored->len == 0)
    return;
  for (guint i = 0; i < import->ignored->len; i++)
    g_string_append_printf (keys, "%s%s", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (import->ignored, i));
  shown = text_printable (keys->str, FALSE);
  g_printerr (_ ("Ignored: %s\n"), shown);
}

static int
apply_import (Ctl *ctl, Import *import, GError **error)
{
  g_ptr_array_add (import->names, NULL);
  return change_done (
      ctl,
      truenas_ssh_client_apply (
          ctl->client, g_variant_dict_end (&import->settings),
          change_options (ctl, (const char *const *) import->names->pdata, NULL, FALSE), NULL,
          error),
      error);
}

/* Afterwards it does not know any more. */
static void
on_error (JsonParser *parser, const GError *problem, gpointer user_data)
{
  guint *line = user_data;

  *line = json_parser_get_current_line (parser);
}

/* (transfer full): the JSON of a file. */
static JsonParser *
parse_file (const char *file, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autofree char *text = text_read (strcmp (file, "-") == 0 ? NULL : file, error);
  guint line = 0;

  if (text == NULL)
    return NULL;
  g_signal_connect (parser, "error", G_CALLBACK (on_error), &line);
  if (!json_parser_load_from_data (parser, text, -1, NULL))
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s:%u: this is not JSON"), file, line);
      return NULL;
    }
  if (json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error (error, CTL_ERROR, 0, _ ("%s: this is not an object of JSON, {…}"), file);
      return NULL;
    }
  return g_steal_pointer (&parser);
}

int
ctl_import (Ctl *ctl, GError **error)
{
  g_autoptr (JsonParser) parser = parse_file (ctl->arguments[0], error);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) ignored = g_ptr_array_new ();
  Import import = { .file = ctl->arguments[0], .names = names, .ignored = ignored };
  int status = -1;

  if (parser == NULL)
    return -1;
  g_variant_dict_init (&import.settings, NULL);
  if (read_object (&import, json_node_get_object (json_parser_get_root (parser)), error))
    {
      print_ignored (&import);
      status = apply_import (ctl, &import, error);
    }
  g_variant_dict_clear (&import.settings);
  return status;
}

/* What is set here; what the system has is the other machine's own. */
int
ctl_export (Ctl *ctl, GError **error)
{
  const char *const *managed =
      truenas_ssh_service_get_managed_settings (TRUENAS_SSH_SERVICE (ctl->client));
  g_autoptr (GVariant) settings = truenas_ssh_client_get_settings (ctl->client);
  g_autoptr (GVariant) exported = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (; managed != NULL && *managed != NULL; managed++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (settings, *managed, NULL);

      if (value != NULL)
        g_variant_builder_add (&builder, "{sv}", *managed, value);
    }
  exported = g_variant_ref_sink (g_variant_builder_end (&builder));
  text_json (exported);
  return EXIT_SUCCESS;
}
