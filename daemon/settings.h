/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "authority.h"

/* The settings as a value: an a{sv} that holds those that are managed, in the order of the table.
 * One row here is all that knows a setting's name, type, range and guard. */

#define SETTING_TCP_PORT                "TcpPort"
#define SETTING_PASSWORD_LOGIN_GROUPS   "PasswordLoginGroups"
#define SETTING_PASSWORD_AUTHENTICATION "PasswordAuthentication"
#define SETTING_KERBEROS_AUTHENTICATION "KerberosAuthentication"
#define SETTING_TCP_FORWARDING          "TcpForwarding"
#define SETTING_BIND_INTERFACES         "BindInterfaces"
#define SETTING_COMPRESSION             "Compression"
#define SETTING_SFTP_LOG_LEVEL          "SftpLogLevel"
#define SETTING_SFTP_LOG_FACILITY       "SftpLogFacility"
#define SETTING_WEAK_CIPHERS            "WeakCiphers"
#define SETTING_AUXILIARY_PARAMETERS    "AuxiliaryParameters"

/* All names, in order. */
const char *const *settings_names (void);

/* The value of a property whose setting nobody can tell, such as where sshd is not installed. */
GVariant *settings_fallback (const char *name);

/* Puts a change, and names to reset, over settings. Checks names, types and ranges, and nothing
 * outside. */
GVariant *
settings_merge (GVariant *settings, GVariant *change, const char *const *reset, GError **error);

/* Names whose value differs, or that only one of the two has. */
char **settings_changed (GVariant *before, GVariant *after);

/* What somebody must be allowed to do to change it. None for auxiliary parameters, where it depends
 * on the lines. */
Action settings_action (const char *name);

/* The key under which polkit is told of its new value. */
const char *settings_detail (const char *name);

/* The first setting to which a keyword of sshd_config(5), in lower case, belongs; NULL: none. */
const char *settings_owner (const char *keyword);

/* Whether text of a caller can hold it. Unicode's own ends of lines are printable to GLib. */
gboolean settings_is_printable (gunichar c);

gboolean settings_has (GVariant *settings, const char *name);
gboolean settings_get_boolean (GVariant *settings, const char *name, gboolean fallback);
const char *settings_get_string (GVariant *settings, const char *name);

/* The elements belong to the settings; free the array only. Empty where it is not managed. */
const char **settings_get_strv (GVariant *settings, const char *name);
