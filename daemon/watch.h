/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Tells when something may have changed that the properties show: files of sshd's configuration,
 * the SSH units. A hint, to look again; several within a moment come as one. */
typedef struct _Watch Watch;

Watch *watch_new (GDBusConnection *bus, void (*changed) (gpointer user_data), gpointer user_data);

/* Looks again in a moment though nothing has told of a change, a few times after each hint. */
void watch_try_again (Watch *self);

void watch_free (Watch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Watch, watch_free)
