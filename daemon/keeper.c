/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "keeper.h"

#include "logins.h"
#include "probation.h"
#include "truenas-ssh-error.h"

#define MAX_WAIT \
  5000 /* ms; a sleeping machine's clock goes on, a timer of the main loop does not */
#define SOON      100  /* ms */
#define MIN_RETRY 1000 /* ms */
#define MAX_RETRY 4000 /* ms; sshd is to be back soon after what keeps it away is gone */

struct _Keeper
{
  GDBusConnection *bus; /* (owned) */
  Logins *logins;       /* (owned) (nullable) while a login can confirm */
  GQueue *sessions;     /* (owned) (element-type utf8) logins that nobody has looked at yet */
  guint session_timer;
  gboolean (*claim) (gpointer user_data);
  void (*done) (const char *outcome, const char *reason, gpointer user_data);
  gpointer user_data;
  gint64 deadline; /* of what is pending; 0: nothing */
  guint timer;
  guint retry;   /* ms */
  char *failure; /* (owned) (nullable) of the last try, which need not be told again */
};

/* Something to do in a worker. */
typedef struct
{
  Keeper *keeper;
  char *session; /* (owned) (nullable) the login that may confirm; without it: undo what is due */
  gboolean kept;
  char *reason; /* (owned) (nullable) why it was undone */
} Job;

static void
job_free (Job *job)
{
  g_free (job->session);
  g_free (job->reason);
  g_free (job);
}

static void
run_job (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  GDBusConnection *bus = job->keeper->bus;
  GError *error = NULL;

  if (job->session != NULL)
    job->kept = probation_confirm_by_login (bus, job->session, &error);
  else
    probation_recover (bus, &job->reason, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_failure (Keeper *self, const char *message)
{
  if (g_strcmp0 (self->failure, message) == 0)
    {
      self->done (NULL, NULL, self->user_data);
      return;
    }
  g_free (self->failure);
  self->failure = g_strdup (message);
  g_message ("Trying again until it works: %s", message);
  self->done ("failed", message, self->user_data);
}

static void await_sessions (Keeper *self);

/* prepare has the lock, for a moment. It may undo it, too; and a login is not to be missed for it.
 */
static void
on_busy (Keeper *self, const Job *job)
{
  self->retry = 0;
  if (job->session != NULL)
    {
      g_queue_push_head (self->sessions, g_strdup (job->session));
      await_sessions (self);
    }
  self->done (NULL, NULL, self->user_data);
}

static void
on_job (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Keeper *self = user_data;
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (g_error_matches (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_BUSY))
    on_busy (self, job);
  else if (error != NULL && job->session == NULL)
    on_failure (self, error->message);
  else if (job->kept)
    self->done ("confirmed", "a login has confirmed it", self->user_data);
  else
    self->done (job->reason ? "rolled-back" : NULL, job->reason, self->user_data);
}

static gboolean
start_job (Keeper *self, const char *session)
{
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (!self->claim (self->user_data))
    return FALSE;
  job = g_new0 (Job, 1);
  job->keeper = self;
  job->session = g_strdup (session);
  task = g_task_new (NULL, NULL, on_job, self);
  g_task_set_source_tag (task, start_job);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_run_in_thread (task, run_job);
  return TRUE;
}

void
keeper_recover (Keeper *self)
{
  start_job (self, NULL);
}

static gboolean on_timer (gpointer user_data);

static void
wait (Keeper *self, gint64 ms)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add ((guint) CLAMP (ms, 10, MAX_WAIT), on_timer, self);
}

/* Whoever is changing things now will be done soon. */
static gboolean
on_timer (gpointer user_data)
{
  Keeper *self = user_data;
  gint64 left = (self->deadline - journal_now ()) / 1000;

  self->timer = 0;
  if (left > 0)
    wait (self, MIN (left + 1, MAX_WAIT));
  else if (!start_job (self, NULL))
    wait (self, SOON);
  return G_SOURCE_REMOVE;
}

/* What else is under way will be done soon, and a login is not to be missed for it. */
static gboolean
on_session_timer (gpointer user_data)
{
  Keeper *self = user_data;
  const char *session = g_queue_peek_head (self->sessions);

  if (session != NULL && start_job (self, session))
    g_free (g_queue_pop_head (self->sessions));
  if (!g_queue_is_empty (self->sessions))
    return G_SOURCE_CONTINUE;
  self->session_timer = 0;
  return G_SOURCE_REMOVE;
}

static void
await_sessions (Keeper *self)
{
  if (self->session_timer == 0)
    self->session_timer = g_timeout_add (SOON, on_session_timer, self);
}

static void
on_login (const char *path, gpointer user_data)
{
  Keeper *self = user_data;

  if (start_job (self, path))
    return;
  g_queue_push_tail (self->sessions, g_strdup (path));
  await_sessions (self);
}

gboolean
keeper_is_stuck (const Keeper *self)
{
  return self->failure != NULL;
}

void
keeper_update (Keeper *self, const Journal *journal)
{
  gboolean due = journal != NULL && journal_is_due (journal);
  gboolean on_login_too = journal != NULL && !due && journal->on_login;

  if (on_login_too && self->logins == NULL)
    self->logins = logins_new (self->bus, on_login, self);
  else if (!on_login_too)
    g_clear_pointer (&self->logins, logins_free);

  /* Looking again is no try: it neither puts the next one off nor makes the wait after it longer.
   */
  if (due && self->retry > 0 && self->timer != 0)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (!due)
    self->retry = 0;
  else if (keeper_is_stuck (self))
    self->retry = CLAMP (self->retry * 2, MIN_RETRY, MAX_RETRY);
  else
    self->retry = SOON;
  if (!due)
    g_clear_pointer (&self->failure, g_free);
  self->deadline = journal != NULL && !due ? journal->deadline : 0;
  if (due)
    wait (self, self->retry);
  else if (journal != NULL)
    wait (self, MIN ((self->deadline - journal_now ()) / 1000 + 1, MAX_WAIT));
}

Keeper *
keeper_new (GDBusConnection *bus,
            gboolean (*claim) (gpointer user_data),
            void (*done) (const char *outcome, const char *reason, gpointer user_data),
            gpointer user_data)
{
  Keeper *self = g_new0 (Keeper, 1);

  self->bus = g_object_ref (bus);
  self->sessions = g_queue_new ();
  self->claim = claim;
  self->done = done;
  self->user_data = user_data;
  return self;
}

void
keeper_free (Keeper *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->session_timer, g_source_remove);
  g_queue_free_full (self->sessions, g_free);
  g_clear_pointer (&self->logins, logins_free);
  g_free (self->failure);
  g_object_unref (self->bus);
  g_free (self);
}
