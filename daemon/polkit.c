/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* polkit is asked over the bus and not through its library. That sets itself up in a thread, under
 * a lock for which the next check then waits in the main loop: 25 s, if polkitd hangs. And it logs
 * a warning whenever a caller and its agent leave together. */

#include "config.h"

#include "polkit.h"

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

#define ALLOW_USER_INTERACTION 1u

/* One question to polkit. */
typedef struct
{
  GDBusConnection *connection; /* (owned) */
  char *cancellation_id;       /* (owned): of a prompt; empty: answered at once, never cancelled */
  GCancellable *cancellable;   /* (owned): the caller is gone, or @outer */
  GCancellable *outer;         /* (owned) (nullable) */
  gulong outer_id;
  guint gone_id;
} Question;

static void
on_outer_cancelled (GCancellable *outer, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static Question *
question_new (GDBusConnection *connection, GCancellable *outer)
{
  Question *question = g_new0 (Question, 1);

  question->connection = g_object_ref (connection);
  question->cancellation_id = g_strdup ("");
  question->cancellable = g_cancellable_new ();
  if (outer != NULL)
    {
      question->outer = g_object_ref (outer);
      question->outer_id =
          g_cancellable_connect (outer, G_CALLBACK (on_outer_cancelled),
                                 g_object_ref (question->cancellable), g_object_unref);
    }
  return question;
}

static void
question_free (Question *question)
{
  if (question->gone_id != 0)
    g_dbus_connection_signal_unsubscribe (question->connection, question->gone_id);
  g_cancellable_disconnect (question->outer, question->outer_id);
  g_clear_object (&question->outer);
  g_clear_object (&question->cancellable);
  g_free (question->cancellation_id);
  g_clear_object (&question->connection);
  g_free (question);
}

static void
on_name_owner_changed (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *member,
                       GVariant *parameters,
                       gpointer cancellable)
{
  const char *new_owner = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &new_owner);
  if (*new_owner == '\0')
    g_cancellable_cancel (cancellable);
}

/* From before polkit looks the caller up, so that it cannot be gone unnoticed. */
static void
question_watch (Question *question, const char *caller)
{
  question->gone_id = g_dbus_connection_signal_subscribe (
      question->connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", caller, G_DBUS_SIGNAL_FLAGS_NONE, on_name_owner_changed,
      g_object_ref (question->cancellable), g_object_unref);
}

/* Takes the prompt off the screen. No reply is asked for: polkit may have ended it already. */
static void
question_withdraw (Question *question)
{
  g_dbus_connection_call (question->connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                          "CancelCheckAuthorization",
                          g_variant_new ("(s)", question->cancellation_id), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Question *question = g_task_get_task_data (task);
  gboolean is_authorized = FALSE;
  gboolean is_challenge = FALSE;
  PolkitAnswer answer = POLKIT_REFUSED;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (question->connection, result, &error);
  if (reply == NULL)
    {
      if (question->gone_id != 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        question_withdraw (question);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_variant_get (reply, "((bba{ss}))", &is_authorized, &is_challenge, NULL);
  if (is_authorized)
    answer = POLKIT_GRANTED;
  else if (is_challenge)
    answer = POLKIT_ASKABLE;
  g_task_return_int (task, answer);
}

/* The subject is the caller's unique name, which is never given to anybody else; a pid is. */
static void
question_send (GTask *task /* (transfer full) */,
               const char *caller,
               const char *action_id,
               GVariant *details,
               guint32 flags,
               int timeout_ms)
{
  Question *question = g_task_get_task_data (task);
  GVariantBuilder subject;

  g_variant_builder_init (&subject, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (caller));
  g_dbus_connection_call (question->connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                          "CheckAuthorization",
                          g_variant_new ("((sa{sv})s@a{ss}us)", "system-bus-name", &subject,
                                         action_id, details, flags, question->cancellation_id),
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, timeout_ms,
                          question->cancellable, on_answer, task);
}

void
polkit_ask_async (GDBusConnection *connection,
                  const char *caller,
                  const char *action_id,
                  GVariant *details,
                  int timeout_ms,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, polkit_ask_async);
  g_task_set_task_data (task, question_new (connection, cancellable),
                        (GDestroyNotify) question_free);
  question_send (g_steal_pointer (&task), caller, action_id, details, 0, timeout_ms);
}

void
polkit_prompt_async (GDBusConnection *connection,
                     const char *caller,
                     const char *action_id,
                     GVariant *details,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  static guint64 last_id = 0;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Question *question = question_new (connection, cancellable);

  g_task_set_source_tag (task, polkit_prompt_async);
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);
  g_free (question->cancellation_id);
  question->cancellation_id = g_strdup_printf ("%" G_GUINT64_FORMAT, ++last_id);
  question_watch (question, caller);
  question_send (g_steal_pointer (&task), caller, action_id, details, ALLOW_USER_INTERACTION,
                 G_MAXINT);
}

gboolean
polkit_finish (GAsyncResult *result, PolkitAnswer *answer, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gssize value = g_task_propagate_int (G_TASK (result), &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  *answer = value;
  return TRUE;
}
