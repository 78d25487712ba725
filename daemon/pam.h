/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* What PAM asks before it lets somebody in, as far as that can be foreseen. Reads files: for worker
 * threads. */

typedef struct
{
  gboolean passwords_local; /* nothing but the machine's own files decides over a password */
  gboolean accounts_local;  /* nor whether somebody with a key gets in */
  gboolean nologin;         /* /etc/nologin keeps out everybody but root */
} Pam;

/* folders: where files of services are looked for, NULL for the system's. */
Pam pam_read (const char *const *folders, const char *service);
