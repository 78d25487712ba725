/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* systemd's manager on the system bus, whatever the unit. Everything here blocks until systemd has
 * answered: call it from a worker thread. A failure is TRUENAS_SSH_ERROR_SERVICE_FAILED, and its
 * text begins with @about, or G_IO_ERROR_CANCELLED. */

#define SYSTEMD_UNIT    "org.freedesktop.systemd1.Unit"
#define SYSTEMD_SERVICE "org.freedesktop.systemd1.Service"
#define SYSTEMD_SOCKET  "org.freedesktop.systemd1.Socket"

/* A method of the manager. (transfer full) */
GVariant *systemd_call (GDBusConnection *bus,
                        const char *method,
                        GVariant *parameters,
                        const char *reply_type,
                        const char *about,
                        GCancellable *cancellable,
                        GError **error);

/* What a unit, loaded or not, says on one of its interfaces: a{sv}. That it does not exist is one
 * of its properties, not an error. */
GVariant *
systemd_properties (GDBusConnection *bus, const char *unit, const char *interface, GError **error);

/* An empty text if there is none of this name. */
const char *systemd_text (GVariant *properties, const char *name);

/* Of what systemd_properties () told of SYSTEMD_UNIT. A unit that is about to run, or to be
 * started again by itself, runs. */
gboolean systemd_is_running (GVariant *properties);
gboolean systemd_is_enabled (GDBusConnection *bus, GVariant *properties);
gboolean systemd_starts_on_boot (GDBusConnection *bus, GVariant *properties);

/* Whether a service's main process has ended over a reload that systemd still waits for: 257 does
 * so for its timeout, 90 s, after which the service has failed. */
gboolean systemd_is_lost (GDBusConnection *bus, const char *unit, GVariant *properties);

/* (nullable) NULL if there is none of this type. */
GVariant *systemd_property (GDBusConnection *bus,
                            const char *path,
                            const char *interface,
                            const char *property,
                            const char *type);

/* Has systemd do a job ("StartUnit", "StopUnit"…) and waits until it has, for a limited time. What
 * it says of the result is not proof: read the state again. */
gboolean systemd_run_job (GDBusConnection *bus,
                          const char *method,
                          const char *unit,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
