/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "name-service.h"

/* What a directory takes to find out that its server is gone, and to answer from what it remembers,
 * is less. */
#define PATIENCE (10 * G_TIME_SPAN_SECOND)

/* While something already waits in vain, what the machine's own files know still comes at once. */
#define LESS_PATIENCE (G_TIME_SPAN_SECOND / 2)

/* So many wait at most: the unit limits the threads. */
#define MAX_WAITING 16

typedef struct
{
  void (*ask) (gpointer question);
  gpointer question;
  GDestroyNotify question_free;
  gboolean done;
  gboolean abandoned; /* nobody waits for it any more */
} Job;

static GMutex mutex; /* for all that follows, and every job */
static GCond answered;
static guint n_abandoned;

static gpointer
run (gpointer data)
{
  Job *job = data;

  job->ask (job->question);
  g_mutex_lock (&mutex);
  job->done = TRUE;
  g_cond_broadcast (&answered);
  if (job->abandoned)
    {
      n_abandoned--;
      job->question_free (job->question);
      g_free (job);
    }
  g_mutex_unlock (&mutex);
  return NULL;
}

static gboolean
wait (Job *job)
{
  gboolean done;
  gint64 end;

  g_mutex_lock (&mutex);
  end = g_get_monotonic_time () + (n_abandoned > 0 ? LESS_PATIENCE : PATIENCE);
  while (!job->done && g_cond_wait_until (&answered, &mutex, end))
    ;
  done = job->done;
  job->abandoned = !done;
  n_abandoned += !done;
  g_mutex_unlock (&mutex);
  return done;
}

static gboolean
is_full (void)
{
  gboolean full;

  g_mutex_lock (&mutex);
  full = n_abandoned >= MAX_WAITING;
  g_mutex_unlock (&mutex);
  return full;
}

gboolean
name_service_ask (void (*ask) (gpointer question), gpointer question, GDestroyNotify question_free)
{
  Job *job = g_new0 (Job, 1);
  GThread *thread = NULL;

  job->ask = ask;
  job->question = question;
  job->question_free = question_free;
  if (!is_full ())
    thread = g_thread_try_new ("name-service", run, job, NULL);
  if (thread == NULL)
    {
      question_free (question);
      g_free (job);
      return FALSE;
    }
  g_thread_unref (thread);
  if (!wait (job))
    return FALSE;
  g_free (job);
  return TRUE;
}
