/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "action.h"

/* In the order in which they are asked: what covers others first. */
static const struct
{
  Action action;
  const char *id;
} actions[] = {
  { ACTION_CONFIGURE_PRIVILEGED, "org.truenas.ssh.configure-privileged" },
  { ACTION_CONFIGURE, "org.truenas.ssh.configure" },
  { ACTION_CONFIGURE_AUTHENTICATION, "org.truenas.ssh.configure-authentication" },
  { ACTION_CONFIGURE_AUXILIARY, "org.truenas.ssh.configure-auxiliary" },
  { ACTION_MANAGE_SERVICE, "org.truenas.ssh.manage-service" },
  { ACTION_INSPECT, "org.truenas.ssh.inspect" },
};

static const Action covered_by_privileged =
    ACTION_CONFIGURE | ACTION_CONFIGURE_AUTHENTICATION | ACTION_CONFIGURE_AUXILIARY;

const char *
action_id (Action action)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      if (actions[i].action == action)
        return actions[i].id;
    }

  return "org.truenas.ssh";
}

Action
action_first (Action several)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      if (several & actions[i].action)
        return actions[i].action;
    }

  return ACTION_NONE;
}

/* The actions in @needed that nothing covers yet, neither a grant nor an answer that is to come. */
static Action
left_to_answer (Action needed, const ActionAnswers *answers)
{
  Action granted = (answers->granted | answers->authenticated) & ~answers->refused;
  Action left = needed & ~granted;

  if ((granted | left) & ACTION_CONFIGURE_PRIVILEGED)
    left &= ~covered_by_privileged;

  /* Who was prompted for this instead of several others said yes to all of them: it can make root
   * of the person, so none of the others gives more. */
  if (granted & answers->authenticated & ACTION_CONFIGURE_PRIVILEGED)
    left &= ~answers->askable | answers->refused;

  return left;
}

ActionStep
action_next (Action needed, const ActionAnswers *answers, Action *action)
{
  Action left = left_to_answer (needed, answers);
  Action refused = action_first (left & answers->refused);
  Action unasked = action_first (left & ~answers->askable);

  *action = refused;
  if (refused != ACTION_NONE || (needed & ~ACTION_ALL) != 0)
    return ACTION_STEP_DENY;

  *action = unasked;
  if (left == ACTION_NONE)
    return ACTION_STEP_GRANT;
  if (unasked != ACTION_NONE)
    return ACTION_STEP_ASK;

  *action = action_first (left);
  if (left == *action || (answers->granted & ACTION_CONFIGURE_PRIVILEGED))
    return ACTION_STEP_PROMPT;

  /* Several prompts become this one. Not unless polkit would ask for it, too: its grant without a
   * person would cover what a person has to authenticate for. */
  *action = ACTION_CONFIGURE_PRIVILEGED;
  if (answers->refused & ACTION_CONFIGURE_PRIVILEGED)
    return ACTION_STEP_DENY;
  return (answers->askable & ACTION_CONFIGURE_PRIVILEGED) ? ACTION_STEP_PROMPT : ACTION_STEP_ASK;
}

gboolean
action_covers (Action granted, Action needed)
{
  if (granted & ACTION_CONFIGURE_PRIVILEGED)
    needed &= ~covered_by_privileged;
  return (needed & ~granted) == 0;
}
