/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* A line of a file of authorized keys, read as sshd reads it; see AUTHORIZED_KEYS FILE FORMAT in
 * sshd(8). Pure. */

typedef struct
{
  char *type;          /* (owned) "ssh-ed25519" */
  guint bits;          /* of an RSA key, else 0 */
  gboolean strange;    /* of a type, or with an option, that is not known here */
  gboolean authority;  /* it signs keys, and lets nobody in itself */
  gboolean forced;     /* it runs one command only */
  gboolean restricted; /* by an option that does not keep anybody out, if its value is right */
  char *from;          /* (owned) (nullable) patterns of where it may be used */
  gint64 expires;      /* s since the Epoch; 0: never */
} AuthorizedKey;

/* NULL: sshd finds no key in the line. */
AuthorizedKey *authorized_key_parse (const char *line);
void authorized_key_free (AuthorizedKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuthorizedKey, authorized_key_free)
