/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "check.h"

#include "command-line.h"
#include "drop-in.h"
#include "foreign.h"
#include "settings.h"
#include "store.h"
#include "trial.h"
#include "truenas-ssh-error.h"

guint
check_line_on_disk (const char *path, guint line)
{
  g_autofree char *text = NULL;

  return store_read (path, &text, NULL) && text != NULL ? foreign_line (text, line) : line;
}

/* A complaint about a line of somebody else's names the line only: sshd quotes what it cannot read,
 * and an auxiliary Include can point it at any file. */
static void
set_rejected (const Complaint *complaint, const CheckSource *source, GError **error)
{
  guint line = 0;

  if (!drop_in_is (complaint->path))
    {
      g_set_error (
          error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED, "%s:%u: %s", complaint->path,
          source->restored ? check_line_on_disk (complaint->path, complaint->line)
                           : complaint->line,
          complaint->own ? complaint->message : "sshd does not accept this line; see `sshd -t`");
      return;
    }
  if (source->config != NULL && complaint->line > source->n_header)
    line = sshd_config_auxiliary_line (source->config, complaint->line - source->n_header);
  if (line > 0)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
                 SETTING_AUXILIARY_PARAMETERS ":%u: %s", line, complaint->message);
  else
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED, "%s:%u: %s",
                 complaint->path, complaint->line, complaint->message);
}

Effective *
check_accepted (const Trial *trial,
                const CheckSource *source,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GPtrArray) complaints = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (Effective) effective = trial_run (trial, NULL, &complaints, cancellable, &local);

  if (effective != NULL)
    return g_steal_pointer (&effective);
  if (complaints == NULL || complaints->len == 0)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  set_rejected (g_ptr_array_index (complaints, 0), source, error);
  return NULL;
}

/* The line that comes first, and so decides. */
static const ConfigLine *
find_decider (const ConfigTree *tree, const char *setting)
{
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);

      if (!line->conditional && g_strcmp0 (settings_owner (line->directive->keyword), setting) == 0)
        return line;
    }
  return NULL;
}

static gboolean
refuse_overridden (const ConfigTree *tree,
                   const SshdConfigFacts *facts,
                   const Effective *effective,
                   const char *setting,
                   GError **error)
{
  const ConfigLine *line = find_decider (tree, setting);
  g_autofree char *option = command_line_decider (facts->arguments, setting, facts->settings);

  if (option != NULL)
    g_set_error (
        error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
        "%s: the option “%s” on sshd's command line decides; take it out of what its unit "
        "starts it with (SSHD_OPTS in /etc/default/ssh, or OPTIONS in /etc/sysconfig/sshd)",
        setting, option);
  else if (g_str_equal (setting, SETTING_KERBEROS_AUTHENTICATION)
           && *effective_get (effective, "gssapiauthentication") == '\0')
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_SUPPORTED,
                 "%s: this sshd is built without GSSAPI", setting);
  else if (line != NULL && !drop_in_is (line->path))
    g_set_error (
        error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
        "%s: %s:%u comes first and decides; take that line out, or move it behind the Include "
        "of " DROP_IN_PATH,
        setting, line->path, line->line);
  else
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
                 "%s: sshd would not do it; another line of its configuration is against it",
                 setting);
  return FALSE;
}

static gboolean
check_global (const ConfigTree *tree,
              const SshdConfigFacts *facts,
              const Effective *effective,
              GError **error)
{
  const char *const *names = settings_names ();

  for (gsize i = 0; names[i] != NULL; i++)
    if (!sshd_config_holds (facts, effective, names[i]))
      return refuse_overridden (tree, facts, effective, names[i], error);
  return TRUE;
}

/* A Match block ahead of the drop-in would win over its last block. Whomever it is for: nobody can
 * list the users and connections that its criteria may come to cover. */
static gboolean
check_matches (const ConfigTree *tree, const SshdConfigFacts *facts, GError **error)
{
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);
      const char *setting = settings_owner (line->directive->keyword);

      if (drop_in_is (line->path))
        return TRUE;
      if (setting == NULL || !foreign_opens (line) || !sshd_config_refuses (facts, setting))
        continue;
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
                   "%s: %s:%u makes an exception, and comes first; move that Match block behind "
                   "the Include of " DROP_IN_PATH,
                   setting, line->path, line->line);
      return FALSE;
    }
  return TRUE;
}

gboolean
check_holds (const ConfigTree *tree,
             const SshdConfigFacts *facts,
             const Effective *effective,
             GError **error)
{
  return check_matches (tree, facts, error) && check_global (tree, facts, effective, error);
}
