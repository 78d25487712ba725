/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "last-change.h"

#include "history.h"
#include "truenas-ssh-error.h"

void
last_change_set (TruenasSshService *skeleton, const char *outcome, const char *reason)
{
  g_auto (GVariantBuilder) change = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&change, "{sv}", "generation",
                         g_variant_new_uint64 (truenas_ssh_service_get_generation (skeleton)));
  g_variant_builder_add (&change, "{sv}", "outcome", g_variant_new_string (outcome));
  g_variant_builder_add (&change, "{sv}", "reason",
                         g_variant_new_take_string (g_utf8_make_valid (reason, -1)));
  truenas_ssh_service_set_last_change (skeleton, g_variant_builder_end (&change));
}

void
last_change_set_result (TruenasSshService *skeleton, const char *outcome, const GError *error)
{
  if (error == NULL)
    {
      if (outcome != NULL)
        last_change_set (skeleton, outcome, "");
    }
  else if (g_error_matches (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_APPLY_FAILED))
    last_change_set (skeleton, "rolled-back", error->message);
  else if (g_error_matches (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_ROLLBACK_FAILED))
    last_change_set (skeleton, "failed", error->message);
}

void
last_change_update (TruenasSshService *skeleton, const Journal *before, const Snapshot *now)
{
  GVariant *last = truenas_ssh_service_get_last_change (skeleton);
  const Journal *journal = now->journal;
  const char *end = NULL;

  if (before != NULL && (journal == NULL || journal->generation != before->generation))
    end = history_tells (now->history, before->generation);
  if (end != NULL)
    last_change_set (skeleton, end, "");
  else if (journal != NULL && !journal_is_due (journal) && g_variant_n_children (last) == 0)
    last_change_set (skeleton, "pending", "");
}
