/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "action.h"

G_BEGIN_DECLS

typedef struct
{
  const char *method;
  Action actions;     /* what every call needs */
  gboolean by_change; /* and what the change in its arguments touches: the handler adds that */
} AuthorityRow;

/* The row of a method of org.truenas.SSH. (nullable): none, and the call is denied. Any thread. */
const AuthorityRow *authority_lookup (const char *method);

/* Besides G_DBUS_ERROR_ACCESS_DENIED: the caller could be allowed this, but forbade asking anybody.
 * On the bus: org.freedesktop.DBus.Error.InteractiveAuthorizationRequired. */
#define AUTHORITY_ERROR (authority_error_quark ())

typedef enum
{
  AUTHORITY_ERROR_INTERACTION_REQUIRED,
} AuthorityError;

GQuark authority_error_quark (void);

/* Asks polkit on behalf of callers, over a connection on which nobody can call us.
 * Reference-counted; a running check holds a reference. */
typedef struct _Authority Authority;

Authority *authority_new (GDBusConnection *bus);
Authority *authority_ref (Authority *self);
void authority_unref (Authority *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Authority, authority_unref)

/* May the invocation's sender, who is @uid (G_MAXUINT32: nobody can tell), do all of @actions?
 * polkit's rules are told the method, and @details, an a{ss}. The callback's source object is NULL.
 * Finishing tells TRUE only after a positive answer. Else the error is one for the bus
 * (AccessDenied or InteractiveAuthorizationRequired, naming the action), or G_IO_ERROR_CANCELLED
 * when @cancellable was cancelled or the caller left the prompt without an answer. */
void authority_check_async (Authority *self,
                            GDBusMethodInvocation *invocation,
                            guint32 uid,
                            Action actions,
                            GVariant *details /* (nullable) */,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean authority_check_finish (Authority *self, GAsyncResult *result, GError **error);

G_END_DECLS
