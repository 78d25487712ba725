/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "truenas-sshctl-countdown.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <termios.h>
#include <unistd.h>

#include "truenas-sshctl-text.h"

typedef struct
{
  GMainLoop *loop; /* (owned) */
  TruenasSshClient *client;
  gboolean key;  /* pressed */
  gboolean stop; /* Ctrl+C */
} Countdown;

static guint64
deadline (Countdown *self)
{
  return truenas_ssh_service_get_pending_deadline (TRUENAS_SSH_SERVICE (self->client));
}

static gboolean
on_tick (gpointer user_data)
{
  Countdown *self = user_data;
  gint64 left = ((gint64) deadline (self) - g_get_real_time ()) / G_USEC_PER_SEC;
  g_autofree char *duration = text_duration (left);

  if (deadline (self) != 0)
    g_print ("\r\033[K%s: ", duration);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_key (int terminal, GIOCondition condition, gpointer user_data)
{
  Countdown *self = user_data;
  char buffer[64];

  self->key = read (terminal, buffer, sizeof buffer) > 0;
  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  Countdown *self = user_data;

  self->stop = TRUE;
  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_changed (TruenasSshClient *client, GVariant *values, gpointer user_data)
{
  Countdown *self = user_data;

  if (deadline (self) == 0)
    g_main_loop_quit (self->loop);
}

/* What came in before the change was made is not about it. */
static void
forget_old_news (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* Until a key, Ctrl+C, or the end of the time. What was typed ahead is no answer. */
static void
wait_for_end (Countdown *self)
{
  guint tick = g_timeout_add_seconds (1, on_tick, self);
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, self);
  guint key = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_key, self);
  gulong changed = g_signal_connect (self->client, "changed", G_CALLBACK (on_changed), self);
  struct termios before;
  struct termios raw;

  tcgetattr (STDIN_FILENO, &before);
  raw = before;
  raw.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &raw);
  g_print ("%s\n", _ ("The change is in effect. See in another window that you can log in, then "
                      "press a key here to keep it; Ctrl+C undoes it now."));
  on_tick (self);
  if (deadline (self) != 0)
    g_main_loop_run (self->loop);
  g_print ("\n");
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);

  g_signal_handler_disconnect (self->client, changed);
  g_source_remove (key);
  g_source_remove (interrupt);
  g_source_remove (tick);
}

/* Who ended it, when it was not we. */
static gboolean
was_kept (TruenasSshClient *client)
{
  GVariant *last = truenas_ssh_service_get_last_change (TRUENAS_SSH_SERVICE (client));
  const char *outcome = NULL;

  return last != NULL && g_variant_lookup (last, "outcome", "&s", &outcome)
         && g_str_equal (outcome, "confirmed");
}

gboolean
countdown_run (TruenasSshClient *client, const char *token, CountdownEnd *end, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Countdown self = { .loop = loop, .client = client };
  gboolean pending = FALSE;

  forget_old_news ();
  wait_for_end (&self);
  pending = deadline (&self) != 0;
  if (pending && self.key)
    {
      *end = COUNTDOWN_KEPT;
      return truenas_ssh_client_confirm (client, token, NULL, error);
    }
  if (pending && self.stop)
    {
      *end = COUNTDOWN_ROLLED_BACK;
      return truenas_ssh_client_rollback (client, token, NULL, error);
    }
  *end = was_kept (client) ? COUNTDOWN_KEPT : COUNTDOWN_ROLLED_BACK;
  return TRUE;
}
