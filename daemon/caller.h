/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Who is behind a connection to the bus. Blocks for a moment: for worker threads. */

typedef struct
{
  guint32 uid;       /* whose the connection is; G_MAXUINT32: the bus does not tell */
  guint32 login_uid; /* whom its process logged in as, whatever it has become since: a person behind
                        sudo; G_MAXUINT32: nobody, as for a service, or it is gone */
} Caller;

/* uid: as the bus has told it. */
Caller caller_read (GDBusConnection *bus, const char *sender, guint32 uid);
