/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* An /etc/ssh that only this process sees, and a change of it.
 *
 * Both come as one text, in which a line tells whose lines follow: "= NAME" a file that is there,
 * "+ NAME" a file as the change would have it. "- NAME" stands alone: the change takes the file
 * away; "> NAME TARGET" too: a symbolic link. Names are below /etc/ssh; "%" in them is a line
 * break, and "^" at the end of the text takes the last one away. */

#define ETC_SSH      "/etc/ssh"
#define ETC_SSH_MAIN ETC_SSH "/sshd_config"

/* Once, before any of them. */
void etc_ssh_set_up (void);
void etc_ssh_tear_down (void);

typedef struct _EtcSsh EtcSsh;

EtcSsh *etc_ssh_new (const char *text);
void etc_ssh_free (EtcSsh *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EtcSsh, etc_ssh_free)

/* (element-type filename utf8) for config_tree_load (). */
GHashTable *etc_ssh_changes (const EtcSsh *self);

/* Really makes the change. */
void etc_ssh_install (const EtcSsh *self);
