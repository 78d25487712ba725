/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A setting on the command line. Which there are, and of which type, the interface tells. */

#pragma once

#include "truenas-ssh.h"

/* The property called @name, also where it is written tcp-port; NULL with an error. */
const GDBusPropertyInfo *setting_find_property (const char *name, GError **error);

/* The same for a setting. */
const GDBusPropertyInfo *setting_find (const char *name, GError **error);

gboolean setting_is (const GDBusPropertyInfo *property);

/* Whether a wrong value can keep people out. */
gboolean setting_is_about_access (const char *name);

/* (transfer full): the value that @text means for a setting, NULL with an error. Text of @file or
 * of “-”, standard input, is read from there. */
GVariant *setting_parse (const GDBusPropertyInfo *setting, const char *text, GError **error);

/* (transfer full): what a setting shall be after `name=text`, `name+=text` or `name-=text`;
 * *@relative says whether that depends on what it is now. NULL with an error. */
GVariant *setting_parse_assignment (TruenasSshClient *client,
                                    const char *assignment,
                                    const GDBusPropertyInfo **setting,
                                    gboolean *relative,
                                    GError **error);
