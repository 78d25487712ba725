/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "verdict.h"

static void
set (Verdict *self, Answer answer, char *reason /* (transfer full) */)
{
  g_free (self->reason);
  self->reason = reason;
  self->answer = answer;
}

Verdict *
verdict_new (Answer answer, const char *format, ...)
{
  Verdict *self = g_new0 (Verdict, 1);
  va_list args;

  va_start (args, format);
  set (self, answer, g_strdup_vprintf (format, args));
  va_end (args);
  return self;
}

Verdict *
verdict_yes (void)
{
  Verdict *self = g_new0 (Verdict, 1);

  self->answer = ANSWER_YES;
  return self;
}

Verdict *
verdict_copy (const Verdict *self)
{
  Verdict *copy = g_new0 (Verdict, 1);

  set (copy, self->answer, g_strdup (self->reason));
  return copy;
}

void
verdict_free (Verdict *self)
{
  g_free (self->reason);
  g_free (self);
}

void
verdict_limit (Verdict *self, Answer most, const char *format, ...)
{
  va_list args;

  if (self->answer <= most)
    return;
  va_start (args, format);
  set (self, most, g_strdup_vprintf (format, args));
  va_end (args);
}

void
verdict_limit_by (Verdict *self, const Verdict *other)
{
  if (self->answer > other->answer)
    set (self, other->answer, g_strdup (other->reason));
}

void
verdict_raise_by (Verdict *self, const Verdict *other)
{
  if (self->answer < other->answer)
    set (self, other->answer, g_strdup (other->reason));
}
