/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "service.h"

#include <unistd.h>

#include "admission.h"
#include "authority.h"
#include "call.h"
#include "follower.h"
#include "interfaces.h"
#include "keeper.h"
#include "last-change.h"
#include "mirror.h"
#include "properties.h"
#include "settings.h"
#include "snapshot.h"
#include "truenas-ssh-error.h"
#include "truenas-ssh-generated.h"
#include "turns.h"
#include "watch.h"

#define OBJECT_PATH "/org/truenas/SSH"

struct _Service
{
  GDBusConnection *bus;        /* (owned) for what is asked */
  GDBusConnection *front;      /* (owned) where others call */
  TruenasSshService *skeleton; /* (owned) */
  Authority *authority;        /* (owned) */
  Mirror *mirror;              /* (owned) (nullable) */
  Admission *admission;        /* (owned) (nullable) */
  Turns *turns;                /* (owned) */
  Watch *watch;                /* (owned) (nullable) */
  void (*ready) (gpointer user_data);
  gpointer user_data;
  Snapshot *snapshot;  /* (owned) (nullable) the machine as last seen */
  Keeper *keeper;      /* (owned) sees to what is pending, and what has to be undone */
  Follower *follower;  /* (owned) sees to the interfaces that sshd is bound to */
  const char *outcome; /* (nullable) of what the keeper did, for LastChange */
  char *reason;        /* (owned) (nullable) */
  Call *done;          /* (owned) (nullable) that has changed things, but for the properties */
  gboolean refreshing; /* a worker is looking */
  gboolean final;      /* at all that the turn has changed */
  gboolean second;     /* time in a row, since there was a hint meanwhile */
  gboolean again;      /* and has to look once more */
};

static void refresh (Service *self);

/* Properties. */

/* What no look at the machine tells. */
typedef struct
{
  GVariant *renamed; /* (owned) as follower_renamed () has it */
  gboolean stuck;    /* as keeper_is_stuck () has it */
} Hints;

static void
hints_free (Hints *hints)
{
  g_variant_unref (hints->renamed);
  g_free (hints);
}

static void
take_snapshot (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Hints *hints = task_data;

  g_task_return_pointer (task, snapshot_take (source, hints->renamed, hints->stuck),
                         (GDestroyNotify) snapshot_free);
}

static void
on_ready (Service *self)
{
  g_autoptr (GError) error = NULL;

  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), self->front,
                                         OBJECT_PATH, &error))
    {
      /* The bus is gone before it knew us. */
      g_message ("%s: %s", OBJECT_PATH, error->message);
      _exit (EXIT_FAILURE);
    }
  self->mirror = mirror_new (self->front, G_DBUS_INTERFACE_SKELETON (self->skeleton), OBJECT_PATH);
  self->admission = admission_new (self->front, self->bus);
  self->ready (self->user_data);
  self->ready = NULL;
}

/* The properties are on their way before the reply, so that no caller reads an old one after it. */
static void
end_turn (Service *self)
{
  Call *call = g_steal_pointer (&self->done);

  if (call != NULL)
    last_change_set_result (self->skeleton, call->outcome, call->error);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  if (call != NULL)
    call_reply (call);
  if (turns_is_taken (self->turns))
    turns_pass (self->turns);
}

static void
update_last_change (Service *self, const Snapshot *now)
{
  if (self->outcome != NULL)
    last_change_set (self->skeleton, self->outcome, self->reason ? self->reason : "");
  else
    last_change_update (self->skeleton, self->snapshot ? self->snapshot->journal : NULL, now);
  self->outcome = NULL;
}

static void
on_hint (gpointer user_data)
{
  Service *self = user_data;

  if (!turns_is_running (self->turns))
    refresh (self);
}

static void
on_snapshot (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Service *self = user_data;
  g_autoptr (Snapshot) snapshot = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean again = self->again;

  self->refreshing = FALSE;
  /* What is half done is not told of; it ends with a look of its own. */
  if (turns_is_running (self->turns))
    return;
  /* Hints without an end do not keep anybody waiting for what this look has seen. */
  if (again && !(turns_is_taken (self->turns) ? self->final : self->second))
    {
      refresh (self);
      self->second = TRUE;
      return;
    }
  properties_set (self->skeleton, snapshot->properties);
  update_last_change (self, snapshot);
  g_clear_pointer (&self->snapshot, snapshot_free);
  self->snapshot = g_steal_pointer (&snapshot);
  keeper_update (self->keeper, self->snapshot->journal);
  follower_update (self->follower, self->snapshot);
  if (!self->snapshot->settled)
    watch_try_again (self->watch);
  if (self->ready != NULL)
    on_ready (self);
  end_turn (self);
  if (again)
    on_hint (self);
}

static void
refresh (Service *self)
{
  g_autoptr (GTask) task = NULL;
  Hints *hints = NULL;

  self->again = self->refreshing;
  if (self->refreshing)
    return;
  self->refreshing = TRUE;
  self->final = turns_is_taken (self->turns);
  self->second = FALSE;
  hints = g_new0 (Hints, 1);
  hints->renamed = follower_renamed (self->follower);
  hints->stuck = keeper_is_stuck (self->keeper);
  task = g_task_new (self->bus, NULL, on_snapshot, self);
  g_task_set_source_tag (task, refresh);
  g_task_set_task_data (task, hints, (GDestroyNotify) hints_free);
  g_task_run_in_thread (task, take_snapshot);
}

