/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Our one file in sshd_config.d, which is the state too: its header holds the settings. Pure text.
 */

#define DROP_IN_NAME "00-truenas.conf"
#define DROP_IN_PATH "/etc/ssh/sshd_config.d/" DROP_IN_NAME

/* Whether a file that sshd reads is it, by whichever way. */
gboolean drop_in_is (const char *path);

typedef struct
{
  GVariant *settings; /* (owned) a{sv}; empty where there is no file, or none that can be read */
  guint64 generation; /* 0: there is no file, or somebody else has changed it */
  gboolean edited;    /* somebody else has changed it */
} DropIn;

void drop_in_free (DropIn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DropIn, drop_in_free)

/* text: (nullable) there is no file. Never fails: what cannot be understood counts as edited. */
DropIn *drop_in_parse (const char *text);

/* The whole file. n_header: how many lines come before the configuration. */
char *drop_in_compose (GVariant *settings, guint64 generation, const char *config, guint *n_header);

/* The configuration in a drop-in, behind its header. */
const char *drop_in_config (const char *text);
