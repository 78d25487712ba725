/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "systemctl.h"

#include "child.h"
#include "truenas-ssh-error.h"

char *
systemctl (const char *verb, const char *option, const char *unit, GError **error)
{
  const char *argv[] = { "systemctl", verb, option ? option : unit, option ? unit : NULL, NULL };
  g_autoptr (ChildResult) result = child_run (argv, NULL, error);

  if (result == NULL)
    return NULL;
  if (result->status == 0)
    return g_strdup (result->out);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED, "systemctl %s: %s", verb,
               g_strchomp (result->err));
  return NULL;
}
