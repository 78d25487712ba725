/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "listeners.h"

/* What the files of a socket unit say about where it listens, and our drop-in among them. It is
 * derived from the settings and holds no state. Pure text. */

/* Behind the "addresses.conf" of a generator, and behind what an administrator's editor is given.
 */
#define SOCKET_FILE_NAME "zz-truenas.conf"

/* Where ours is, for a unit. */
char *socket_file_path (const char *unit);
gboolean socket_file_is (const char *path);

/* The unit whose drop-in that is. */
char *socket_file_unit (const char *path);

typedef struct
{
  char *key;   /* (owned) "ListenStream", or another kind of listening */
  char *value; /* (owned) */
  char *path;  /* (owned) of the file */
  guint line;
} SocketLine;

/* (element-type SocketLine) */
GPtrArray *socket_lines_new (void);

/* Reads a file as systemd does, after those from before: an empty value takes back what they say.
 */
void socket_lines_add (GPtrArray *lines, const char *path, const char *text);

/* What a value of ListenStream= opens. NULL: no TCP port. ipv6: systemd finds the kernel to have
 * it. v6only: its sockets take no IPv4. */
Listener *socket_listener (const char *value, gboolean ipv6, gboolean v6only);

/* (element-type Listener) What all lines open. */
GPtrArray *socket_lines_listeners (const GPtrArray *lines, gboolean ipv6, gboolean v6only);

/* Our drop-in: the lines, with another port in each address; addresses and their families are
 * theirs. NULL: they have no TCP port that could be another one. */
char *socket_file_render (const GPtrArray *lines, guint16 port);
