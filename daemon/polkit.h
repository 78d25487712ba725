/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  POLKIT_REFUSED,
  POLKIT_ASKABLE, /* the person has to authenticate; after a prompt: no agent could ask */
  POLKIT_GRANTED,
} PolkitAnswer;

/* What does polkit say about an action of the caller with this unique bus name? Its rules get
 * @details, an a{ss}. Without interaction it has to answer within @timeout_ms. */
void polkit_ask_async (GDBusConnection *connection,
                       const char *caller,
                       const char *action_id,
                       GVariant *details,
                       int timeout_ms,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);

/* The same, and the person may be asked to authenticate, which takes as long as it takes. Fails
 * with G_IO_ERROR_CANCELLED when the caller leaves the bus, and takes the prompt away. */
void polkit_prompt_async (GDBusConnection *connection,
                          const char *caller,
                          const char *action_id,
                          GVariant *details,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/* Of both; @answer is set only if it tells TRUE. */
gboolean polkit_finish (GAsyncResult *result, PolkitAnswer *answer, GError **error);

G_END_DECLS
