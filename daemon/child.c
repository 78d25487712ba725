/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "child.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "truenas-ssh-error.h"

#define TIME_LIMIT   5 /* s */
#define MEMORY_LIMIT (512UL * 1024 * 1024)

typedef struct
{
  GMainLoop *loop;
  GSubprocess *process;
  GBytes *out, *err; /* (owned) */
  gboolean late;
  GError *error; /* (owned) */
} Run;

void
child_result_free (ChildResult *self)
{
  g_free (self->out);
  g_free (self->err);
  g_free (self);
}

/* Between fork and exec: only what is safe there. Without its limits it does not run. */
static void
limit (gpointer user_data)
{
#ifndef __SANITIZE_ADDRESS__ /* whose shadow is larger than any limit */
  const struct rlimit memory = { MEMORY_LIMIT, MEMORY_LIMIT };
#else
  const struct rlimit memory = { RLIM_INFINITY, RLIM_INFINITY };
#endif
  const struct rlimit processor = { TIME_LIMIT, TIME_LIMIT };
  const struct rlimit nothing = { 0, 0 };

  if (setrlimit (RLIMIT_AS, &memory) < 0 || setrlimit (RLIMIT_CPU, &processor) < 0
      || setrlimit (RLIMIT_FSIZE, &nothing) < 0 || setrlimit (RLIMIT_CORE, &nothing) < 0)
    _exit (127);
  /* Outlives exec, for where nobody here waits for the end. */
  alarm (2 * TIME_LIMIT);
}

static gboolean
on_late (gpointer user_data)
{
  Run *run = user_data;

  run->late = TRUE;
  g_subprocess_force_exit (run->process);
  return G_SOURCE_REMOVE;
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;

  g_subprocess_communicate_finish (run->process, result, &run->out, &run->err, &run->error);
  g_main_loop_quit (run->loop);
}

static GSubprocess *
spawn (const char *const *argv, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_set_cwd (launcher, "/");
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  g_subprocess_launcher_set_child_setup (launcher, limit, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, argv, error);
}

static char *
to_utf8 (GBytes *bytes)
{
  gsize length = 0;
  const char *data = bytes ? g_bytes_get_data (bytes, &length) : NULL;

  return g_utf8_make_valid (data ? data : "", (gssize) length);
}

/* Waits on a context of this thread's own, so that the time limit needs no help from outside. */
static gboolean
wait_for_end (Run *run, GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) timer = g_timeout_source_new_seconds (TIME_LIMIT);

  g_main_context_push_thread_default (context);
  run->loop = g_main_loop_new (context, FALSE);
  g_source_set_callback (timer, on_late, run, NULL);
  g_source_attach (timer, context);
  g_subprocess_communicate_async (run->process, NULL, cancellable, on_done, run);
  g_main_loop_run (run->loop);
  g_source_destroy (timer);
  if (run->error != NULL)
    g_subprocess_force_exit (run->process);
  g_main_loop_unref (run->loop);
  g_main_context_pop_thread_default (context);
  return run->error == NULL;
}

ChildResult *
child_run (const char *const *argv, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GBytes) err = NULL;
  Run run = { 0 };
  ChildResult *result;

  process = spawn (argv, error);
  if (process == NULL)
    {
      g_prefix_error (error, "cannot run %s: ", argv[0]);
      return NULL;
    }

  run.process = process;
  if (!wait_for_end (&run, cancellable))
    {
      g_propagate_prefixed_error (error, run.error, "%s: ", argv[0]);
      return NULL;
    }
  out = run.out;
  err = run.err;
  if (run.late)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
                   "%s did not answer within %d s: does the configuration include a pipe, a device "
                   "or a very large file?",
                   argv[0], TIME_LIMIT);
      return NULL;
    }

  result = g_new0 (ChildResult, 1);
  result->status =
      g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  result->out = to_utf8 (out);
  result->err = to_utf8 (err);
  return result;
}

char *
child_find (const char *const *argv, const GRegex *regex, GCancellable *cancellable)
{
  g_autoptr (GSubprocess) process = spawn (argv, NULL);
  g_autoptr (GDataInputStream) lines =
      process ? g_data_input_stream_new (g_subprocess_get_stderr_pipe (process)) : NULL;
  char *found = NULL;

  while (lines != NULL && found == NULL)
    {
      g_autofree char *line = g_data_input_stream_read_line_utf8 (lines, NULL, cancellable, NULL);
      g_autoptr (GMatchInfo) match = NULL;

      if (line == NULL)
        break;
      if (g_regex_match (regex, line, 0, &match))
        found = g_match_info_fetch (match, 1);
    }
  if (process != NULL)
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
    }
  return found;
}
