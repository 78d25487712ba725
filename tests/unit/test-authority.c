/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "action.h"
#include "authority.h"

#define covered_by_privileged \
  (ACTION_CONFIGURE | ACTION_CONFIGURE_AUTHENTICATION | ACTION_CONFIGURE_AUXILIARY)

/* The table of methods */

static void
test_methods (void)
{
  static const struct
  {
    const char *method;
    Action actions;
    gboolean by_change;
  } known[] = {
    { "Apply", ACTION_NONE, TRUE },
    { "Start", ACTION_MANAGE_SERVICE, FALSE },
    { "Stop", ACTION_MANAGE_SERVICE, FALSE },
    { "Restart", ACTION_MANAGE_SERVICE, FALSE },
    { "SetStartOnBoot", ACTION_MANAGE_SERVICE, FALSE },
    { "ListInterfaces", ACTION_NONE, FALSE },
    { "ListGroups", ACTION_NONE, FALSE },
    { "ListHostKeys", ACTION_NONE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      const AuthorityRow *row = authority_lookup (known[i].method);

      g_assert_nonnull (row);
      g_assert_cmpstr (row->method, ==, known[i].method);
      g_assert_cmpuint (row->actions, ==, known[i].actions);
      g_assert_cmpint (row->by_change, ==, known[i].by_change);
    }
}

static void
test_unknown_methods (void)
{
  static const char *const unknown[] = { "", "apply", "Apply ", "App", "Reboot", "Get", "Set" };

  g_assert_null (authority_lookup (NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (unknown); i++)
    g_assert_null (authority_lookup (unknown[i]));
}

static void
test_ids (void)
{
  g_assert_cmpstr (action_id (ACTION_CONFIGURE), ==, "org.truenas.ssh.configure");
  g_assert_cmpstr (action_id (ACTION_CONFIGURE_AUTHENTICATION), ==,
                   "org.truenas.ssh.configure-authentication");
  g_assert_cmpstr (action_id (ACTION_CONFIGURE_AUXILIARY), ==,
                   "org.truenas.ssh.configure-auxiliary");
  g_assert_cmpstr (action_id (ACTION_CONFIGURE_PRIVILEGED), ==,
                   "org.truenas.ssh.configure-privileged");
  g_assert_cmpstr (action_id (ACTION_MANAGE_SERVICE), ==, "org.truenas.ssh.manage-service");
  g_assert_cmpstr (action_id (ACTION_INSPECT), ==, "org.truenas.ssh.inspect");
}

static void
test_wire_name (void)
{
  g_autoptr (GError) error =
      g_error_new_literal (AUTHORITY_ERROR, AUTHORITY_ERROR_INTERACTION_REQUIRED, "");
  g_autofree char *name = g_dbus_error_encode_gerror (error);

  g_assert_cmpstr (name, ==, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired");
}

/* What comes next */

static void
assert_next (Action needed, ActionAnswers answers, ActionStep step, Action action)
{
  Action got = ACTION_ALL;

  g_assert_cmpint (action_next (needed, &answers, &got), ==, step);
  g_assert_cmpuint (got, ==, action);
}

static void
test_nothing_needed (void)
{
  assert_next (ACTION_NONE, (ActionAnswers){ 0 }, ACTION_STEP_GRANT, ACTION_NONE);
  assert_next (ACTION_NONE, (ActionAnswers){ .refused = ACTION_ALL }, ACTION_STEP_GRANT,
               ACTION_NONE);
}

static void
test_one (void)
{
  const Action one = ACTION_CONFIGURE;

  assert_next (one, (ActionAnswers){ 0 }, ACTION_STEP_ASK, one);
  assert_next (one, (ActionAnswers){ .granted = one }, ACTION_STEP_GRANT, ACTION_NONE);
  assert_next (one, (ActionAnswers){ .refused = one }, ACTION_STEP_DENY, one);
  assert_next (one, (ActionAnswers){ .askable = one }, ACTION_STEP_PROMPT, one);
  assert_next (one, (ActionAnswers){ .askable = one, .authenticated = one }, ACTION_STEP_GRANT,
               ACTION_NONE);
  assert_next (one, (ActionAnswers){ .askable = one, .refused = one }, ACTION_STEP_DENY, one);
}

static void
test_one_missing (void)
{
  const Action both = ACTION_CONFIGURE | ACTION_MANAGE_SERVICE;

  assert_next (both, (ActionAnswers){ .granted = ACTION_CONFIGURE }, ACTION_STEP_ASK,
               ACTION_MANAGE_SERVICE);
  assert_next (both,
               (ActionAnswers){ .granted = ACTION_CONFIGURE, .askable = ACTION_MANAGE_SERVICE },
               ACTION_STEP_PROMPT, ACTION_MANAGE_SERVICE);
}

static void
test_refused_before_prompt (void)
{
  const Action both = ACTION_CONFIGURE | ACTION_MANAGE_SERVICE;

  assert_next (both,
               (ActionAnswers){ .askable = ACTION_CONFIGURE, .refused = ACTION_MANAGE_SERVICE },
               ACTION_STEP_DENY, ACTION_MANAGE_SERVICE);
}

static void
test_several_missing (void)
{
  const Action both = ACTION_CONFIGURE | ACTION_MANAGE_SERVICE;
  const Action three = both | ACTION_CONFIGURE_PRIVILEGED;

  assert_next (both, (ActionAnswers){ .askable = both }, ACTION_STEP_ASK,
               ACTION_CONFIGURE_PRIVILEGED);
  assert_next (both, (ActionAnswers){ .askable = three }, ACTION_STEP_PROMPT,
               ACTION_CONFIGURE_PRIVILEGED);
  assert_next (both,
               (ActionAnswers){ .askable = three, .authenticated = ACTION_CONFIGURE_PRIVILEGED },
               ACTION_STEP_GRANT, ACTION_NONE);
  assert_next (both, (ActionAnswers){ .askable = both, .refused = ACTION_CONFIGURE_PRIVILEGED },
               ACTION_STEP_DENY, ACTION_CONFIGURE_PRIVILEGED);
}

/* A rule of the administrator's that grants it without a person grants only what it covers. */
static void
test_several_missing_but_privileged (void)
{
  const Action both = ACTION_INSPECT | ACTION_MANAGE_SERVICE;

  assert_next (both, (ActionAnswers){ .granted = ACTION_CONFIGURE_PRIVILEGED, .askable = both },
               ACTION_STEP_PROMPT, ACTION_MANAGE_SERVICE);
  assert_next (both | ACTION_CONFIGURE,
               (ActionAnswers){ .granted = ACTION_CONFIGURE_PRIVILEGED, .askable = both },
               ACTION_STEP_PROMPT, ACTION_MANAGE_SERVICE);
}

/* What it covers is not asked, and nothing else is covered. */
static void
test_privileged_covers (void)
{
  const Action four = ACTION_CONFIGURE_PRIVILEGED | covered_by_privileged;

  assert_next (four, (ActionAnswers){ 0 }, ACTION_STEP_ASK, ACTION_CONFIGURE_PRIVILEGED);
  assert_next (four, (ActionAnswers){ .granted = ACTION_CONFIGURE_PRIVILEGED }, ACTION_STEP_GRANT,
               ACTION_NONE);
  assert_next (four, (ActionAnswers){ .askable = ACTION_CONFIGURE_PRIVILEGED }, ACTION_STEP_PROMPT,
               ACTION_CONFIGURE_PRIVILEGED);
  assert_next (four, (ActionAnswers){ .refused = ACTION_CONFIGURE_PRIVILEGED }, ACTION_STEP_DENY,
               ACTION_CONFIGURE_PRIVILEGED);
  assert_next (ACTION_ALL, (ActionAnswers){ .granted = ACTION_CONFIGURE_PRIVILEGED },
               ACTION_STEP_ASK, ACTION_MANAGE_SERVICE);
  assert_next (covered_by_privileged, (ActionAnswers){ .granted = covered_by_privileged },
               ACTION_STEP_GRANT, ACTION_NONE);
  assert_next (ACTION_CONFIGURE_PRIVILEGED, (ActionAnswers){ .granted = covered_by_privileged },
               ACTION_STEP_ASK, ACTION_CONFIGURE_PRIVILEGED);
}

static void
test_covers (void)
{
  Action configure =
      ACTION_CONFIGURE | ACTION_CONFIGURE_AUTHENTICATION | ACTION_CONFIGURE_AUXILIARY;

  g_assert_true (action_covers (ACTION_NONE, ACTION_NONE));
  g_assert_true (action_covers (configure, ACTION_CONFIGURE_AUXILIARY));
  g_assert_true (action_covers (ACTION_CONFIGURE_PRIVILEGED, configure));
  g_assert_false (action_covers (ACTION_NONE, ACTION_INSPECT));
  g_assert_false (action_covers (ACTION_CONFIGURE, ACTION_CONFIGURE_AUTHENTICATION));
  g_assert_false (action_covers (configure, ACTION_CONFIGURE_PRIVILEGED));
  g_assert_false (action_covers (ACTION_CONFIGURE_PRIVILEGED, ACTION_MANAGE_SERVICE));
  g_assert_false (action_covers (ACTION_CONFIGURE_PRIVILEGED, configure | ACTION_INSPECT));
}

static void
test_unknown_action (void)
{
  const Action unknown = ACTION_ALL + 1;
  const ActionAnswers yes = { .granted = ACTION_ALL | unknown, .askable = unknown };
  Action action = ACTION_NONE;

  g_assert_cmpint (action_next (unknown, &(ActionAnswers){ 0 }, &action), ==, ACTION_STEP_DENY);
  g_assert_cmpint (action_next (unknown, &yes, &action), ==, ACTION_STEP_DENY);
  g_assert_cmpint (action_next (unknown | ACTION_CONFIGURE, &yes, &action), ==, ACTION_STEP_DENY);
}

static void
assert_denied_by_default (Action needed, const ActionAnswers *answers)
{
  Action covered = (answers->granted | answers->authenticated) & ~answers->refused;
  Action action = ACTION_NONE;
  ActionStep step = action_next (needed, answers, &action);

  if (covered & answers->authenticated & ACTION_CONFIGURE_PRIVILEGED)
    covered |= answers->askable & ~answers->refused;
  if (covered & ACTION_CONFIGURE_PRIVILEGED)
    covered |= covered_by_privileged;

  if ((needed & ~covered) != 0)
    g_assert_cmpint (step, !=, ACTION_STEP_GRANT);
  if (step != ACTION_STEP_GRANT)
    g_assert_cmpuint (action, ==, action_first (action));
  if (step == ACTION_STEP_ASK || step == ACTION_STEP_PROMPT)
    g_assert_cmpuint (action & (answers->refused | covered), ==, 0);
}

/* All combinations of answers, even those that cannot be: granted is only what somebody granted. */
static void
test_default_is_denial (void)
{
  for (Action needed = ACTION_CONFIGURE; needed <= ACTION_ALL; needed++)
    {
      for (Action granted = ACTION_NONE; granted <= ACTION_ALL; granted++)
        {
          for (Action refused = ACTION_NONE; refused <= ACTION_ALL; refused++)
            {
              const Action rest = ACTION_ALL & ~granted & ~refused;

              assert_denied_by_default (needed, &(ActionAnswers){ granted, rest, refused, 0 });
              assert_denied_by_default (needed, &(ActionAnswers){ 0, rest, refused, granted });
              assert_denied_by_default (needed,
                                        &(ActionAnswers){ 0, ACTION_ALL, refused, granted });
            }
        }
    }
}

typedef struct
{
  Action polkit_grants;
  Action polkit_refuses;
  gboolean person_agrees;
  guint prompts;
} World;

/* Goes through a check to its end. */
static gboolean
is_granted (World *world, Action needed)
{
  ActionAnswers answers = { 0 };

  for (guint steps = 0; steps < 10; steps++)
    {
      Action action = ACTION_NONE;

      switch (action_next (needed, &answers, &action))
        {
        case ACTION_STEP_GRANT:
          return TRUE;
        case ACTION_STEP_DENY:
          return FALSE;
        case ACTION_STEP_ASK:
          g_assert_cmpuint (world->prompts, ==, 0);
          if (action & world->polkit_grants)
            answers.granted |= action;
          else if (action & world->polkit_refuses)
            answers.refused |= action;
          else
            answers.askable |= action;
          break;
        case ACTION_STEP_PROMPT:
          g_assert_cmpuint (action & (world->polkit_grants | world->polkit_refuses), ==, 0);
          world->prompts++;
          if (world->person_agrees)
            answers.authenticated |= action;
          else
            answers.refused |= action;
          break;
        default:
          g_assert_not_reached ();
        }
    }
  g_assert_not_reached ();
}

static void
assert_world (Action needed, Action grants, Action refuses, gboolean agrees)
{
  World world = { grants, refuses, agrees, 0 };
  gboolean granted = is_granted (&world, needed);
  Action left = needed & ~grants;

  if (needed & ACTION_CONFIGURE_PRIVILEGED)
    left &= ~covered_by_privileged;

  if (left == ACTION_NONE)
    g_assert_true (granted);
  else if ((left & refuses) != 0)
    g_assert_false (granted);
  if (granted && !agrees)
    g_assert_cmpuint (left & ~covered_by_privileged, ==, 0);
  if (left == ACTION_NONE || !granted)
    g_assert_cmpuint (world.prompts, <=, agrees ? 0 : 1);
  if ((grants & ACTION_CONFIGURE_PRIVILEGED) == 0)
    g_assert_cmpuint (world.prompts, <=, 1);
}

/* Whatever polkit and the person say: it ends, and whoever must be asked is asked. */
static void
test_whole_checks (void)
{
  for (Action needed = ACTION_NONE; needed <= ACTION_ALL; needed++)
    {
      for (Action grants = ACTION_NONE; grants <= ACTION_ALL; grants++)
        {
          for (Action refuses = ACTION_NONE; refuses <= ACTION_ALL; refuses++)
            {
              assert_world (needed, grants, refuses & ~grants, FALSE);
              assert_world (needed, grants, refuses & ~grants, TRUE);
            }
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/authority/methods", test_methods);
  g_test_add_func ("/authority/unknown-methods", test_unknown_methods);
  g_test_add_func ("/authority/ids", test_ids);
  g_test_add_func ("/authority/wire-name", test_wire_name);
  g_test_add_func ("/authority/nothing-needed", test_nothing_needed);
  g_test_add_func ("/authority/one", test_one);
  g_test_add_func ("/authority/one-missing", test_one_missing);
  g_test_add_func ("/authority/refused-before-prompt", test_refused_before_prompt);
  g_test_add_func ("/authority/several-missing", test_several_missing);
  g_test_add_func ("/authority/several-missing-but-privileged",
                   test_several_missing_but_privileged);
  g_test_add_func ("/authority/privileged-covers", test_privileged_covers);
  g_test_add_func ("/authority/covers", test_covers);
  g_test_add_func ("/authority/unknown-action", test_unknown_action);
  g_test_add_func ("/authority/default-is-denial", test_default_is_denial);
  g_test_add_func ("/authority/whole-checks", test_whole_checks);

  return g_test_run ();
}
