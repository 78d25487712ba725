/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "settings.h"

#include <string.h>

#include "truenas-ssh-error.h"

#define MAX_GROUPS         256
#define MAX_GROUP_NAME     256
#define MAX_INTERFACES     256
#define MAX_INTERFACE_NAME 15

typedef struct
{
  const char *name;
  const char *detail;
  const char *type;
  Action action;
  gboolean (*check) (const char *name, GVariant *value, GError **error); /* (nullable) any value */
  const char *values; /* (nullable) what a string or each string of a list may be, by spaces */
  const char *fallback;
  const char *keywords; /* those of sshd_config(5) that belong to it, in lower case, by spaces */
} Setting;

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error =
        g_error_new_valist (TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING, format, args);
  va_end (args);
  return FALSE;
}

/* A caller's bytes in a message: short, and on one line. */
static char *
shorten (const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  return strlen (escaped) > 60 ? g_strdup_printf ("%.57s...", escaped) : g_steal_pointer (&escaped);
}

static gboolean
check_port (const char *name, GVariant *value, GError **error)
{
  if (g_variant_get_uint16 (value) != 0)
    return TRUE;
  return refuse (error, "%s: a port is a number from 1 to 65535, not 0", name);
}

gboolean
settings_is_printable (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return g_unichar_isprint (c) && type != G_UNICODE_LINE_SEPARATOR
         && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

static gboolean
check_printable (const char *name, const char *text, gsize most, GError **error)
{
  g_autofree char *shown = shorten (text);

  if (*text == '\0')
    return refuse (error, "%s: a name is empty", name);
  if (strlen (text) > most)
    return refuse (error, "%s: “%s” is too long, the limit is %" G_GSIZE_FORMAT " bytes", name,
                   shown, most);
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (!settings_is_printable (g_utf8_get_char (c)))
      return refuse (error, "%s: “%s” holds a character that cannot be printed", name, shown);
  return TRUE;
}

static gboolean
check_groups (const char *name, GVariant *value, GError **error)
{
  g_autofree const char **groups = g_variant_get_strv (value, NULL);

  if (g_strv_length ((char **) groups) > MAX_GROUPS)
    return refuse (error, "%s: more than %d groups", name, MAX_GROUPS);
  for (gsize i = 0; groups[i] != NULL; i++)
    if (!check_printable (name, groups[i], MAX_GROUP_NAME, error))
      return FALSE;
  return TRUE;
}

static gboolean
check_interfaces (const char *name, GVariant *value, GError **error)
{
  g_autofree const char **interfaces = g_variant_get_strv (value, NULL);

  if (g_strv_length ((char **) interfaces) > MAX_INTERFACES)
    return refuse (error, "%s: more than %d interfaces", name, MAX_INTERFACES);
  for (gsize i = 0; interfaces[i] != NULL; i++)
    {
      if (!check_printable (name, interfaces[i], MAX_INTERFACE_NAME, error))
        return FALSE;
      if (strpbrk (interfaces[i], " /:\"'\\#%") != NULL)
        return refuse (error, "%s: “%s” is no name of a network interface", name, interfaces[i]);
    }
  return TRUE;
}

static const Setting settings[] = {
  { SETTING_TCP_PORT, "port", "q", ACTION_CONFIGURE, check_port, NULL, "uint16 22", "port" },
  { SETTING_PASSWORD_LOGIN_GROUPS, "groups", "as", ACTION_CONFIGURE_AUTHENTICATION, check_groups,
    NULL, "@as []", "" },
  { SETTING_PASSWORD_AUTHENTICATION, "passwords", "b", ACTION_CONFIGURE_AUTHENTICATION, NULL, NULL,
    "true",
    "passwordauthentication kbdinteractiveauthentication challengeresponseauthentication "
    "skeyauthentication" },
  { SETTING_KERBEROS_AUTHENTICATION, "kerberos", "b", ACTION_CONFIGURE_AUTHENTICATION, NULL, NULL,
    "false", "gssapiauthentication" },
  { SETTING_TCP_FORWARDING, "forwarding", "b", ACTION_CONFIGURE_AUTHENTICATION, NULL, NULL, "true",
    "allowtcpforwarding" },
  { SETTING_BIND_INTERFACES, "interfaces", "as", ACTION_CONFIGURE, check_interfaces, NULL, "@as []",
    "listenaddress" },
  { SETTING_COMPRESSION, "compression", "b", ACTION_CONFIGURE, NULL, NULL, "true", "compression" },
  { SETTING_SFTP_LOG_LEVEL, "sftp-log-level", "s", ACTION_CONFIGURE, NULL,
    "QUIET FATAL ERROR INFO VERBOSE DEBUG DEBUG2 DEBUG3", "''", "subsystem" },
  { SETTING_SFTP_LOG_FACILITY, "sftp-log-facility", "s", ACTION_CONFIGURE, NULL,
    "DAEMON USER AUTH LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7", "''", "subsystem" },
  { SETTING_WEAK_CIPHERS, "weak-ciphers", "as", ACTION_CONFIGURE_AUTHENTICATION, NULL,
    "NONE AES128-CBC", "@as []", "ciphers noneenabled" },
  /* What a change of it needs depends on the lines. */
  { SETTING_AUXILIARY_PARAMETERS, "auxiliary", "s", ACTION_NONE, NULL, NULL, "''", "" },
};

static const Setting *
find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (settings[i].name, name))
      return &settings[i];
  return NULL;
}

const char *const *
settings_names (void)
{
  static const char *names[G_N_ELEMENTS (settings) + 1];
  static gsize once = 0;

  if (g_once_init_enter (&once))
    {
      for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
        names[i] = settings[i].name;
      g_once_init_leave (&once, 1);
    }
  return names;
}

