/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* Answers GetAll of an object that is exported, without the main loop and anew for each caller:
 * what clients ask most. */
typedef struct _Mirror Mirror;

Mirror *mirror_new (GDBusConnection *bus, GDBusInterfaceSkeleton *skeleton, const char *path);
void mirror_free (Mirror *self);
