/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The public halves of sshd's host keys as ListHostKeys answers them, aa{sv}. @files are the values
 * of HostKey; those that are missing or unreadable are left out. Runs ssh-keygen: call it from a
 * worker thread. */
GVariant *host_keys_list (const char *const *files, GError **error);

G_END_DECLS