GVariant *
settings_fallback (const char *name)
{
  return g_variant_ref_sink (g_variant_new_parsed (find (name)->fallback));
}

/* A string out of a fixed list; the empty one stands for none. */
static gboolean
check_listed (const Setting *setting, const char *text, GError **error)
{
  g_auto (GStrv) values = g_strsplit (setting->values, " ", -1);
  g_autofree char *shown = shorten (text);
  g_autofree char *list = g_strjoinv (", ", values);

  if (g_strv_contains ((const char *const *) values, text))
    return TRUE;
  return refuse (error, "%s: “%s” is not one of %s", setting->name, shown, list);
}

static gboolean
check_values (const Setting *setting, GVariant *value, GError **error)
{
  g_autofree const char **list = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      const char *text = g_variant_get_string (value, NULL);

      return *text == '\0' || check_listed (setting, text, error);
    }

  list = g_variant_get_strv (value, NULL);
  for (gsize i = 0; list[i] != NULL; i++)
    if (!check_listed (setting, list[i], error))
      return FALSE;
  return TRUE;
}

static const Setting *
find_or_refuse (const char *name, GError **error)
{
  const Setting *setting = find (name);

  if (setting == NULL)
    {
      g_autofree char *shown = shorten (name);
      g_autofree char *list = g_strjoinv (", ", (char **) settings_names ());

      refuse (error, "%s: no such setting; there are %s", shown, list);
    }
  return setting;
}

static gboolean
check (const char *name, GVariant *value, GError **error)
{
  const Setting *setting = find_or_refuse (name, error);

  if (setting == NULL)
    return FALSE;
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (setting->type)))
    return refuse (error, "%s: the value must be of type “%s”, not “%s”", name, setting->type,
                   g_variant_get_type_string (value));
  if (setting->values != NULL && !check_values (setting, value, error))
    return FALSE;
  return setting->check == NULL || setting->check (name, value, error);
}

/* Lists are sets: what is named twice counts once. Text ends its lines in one way. */
static GVariant *
normalise (GVariant *value)
{
  g_autoptr (GStrvBuilder) builder = NULL;
  g_autoptr (GHashTable) seen = NULL;
  g_autofree const char **list = NULL;
  g_auto (GStrv) unique = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      g_autoptr (GString) text = g_string_new (g_variant_get_string (value, NULL));

      g_string_replace (text, "\r\n", "\n", 0);
      return g_variant_new_string (text->str);
    }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    return value;

  builder = g_strv_builder_new ();
  seen = g_hash_table_new (g_str_hash, g_str_equal);
  list = g_variant_get_strv (value, NULL);
  for (gsize i = 0; list[i] != NULL; i++)
    if (g_hash_table_add (seen, (gpointer) list[i]))
      g_strv_builder_add (builder, list[i]);
  unique = g_strv_builder_end (builder);
  return g_variant_new_strv ((const char *const *) unique, -1);
}

static gboolean
check_change (GVariant *change, const char *const *reset, GError **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, change);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned G_GNUC_UNUSED = value;

      g_autoptr (GVariant) first = g_variant_lookup_value (change, name, NULL);

      if (!check (name, value, error))
        return FALSE;
      if (!g_variant_equal (first, value))
        return refuse (error, "%s: named twice, with different values", name);
      if (g_strv_contains (reset, name))
        return refuse (error, "%s: both set and reset; leave one out", name);
    }
  for (gsize i = 0; reset[i] != NULL; i++)
    if (find_or_refuse (reset[i], error) == NULL)
      return FALSE;
  return TRUE;
}

GVariant *
settings_merge (GVariant *before, GVariant *change, const char *const *reset, GError **error)
{
  static const char *const none[] = { NULL };
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (!check_change (change, reset ? reset : none, error))
    return NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const char *name = settings[i].name;
      g_autoptr (GVariant) value = g_variant_lookup_value (change, name, NULL);

      if (value == NULL && (reset == NULL || !g_strv_contains (reset, name)))
        value = g_variant_lookup_value (before, name, NULL);
      if (value != NULL)
        g_variant_builder_add (&builder, "{sv}", name, normalise (value));
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

char **
settings_changed (GVariant *before, GVariant *after)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (GVariant) a = g_variant_lookup_value (before, settings[i].name, NULL);
      g_autoptr (GVariant) b = g_variant_lookup_value (after, settings[i].name, NULL);

      if ((a == NULL) != (b == NULL) || (a != NULL && !g_variant_equal (a, b)))
        g_strv_builder_add (names, settings[i].name);
    }
  return g_strv_builder_end (names);
}

Action
settings_action (const char *name)
{
  return find (name)->action;
}

const char *
settings_detail (const char *name)
{
  return find (name)->detail;
}

const char *
settings_owner (const char *keyword)
{
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_auto (GStrv) keywords = g_strsplit (settings[i].keywords, " ", -1);

      if (g_strv_contains ((const char *const *) keywords, keyword))
        return settings[i].name;
    }
  return NULL;
}

gboolean
settings_has (GVariant *self, const char *name)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (self, name, NULL);

  return value != NULL;
}

gboolean
settings_get_boolean (GVariant *self, const char *name, gboolean fallback)
{
  gboolean value = fallback;

  g_variant_lookup (self, name, "b", &value);
  return value;
}

const char *
settings_get_string (GVariant *self, const char *name)
{
  const char *value = "";

  g_variant_lookup (self, name, "&s", &value);
  return value;
}

const char **
settings_get_strv (GVariant *self, const char *name)
{
  const char **value = NULL;

  if (!g_variant_lookup (self, name, "^a&s", &value))
    value = g_new0 (const char *, 1);
  return value;
}
