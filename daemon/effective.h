/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* What a configuration comes to: the output of `sshd -T` as a value. */

typedef struct _Effective Effective;

Effective *effective_parse (const char *text);
void effective_free (Effective *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Effective, effective_free)

/* The first value of a keyword in lower case, "" where sshd does not know it. */
const char *effective_get (const Effective *self, const char *keyword);

gboolean effective_is (const Effective *self, const char *keyword, const char *value);

/* All values of a keyword. */
const char *const *effective_list (const Effective *self, const char *keyword);

gboolean effective_equal (const Effective *a, const Effective *b);

/* A socket that sshd is to listen on. */
typedef struct
{
  char *address; /* (owned) numeric, without brackets */
  guint16 port;
  char *interface; /* (owned) (nullable) the device it is bound to */
} Endpoint;

void endpoint_free (Endpoint *self);
gboolean endpoint_is_wildcard (const Endpoint *self);

/* (element-type Endpoint) (transfer full) in sshd's order */
GPtrArray *effective_endpoints (const Effective *self);
