/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "turns.h"

#include "truenas-ssh-error.h"

#define MAX_READERS 8

/* Whose turn it is. */
typedef enum
{
  NOBODYS,
  A_CALLERS,
  OUR_OWN,
  DONE, /* what it has led to is being looked at */
} Phase;

struct _Turns
{
  void (*done) (Call *call, gpointer user_data);
  gpointer user_data;
  GThreadPool *readers; /* (owned) (element-type GTask) */
  Phase phase;
  gboolean trying;  /* with a caller's: it only tries something out */
  GPtrArray *queue; /* (owned) calls that wait until that is over */
};

/* A call that runs. */
typedef struct
{
  Turns *turns;
  Call *call;
} Turn;

static void
read_something (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;

  call_run (task, NULL, g_task_get_task_data (task), NULL);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Turn *turn = user_data;

  if (turn->call->method->kind == METHOD_READS)
    {
      call_reply (turn->call);
      return;
    }
  turn->turns->phase = DONE;
  turn->turns->done (turn->call, turn->turns->user_data);
}

static void
run (Turns *self, Call *call)
{
  Turn *turn = g_new0 (Turn, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_run, turn);

  turn->turns = self;
  turn->call = call;
  g_task_set_source_tag (task, run);
  g_task_set_task_data (task, call, NULL);
  if (call->method->kind != METHOD_READS)
    g_task_run_in_thread (task, call_run);
  else
    g_thread_pool_push (self->readers, g_steal_pointer (&task), NULL);
}

void
turns_start (Turns *self, Call *call)
{
  const MethodKind kind = call->method->kind;

  if (kind == METHOD_READS || self->phase == NOBODYS)
    {
      if (kind != METHOD_READS)
        {
          self->phase = A_CALLERS;
          self->trying = call->change != NULL && call->change->dry_run;
        }
      run (self, call);
    }
  else if (kind == METHOD_CHANGES && self->phase == A_CALLERS && !self->trying)
    call_fail (call, g_error_new (TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_BUSY,
                                  "another change is under way; try again when it is done"));
  else
    g_ptr_array_add (self->queue, call);
}

gboolean
turns_claim (Turns *self)
{
  if (self->phase != NOBODYS)
    return FALSE;
  self->phase = OUR_OWN;
  return TRUE;
}

void
turns_end_own (Turns *self)
{
  self->phase = DONE;
}

void
turns_pass (Turns *self)
{
  g_autoptr (GPtrArray) queue = g_steal_pointer (&self->queue);

  self->queue = g_ptr_array_new ();
  self->phase = NOBODYS;
  for (guint i = 0; i < queue->len; i++)
    turns_start (self, g_ptr_array_index (queue, i));
}

gboolean
turns_is_taken (const Turns *self)
{
  return self->phase != NOBODYS;
}

gboolean
turns_is_running (const Turns *self)
{
  return self->phase == A_CALLERS || self->phase == OUR_OWN;
}

gboolean
turns_is_awaited (const Turns *self)
{
  return self->queue->len > 0;
}

Turns *
turns_new (void (*done) (Call *call, gpointer user_data), gpointer user_data)
{
  Turns *self = g_new0 (Turns, 1);

  self->done = done;
  self->user_data = user_data;
  self->readers = g_thread_pool_new (read_something, NULL, MAX_READERS, FALSE, NULL);
  self->queue = g_ptr_array_new ();
  return self;
}

void
turns_free (Turns *self)
{
  g_thread_pool_free (self->readers, FALSE, TRUE);
  g_ptr_array_unref (self->queue);
  g_free (self);
}
