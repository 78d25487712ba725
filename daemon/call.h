/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "action.h"
#include "change.h"
#include "service.h"
#include "snapshot.h"

/* A method call under way, and what each method does. */

typedef struct _Call Call;

typedef enum
{
  METHOD_READS,
  METHOD_CHANGES, /* something: one at a time */
  METHOD_ENDS,    /* the same; it is what is pending, so that it waits where others are refused */
} MethodKind;

/* What a method does. */
typedef struct
{
  const char *name;
  const char *signal;
  MethodKind kind;

  /* Reads its arguments and adds to what the caller must be allowed, by what is known without
   * asking anybody: the machine as it was last seen. (nullable) */
  gboolean (*prepare) (Call *call, const Snapshot *seen, GError **error);
  GVariant *(*run) (Call *call, GError **error); /* in a worker; NULL: in a way of its own */
} Method;

/* One call, from its arrival to its reply. */
struct _Call
{
  Service *service;
  GDBusConnection *bus; /* the service's */
  const Method *method;
  GDBusMethodInvocation *invocation; /* replying takes it away */
  GVariant *parameters;
  guint32 uid;               /* of its caller; G_MAXUINT32: the bus does not tell */
  Change *change;            /* (owned) (nullable) */
  GVariant *details;         /* (owned) (nullable) what polkit is told of it, an a{ss} */
  const char *outcome;       /* (nullable) how it went, for LastChange */
  Action actions;            /* asked for, and granted once it runs */
  GCancellable *cancellable; /* (owned) the caller is gone */
  guint watch;
  GVariant *result; /* (owned) (nullable) */
  GError *error;    /* (owned) (nullable) */
};

/* One that has arrived. It ends with its reply. */
Call *call_new (Service *service, GDBusConnection *bus, GDBusMethodInvocation *invocation);

/* From now on it is cancelled when its caller is gone. */
void call_watch (Call *call);

/* In a worker thread, as a GTaskThreadFunc whose data it is: what its method does. */
void call_run (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable);

/* Its result or its error. */
void call_reply (Call *call);
void call_fail (Call *call, GError *error /* (transfer full) */);

/* All of them; a NULL name at the end. */
extern const Method methods[];

const Method *method_find (const char *name);
