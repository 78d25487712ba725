/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* What NetworkManager knows of a device. */
typedef struct
{
  char *type;        /* (owned) (nullable) */
  char *description; /* (owned) (nullable) what a person knows it by */
} NetworkDevice;

/* A module of its own, which is loaded when it is first needed: libnm brings nine other libraries
 * along, and most lives of the service end without a question to it. Main context only. */
typedef struct
{
  void (*connect_async) (GDBusConnection *bus, GAsyncReadyCallback callback, gpointer user_data);
  GObject *(*connect_finish) (GAsyncResult *result, GError **error);

  /* Returns: name → NetworkDevice. */
  GHashTable *(*read_devices) (GObject *client);
} NetworkManager;

#define NETWORK_MANAGER_MODULE "truenas-ssh-network-manager.so"
#define NETWORK_MANAGER_SYMBOL "network_manager"

extern const NetworkManager network_manager;
