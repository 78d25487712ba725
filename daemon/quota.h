/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Whose calls are under way, and whether there is room for one more: for each user, and for callers
 * of whom nobody knows yet which user they are. Any thread. */

typedef struct _Quota Quota;

Quota *quota_new (void);
void quota_free (Quota *self);

/* A call with this number, which its caller gives, and with so many bytes of arguments begins.
 * (nullable) Why it may not. silent: nobody wants its answer. */
const char *
quota_take (Quota *self, const char *caller, guint32 serial, gsize bytes, gboolean silent);

/* It ends. Whether it was silent; FALSE also for one that never began. */
gboolean quota_give_back (Quota *self, const char *caller, guint32 serial);

/* G_MAXUINT32: nobody knows yet. */
guint32 quota_user (Quota *self, const char *caller);

/* From now on a caller's calls are its user's. */
void quota_learn (Quota *self, const char *caller, guint32 uid);

/* Whether a user is within the limit: those that came while nobody knew may be too many. */
gboolean quota_holds (Quota *self, guint32 uid);
