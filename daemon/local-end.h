/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* The end on this machine of a connection from a client, as addresses and routes are now. */

typedef struct
{
  char *client;    /* (owned) its address as the kernel writes it */
  char *address;   /* (owned) the one that it would reach; a wildcard where there is no way */
  char *interface; /* (owned) (nullable) by which it would come in */
  int family;
} LocalEnd;

void local_end_free (LocalEnd *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LocalEnd, local_end_free)

/* client: a numeric address. interface: (nullable) it comes in by this one.
 * TRUENAS_SSH_ERROR_INVALID_OPTION, or TRUENAS_SSH_ERROR_UNKNOWN_INTERFACE. */
LocalEnd *local_end_find (const char *client, const char *interface, GError **error);
