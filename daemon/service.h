/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* The object /org/truenas/SSH on the bus: who may call, what runs where, and the properties. */

typedef struct _Service Service;

/* Reads the machine, over BUS, and exports the object on FRONT; ready is called when it answers. */
Service *service_new (GDBusConnection *front,
                      GDBusConnection *bus,
                      void (*ready) (gpointer user_data),
                      gpointer user_data);

void service_free (Service *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Service, service_free)

/* Whether a change is under way that has to be finished. */
gboolean service_is_busy (const Service *self);

/* Whether there is something to wait for that ends by itself, as a change on probation. */
gboolean service_is_needed (const Service *self);

/* Whether it has something to see to though nobody calls: interfaces that come and go. */
gboolean service_stays (const Service *self);
