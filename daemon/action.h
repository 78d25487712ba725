/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a caller may be allowed to do; each but ACTION_NONE is a polkit action. Flags, since one
 * change can need several. */
typedef enum
{
  ACTION_NONE = 0,
  ACTION_CONFIGURE = 1 << 0,
  ACTION_CONFIGURE_AUTHENTICATION = 1 << 1,
  ACTION_CONFIGURE_AUXILIARY = 1 << 2,
  ACTION_CONFIGURE_PRIVILEGED = 1 << 3,
  ACTION_MANAGE_SERVICE = 1 << 4,
  ACTION_INSPECT = 1 << 5,
} Action;

#define ACTION_ALL ((ACTION_INSPECT << 1) - 1)

/* Its id in polkit. */
const char *action_id (Action action);

/* The first of several; ACTION_NONE if none of them is an action. */
Action action_first (Action several);

/* Whether what somebody may do is all that is needed. ACTION_CONFIGURE_PRIVILEGED stands for the
 * other ways to configure too. */
gboolean action_covers (Action granted, Action needed);

/* What polkit has said so far about one call; what it was not asked is in none of them. */
typedef struct
{
  Action granted;
  Action askable; /* not without an authentication */
  Action refused;
  Action authenticated; /* granted to a person in a prompt */
} ActionAnswers;

typedef enum
{
  ACTION_STEP_DENY,
  ACTION_STEP_GRANT,
  ACTION_STEP_ASK,    /* polkit, without interaction */
  ACTION_STEP_PROMPT, /* the person */
} ActionStep;

/* What to do next about a call that needs @needed; @action is the one that is refused, to be asked
 * or prompted for. One prompt at most, for ACTION_CONFIGURE_PRIVILEGED where it replaces several;
 * more only for others when polkit grants that one without asking. Pure. */
ActionStep action_next (Action needed, const ActionAnswers *answers, Action *action);

G_END_DECLS
