/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "authority.h"

#include "polkit.h"

/* For all that is asked without interaction; less than the 25 s that callers wait by default, so
 * that they hear why. */
#define QUIET_SECONDS 15

/* A flood of calls, or prompts that wait for ever, must not use up the unanswered calls that the
 * bus lets us have (dbus-daemon: 1024): then our own to systemd would fail, even in a change by
 * root. */
#define MAX_CHECKS_PER_USER 32
#define MAX_CHECKS          512

#define UNKNOWN G_MAXUINT32

struct _Authority
{
  GDBusConnection *bus; /* (owned) */
  GHashTable *checks;   /* (owned): uid → number of checks that wait for polkit */
  guint all;            /* of them */
};

/* One call that waits to be allowed. */
typedef struct
{
  Authority *authority;        /* (owned) */
  GDBusConnection *connection; /* (owned) */
  char *caller;                /* (owned) (nullable): its unique name */
  GVariant *details;           /* (owned) an a{ss} */
  guint32 uid;
  gboolean counted;     /* in the authority's checks */
  gboolean interactive; /* the caller lets us ask the person */
  Action needed;
  ActionAnswers answers;
  Action asked;
  const char *why_refused;
  gint64 deadline; /* of what is asked without interaction, monotonic */
} Check;

static const AuthorityRow rows[] = {
  { "Apply", ACTION_NONE, TRUE },
  { "Confirm", ACTION_NONE, TRUE },
  { "Rollback", ACTION_NONE, TRUE },
  { "Revert", ACTION_NONE, TRUE },
  { "ListHistory", ACTION_INSPECT, FALSE },
  { "Start", ACTION_MANAGE_SERVICE, FALSE },
  { "Stop", ACTION_MANAGE_SERVICE, FALSE },
  { "Restart", ACTION_MANAGE_SERVICE, FALSE },
  { "SetStartOnBoot", ACTION_MANAGE_SERVICE, FALSE },
  { "ListInterfaces", ACTION_NONE, FALSE },
  { "ListGroups", ACTION_NONE, FALSE },
  { "ListHostKeys", ACTION_NONE, FALSE },
  { "CheckLogin", ACTION_INSPECT, FALSE },
  { "CheckKerberos", ACTION_INSPECT, FALSE },
  { "Explain", ACTION_INSPECT, FALSE },
};

const AuthorityRow *
authority_lookup (const char *method)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (g_strcmp0 (rows[i].method, method) == 0)
        return &rows[i];
    }

  return NULL;
}

/* Errors */

GQuark
authority_error_quark (void)
{
  static const GDBusErrorEntry entries[] = {
    { AUTHORITY_ERROR_INTERACTION_REQUIRED,
      "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" },
  };
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("truenas-ssh-authority-error-quark", &quark, entries,
                                      G_N_ELEMENTS (entries));
  return (GQuark) quark;
}

static void
check_deny (GTask *task, Action action, const char *why)
{
  g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "%s: %s",
                           action_id (action), why);
}

/* Nobody could tell: a denial all the same, or the end of a check that nobody waits for. */
static void
check_fail (GTask *task, Action action, const char *what, GError *error /* (transfer full) */)
{
  g_autoptr (GError) owned = error;
  g_autofree char *why = NULL;

  if (g_error_matches (owned, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&owned));
      return;
    }

  g_dbus_error_strip_remote_error (owned);
  why = g_strdup_printf ("%s: %s", what, owned->message);
  check_deny (task, action, why);
}

/* Changes the number of checks that wait for a user by @change; returns what it is then. */
static guint
count_checks (Authority *self, guint32 uid, int change)
{
  gpointer key = GUINT_TO_POINTER (uid);
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->checks, key)) + (guint) change;

  self->all += (guint) change;
  if (number == 0)
    g_hash_table_remove (self->checks, key);
  else
    g_hash_table_insert (self->checks, key, GUINT_TO_POINTER (number));
  return number;
}

/* The check, in the order in which things happen */

static void check_next (GTask *task /* (transfer full) */);

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  PolkitAnswer answer = POLKIT_REFUSED;
  g_autoptr (GError) error = NULL;

  if (!polkit_finish (result, &answer, &error))
    {
      check_fail (task, check->asked, "polkit does not answer", g_steal_pointer (&error));
      return;
    }

  if (answer == POLKIT_GRANTED)
    check->answers.granted |= check->asked;
  else if (answer == POLKIT_ASKABLE)
    check->answers.askable |= check->asked;
  else
    check->answers.refused |= check->asked;
  check_next (g_steal_pointer (&task));
}

static void
on_prompted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  PolkitAnswer answer = POLKIT_REFUSED;
  g_autoptr (GError) error = NULL;

  if (!polkit_finish (result, &answer, &error))
    {
      check_fail (task, check->asked, "polkit does not answer", g_steal_pointer (&error));
      return;
    }

  check->why_refused = answer == POLKIT_ASKABLE
                           ? "nobody could be asked, since no polkit agent is running"
                           : "polkit refused it, or the authentication failed or was dismissed";
  if (answer == POLKIT_GRANTED)
    check->answers.authenticated |= check->asked;
  else
    check->answers.refused |= check->asked;
  check_next (g_steal_pointer (&task));
}

