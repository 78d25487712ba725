/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* How many calls may be under way, so that nobody who floods the service keeps others from it.
 * What is over a limit is refused with G_DBUS_ERROR_LIMITS_EXCEEDED, most of it in the bus's own
 * thread, before anything else is done about it; so is what the bus's stream found too large. */

typedef struct _Admission Admission;

/* It counts the calls on FRONT that no filter before it has answered, and asks over BUS. */
Admission *admission_new (GDBusConnection *front, GDBusConnection *bus);
void admission_free (Admission *self);

/* An answer to a call that has not come as far as this. Its number, which the caller gives, may be
 * that of another one. Any thread. */
void admission_not_counted (GDBusMessage *answer);

/* Once it is known which user the caller is: that one (G_MAXUINT32: the bus does not tell), and
 * whether he is within the limits. Called back at once, or from the main loop. Main loop. */
void admission_ask (Admission *self,
                    const char *caller,
                    void (*answer) (gboolean admitted, guint32 uid, gpointer user_data),
                    gpointer user_data);
