/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls of the service's methods, for the files that offer them one by one. */

#pragma once

#include "truenas-ssh-client.h"

/* The service's name, and that of its interface. */
#define BUS_NAME "org.truenas.SSH"
#define BUS_PATH "/org/truenas/SSH"

/* For what a person may be asked about, or what takes as long as sshd takes. */
#define CLIENT_NO_TIMEOUT G_MAXINT
/* For lists that anybody may ask for; a directory of groups can be slow. */
#define CLIENT_LIST_TIMEOUT (60 * 1000)

/* Makes an error of the bus one for people: without GDBus's words before the message, and with one
 * code for whatever was not allowed. */
void client_error_clean (GError *error);

/* Calls @method; @tag is the public function. */
void client_call_async (TruenasSshClient *self,
                        const char *method,
                        GVariant *arguments /* (nullable) (floating) */,
                        int timeout_ms,
                        gpointer tag,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);

/* (transfer full): the one value of the answer; NULL with an error. */
GVariant *
client_call_finish (TruenasSshClient *self, GAsyncResult *result, gpointer tag, GError **error);

/* The same for a method whose answer is empty. */
gboolean client_call_finish_empty (TruenasSshClient *self,
                                   GAsyncResult *result,
                                   gpointer tag,
                                   GError **error);

GVariant *client_call (TruenasSshClient *self,
                       const char *method,
                       GVariant *arguments /* (nullable) (floating) */,
                       int timeout_ms,
                       GCancellable *cancellable,
                       GError **error);

/* As client_call (), for a method that changes properties; they are read anew. */
GVariant *client_call_change (TruenasSshClient *self,
                              const char *method,
                              GVariant *arguments /* (nullable) (floating) */,
                              GCancellable *cancellable,
                              GError **error);

/* The same for one whose answer is empty. */
gboolean client_call_change_empty (TruenasSshClient *self,
                                   const char *method,
                                   GVariant *arguments /* (nullable) (floating) */,
                                   GCancellable *cancellable,
                                   GError **error);

/* (transfer floating): two arguments, with an empty dictionary for each that is NULL. What is of a
 * wrong type is left to the service to refuse. */
GVariant *client_pair (GVariant *first /* (nullable) */, GVariant *second /* (nullable) */);
