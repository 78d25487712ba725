/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "follower.h"

#include "follow.h"
#include "link-watch.h"
#include "settings.h"

#define SOON_MSEC 100
#define MIN_RETRY 500   /* ms */
#define MAX_RETRY 60000 /* ms */

struct _Follower
{
  GDBusConnection *bus; /* (owned) */
  FollowerCalls calls;
  LinkWatch *links; /* (owned) (nullable) while interfaces are bound */
  char **names;     /* (owned) that are to be bound, as last seen */
  gboolean due;     /* there is something to be done */
  gboolean running; /* and is being done */
  gboolean revive;  /* for follow () */
  guint timer;
  guint retry; /* ms */
};

static void plan (Follower *self, guint msec);

static void
on_changed (gpointer user_data)
{
  Follower *self = user_data;

  self->retry = 0;
  if (self->due && self->timer != 0)
    plan (self, SOON_MSEC);
  self->calls.changed (self->calls.user_data);
}

static void
run (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  Follower *self = task_data;

  if (follow (self->bus, &self->revive, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Follower *self = user_data;
  g_autoptr (GError) error = NULL;

  self->running = FALSE;
  self->due = !g_task_propagate_boolean (G_TASK (result), &error);
  self->retry = CLAMP (self->retry * 2, MIN_RETRY, MAX_RETRY);
  if (self->due)
    {
      g_message ("sshd could not be bound to the interfaces as they are now, trying again: %s",
                 error->message);
      plan (self, self->retry);
    }
  self->calls.done (self->calls.user_data);
}

static gboolean
on_timer (gpointer user_data)
{
  Follower *self = user_data;
  g_autoptr (GTask) task = NULL;

  self->timer = 0;
  if (!self->calls.claim (self->calls.user_data))
    {
      plan (self, SOON_MSEC);
      return G_SOURCE_REMOVE;
    }
  self->running = TRUE;
  task = g_task_new (NULL, NULL, on_run, self);
  g_task_set_source_tag (task, on_timer);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, run);
  return G_SOURCE_REMOVE;
}

static void
plan (Follower *self, guint msec)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (msec, on_timer, self);
}

/* Whether it is about others than before. */
static gboolean
take_names (Follower *self, const Snapshot *snapshot)
{
  g_autofree const char **names = settings_get_strv (snapshot->settings, SETTING_BIND_INTERFACES);
  gboolean other = !g_strv_equal ((const char *const *) self->names, names);

  if (!other)
    return FALSE;
  g_strfreev (self->names);
  self->names = g_strdupv ((char **) names);
  if (names[0] == NULL)
    g_clear_pointer (&self->links, link_watch_free);
  else if (self->links == NULL)
    self->links = link_watch_new (on_changed, self);
  if (self->links != NULL)
    link_watch_set_names (self->links, names);
  return names[0] != NULL;
}

void
follower_update (Follower *self, const Snapshot *snapshot)
{
  gboolean others = take_names (self, snapshot);

  if (self->running)
    return;
  self->due = self->due || others || snapshot->adrift;
  if (!self->due)
    self->retry = 0;
  else if (self->timer == 0)
    plan (self, self->retry);
}

GVariant *
follower_renamed (const Follower *self)
{
  if (self->links != NULL)
    return link_watch_renamed (self->links);
  return g_variant_ref_sink (g_variant_new ("a{ss}", NULL));
}

Follower *
follower_new (GDBusConnection *bus, const FollowerCalls *calls)
{
  Follower *self = g_new0 (Follower, 1);

  self->bus = g_object_ref (bus);
  self->calls = *calls;
  self->names = g_new0 (char *, 1);
  return self;
}

void
follower_free (Follower *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->links, link_watch_free);
  g_strfreev (self->names);
  g_object_unref (self->bus);
  g_free (self);
}