/* What the keeper does is one of the things that go one at a time. */
static gboolean
on_claim (gpointer user_data)
{
  Service *self = user_data;

  return turns_claim (self->turns);
}

static void
on_own_done (Service *self)
{
  turns_end_own (self->turns);
  refresh (self);
}

static void
on_kept (const char *outcome, const char *reason, gpointer user_data)
{
  Service *self = user_data;

  if (outcome != NULL)
    {
      g_free (self->reason);
      self->outcome = outcome;
      self->reason = g_strdup (reason);
    }
  on_own_done (self);
}

static void
on_followed (gpointer user_data)
{
  on_own_done (user_data);
}

/* A call on its way: admit, authorise, run, reply. */

static void
on_done (Call *call, gpointer user_data)
{
  Service *self = user_data;

  self->done = call;
  refresh (self);
}

static void
on_interfaces (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GVariant) interfaces = interfaces_list_finish (result, &call->error);

  if (interfaces != NULL)
    call->result = g_variant_ref_sink (g_variant_new ("(@aa{sv})", interfaces));
  call_reply (call);
}

static void
list_interfaces (Call *call)
{
  g_autofree const char **bound =
      settings_get_strv (call->service->snapshot->settings, SETTING_BIND_INTERFACES);

  interfaces_list_async (call->service->bus, bound, call->cancellable, on_interfaces, call);
}

static void
on_authorised (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  if (!authority_check_finish (call->service->authority, result, &call->error))
    call_reply (call);
  else if (call->method->run == NULL)
    list_interfaces (call);
  else
    turns_start (call->service->turns, call);
}

static void
on_admitted (gboolean admitted, guint32 uid, gpointer user_data)
{
  Call *call = user_data;
  Service *self = call->service;
  GError *error = NULL;

  call->uid = uid;
  call->actions = authority_lookup (call->method->name)->actions;
  if (!admitted)
    call_fail (call, g_error_new (G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                                  "Too many calls of yours are under way; wait until some of them "
                                  "are answered"));
  else if (call->method->prepare != NULL && !call->method->prepare (call, self->snapshot, &error))
    call_fail (call, error);
  else
    {
      call_watch (call);
      authority_check_async (self->authority, call->invocation, uid, call->actions, call->details,
                             call->cancellable, on_authorised, call);
    }
}

static gboolean
on_call (Service *self, GDBusMethodInvocation *invocation)
{
  Call *call = call_new (self, self->bus, invocation);

  admission_ask (self->admission, g_dbus_method_invocation_get_sender (invocation), on_admitted,
                 call);
  return TRUE;
}

/* In a thread of its own: a method that the table does not know is nobody's. */
static gboolean
on_authorize (GDBusInterfaceSkeleton *skeleton, GDBusMethodInvocation *invocation)
{
  const char *name = g_dbus_method_invocation_get_method_name (invocation);

  if (authority_lookup (name) != NULL && method_find (name) != NULL)
    return TRUE;
  g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                         "Nobody may call %s", name);
  return FALSE;
}

Service *
service_new (GDBusConnection *front,
             GDBusConnection *bus,
             void (*ready) (gpointer user_data),
             gpointer user_data)
{
  Service *self = g_new0 (Service, 1);
  const FollowerCalls calls = { on_hint, on_claim, on_followed, self };

  self->bus = g_object_ref (bus);
  self->front = g_object_ref (front);
  self->ready = ready;
  self->user_data = user_data;
  self->authority = authority_new (bus);
  self->turns = turns_new (on_done, self);
  self->skeleton = truenas_ssh_service_skeleton_new ();
  truenas_ssh_service_set_version (self->skeleton, PACKAGE_VERSION);
  truenas_ssh_service_set_last_change (self->skeleton, g_variant_new ("a{sv}", NULL));
  g_signal_connect (self->skeleton, "g-authorize-method", G_CALLBACK (on_authorize), NULL);
  for (const Method *method = methods; method->name != NULL; method++)
    g_signal_connect_swapped (self->skeleton, method->signal, G_CALLBACK (on_call), self);
  self->watch = watch_new (bus, on_hint, self);
  self->follower = follower_new (bus, &calls);
  self->keeper = keeper_new (bus, on_claim, on_kept, self);
  keeper_recover (self->keeper);
  return self;
}

void
service_free (Service *self)
{
  watch_free (self->watch);
  keeper_free (self->keeper);
  follower_free (self->follower);
  g_free (self->reason);
  g_clear_pointer (&self->snapshot, snapshot_free);
  g_clear_pointer (&self->mirror, mirror_free);
  g_clear_pointer (&self->admission, admission_free);
  /* Whoever is stopped while starting has not come to that. */
  if (self->ready == NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  g_object_unref (self->skeleton);
  authority_unref (self->authority);
  turns_free (self->turns);
  g_object_unref (self->bus);
  g_object_unref (self->front);
  g_free (self);
}

gboolean
service_is_busy (const Service *self)
{
  return turns_is_taken (self->turns);
}

gboolean
service_is_needed (const Service *self)
{
  return service_is_busy (self) || turns_is_awaited (self->turns) || self->snapshot == NULL
         || self->snapshot->journal != NULL;
}

gboolean
service_stays (const Service *self)
{
  g_autofree const char **bound = NULL;

  if (self->snapshot == NULL)
    return TRUE;
  bound = settings_get_strv (self->snapshot->settings, SETTING_BIND_INTERFACES);
  return bound[0] != NULL;
}
