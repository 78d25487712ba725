/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "sshd.h"

/* Whether sshd could take Kerberos tickets here. */

/* a(sbs): a name for each check that made sense, whether it is fine, and a few words. Asks the KDC,
 * some seconds at most: for worker threads. */
GVariant *kerberos_check (const Sshd *sshd, GCancellable *cancellable, GError **error);

gboolean kerberos_is_ready (GVariant *checks);

/* The check that failed when it was last looked at, and why: "keytab: …"; NULL: none did, or nobody
 * has looked yet. */
char *kerberos_last_fault (void);