static void
check_ask (GTask *task /* (transfer full) */, Action action)
{
  Check *check = g_task_get_task_data (task);
  gint64 left_ms = (check->deadline - g_get_monotonic_time ()) / 1000;

  check->asked = action;
  polkit_ask_async (check->connection, check->caller, action_id (action), check->details,
                    MAX (left_ms, 1), g_task_get_cancellable (task), on_asked, task);
}

/* Asks the person, if that can be. */
static void
check_prompt (GTask *task /* (transfer full) */, Action action)
{
  g_autoptr (GTask) owned = task;
  Check *check = g_task_get_task_data (owned);

  if (!check->interactive)
    {
      g_task_return_new_error (owned, AUTHORITY_ERROR, AUTHORITY_ERROR_INTERACTION_REQUIRED,
                               "%s: needs an authentication, and the call forbids to ask for it",
                               action_id (action));
      return;
    }

  check->asked = action;
  polkit_prompt_async (check->connection, check->caller, action_id (action), check->details,
                       g_task_get_cancellable (owned), on_prompted, owned);
  g_steal_pointer (&owned);
}

static void
check_next (GTask *task /* (transfer full) */)
{
  g_autoptr (GTask) owned = task;
  Check *check = g_task_get_task_data (owned);
  Action action = ACTION_NONE;

  switch (action_next (check->needed, &check->answers, &action))
    {
    case ACTION_STEP_GRANT:
      g_task_return_boolean (owned, TRUE);
      return;
    case ACTION_STEP_ASK:
      check_ask (g_steal_pointer (&owned), action);
      return;
    case ACTION_STEP_PROMPT:
      check_prompt (g_steal_pointer (&owned), action);
      return;
    case ACTION_STEP_DENY:
    default:
      check_deny (owned, action, check->why_refused);
      return;
    }
}

static void
check_begin (GTask *task /* (transfer full) */)
{
  g_autoptr (GTask) owned = task;
  Check *check = g_task_get_task_data (owned);

  if (check->uid == 0)
    {
      g_task_return_boolean (owned, TRUE);
      return;
    }

  check->counted = TRUE;
  if (count_checks (check->authority, check->uid, 1) > MAX_CHECKS_PER_USER
      || check->authority->all > MAX_CHECKS)
    {
      check_deny (owned, action_first (check->needed),
                  "too many calls wait for polkit, of this user or of all");
      return;
    }

  check_next (g_steal_pointer (&owned));
}

/* What is called, and what else there is to say about it. */
static GVariant *
describe (GDBusMethodInvocation *invocation, GVariant *more)
{
  g_auto (GVariantBuilder) details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  GVariantIter iter;
  GVariant *entry;

  g_variant_builder_add (&details, "{ss}", "method",
                         g_dbus_method_invocation_get_method_name (invocation));
  if (more == NULL)
    return g_variant_ref_sink (g_variant_builder_end (&details));

  g_variant_iter_init (&iter, more);
  while ((entry = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_variant_builder_add_value (&details, entry);
      g_variant_unref (entry);
    }
  return g_variant_ref_sink (g_variant_builder_end (&details));
}

static Check *
check_new (Authority *self,
           GDBusMethodInvocation *invocation,
           guint32 uid,
           Action needed,
           GVariant *details)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  GDBusMessageFlags interactive = G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
  Check *check = g_new0 (Check, 1);

  check->authority = authority_ref (self);
  check->connection = g_object_ref (self->bus);
  check->caller = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  check->details = describe (invocation, details);
  check->uid = uid;
  check->interactive = (g_dbus_message_get_flags (message) & interactive) != 0;
  check->needed = needed;
  check->why_refused = "polkit does not allow it";
  check->deadline = g_get_monotonic_time () + QUIET_SECONDS * G_USEC_PER_SEC;
  return check;
}

static void
check_free (Check *check)
{
  if (check->counted)
    count_checks (check->authority, check->uid, -1);
  g_clear_pointer (&check->authority, authority_unref);
  g_clear_object (&check->connection);
  g_free (check->caller);
  g_variant_unref (check->details);
  g_free (check);
}

void
authority_check_async (Authority *self,
                       GDBusMethodInvocation *invocation,
                       guint32 uid,
                       Action needed,
                       GVariant *details,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Check *check = check_new (self, invocation, uid, needed, details);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, authority_check_async);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);
  if (needed == ACTION_NONE)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (check->caller == NULL || uid == UNKNOWN)
    {
      check_deny (task, action_first (needed), "cannot tell who calls");
      return;
    }

  check_begin (g_steal_pointer (&task));
}

gboolean
authority_check_finish (Authority *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, authority_check_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The authority */

Authority *
authority_new (GDBusConnection *bus)
{
  Authority *self = g_rc_box_new0 (Authority);

  self->bus = g_object_ref (bus);
  self->checks = g_hash_table_new (NULL, NULL);
  return self;
}

Authority *
authority_ref (Authority *self)
{
  return g_rc_box_acquire (self);
}

static void
authority_clear (gpointer data)
{
  Authority *self = data;

  g_hash_table_unref (self->checks);
  g_object_unref (self->bus);
}

void
authority_unref (Authority *self)
{
  g_rc_box_release_full (self, authority_clear);
}
