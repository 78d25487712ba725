/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* AuthenticationMethods: whether a line of it still lets somebody in while settings turn methods
 * off. sshd itself refuses such a global line without telling its place; one in a Match block it
 * takes, and then nobody whom the block is for gets in. */

#include "config.h"

#include "check.h"

#include <string.h>

#include "drop-in.h"
#include "foreign.h"
#include "settings.h"
#include "trial.h"
#include "truenas-ssh-error.h"

/* What a setting turns off. */
typedef struct
{
  const char *method;
  const char *setting;
  const char *keyword; /* that turns it on, as people write it */
  const char *aliases; /* of it, in lower case */
} Method;

static const Method methods[] = {
  { "password", SETTING_PASSWORD_AUTHENTICATION, "PasswordAuthentication",
    "passwordauthentication" },
  { "keyboard-interactive", SETTING_PASSWORD_AUTHENTICATION, "KbdInteractiveAuthentication",
    "kbdinteractiveauthentication challengeresponseauthentication skeyauthentication" },
  { "gssapi-with-mic", SETTING_KERBEROS_AUTHENTICATION, "GSSAPIAuthentication",
    "gssapiauthentication" },
  { "gssapi-keyex", SETTING_KERBEROS_AUTHENTICATION, "GSSAPIAuthentication",
    "gssapiauthentication" },
};

/* "method" or "method:device". */
static const Method *
find_method (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (strncmp (methods[i].method, name, strcspn (name, ":")) == 0
        && strlen (methods[i].method) == strcspn (name, ":"))
      return &methods[i];
  return NULL;
}

static gboolean
turns_on (const ConfigLine *line, const Method *method)
{
  g_auto (GStrv) keywords = g_strsplit (method->aliases, " ", -1);

  return foreign_opens (line)
         && g_strv_contains ((const char *const *) keywords, line->directive->keyword);
}

/* Our own Match blocks, the auxiliary ones and that of the groups, come before the one that closes
 * it for the rest. To whom they apply cannot be listed: then it is open to those that a line is
 * for. */
static gboolean
is_on_for_some (const ConfigTree *tree, const Method *method)
{
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);

      if (drop_in_is (line->path) && turns_on (line, method))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_off (const ConfigTree *tree,
        const SshdConfigFacts *facts,
        const ConfigLine *line,
        const Method *method)
{
  return method != NULL && sshd_config_refuses (facts, method->setting)
         && !(line->conditional && is_on_for_some (tree, method));
}

/* Of "publickey,password", what is off; NULL: nothing is that the settings decide. */
static const Method *
find_off (const ConfigTree *tree,
          const SshdConfigFacts *facts,
          const ConfigLine *line,
          const char *list)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      const Method *method = find_method (names[i]);

      if (is_off (tree, facts, line, method))
        return method;
    }
  return NULL;
}

/* NULL: one of the line's lists can do without what is off. */
static const Method *
find_demanded (const ConfigTree *tree, const SshdConfigFacts *facts, const ConfigLine *line)
{
  const Method *demanded = NULL;

  for (gsize i = 0; line->directive->args != NULL && line->directive->args[i] != NULL; i++)
    {
      const Method *method = find_off (tree, facts, line, line->directive->args[i]);

      if (method == NULL)
        return NULL;
      demanded = demanded ? demanded : method;
    }
  return demanded;
}

/* The setting that is to blame, in the caller's eyes. */
static const char *
blame (const SshdConfigFacts *facts, const Method *method)
{
  g_autofree const char **groups =
      settings_get_strv (facts->settings, SETTING_PASSWORD_LOGIN_GROUPS);

  return groups[0] != NULL && g_str_equal (method->setting, SETTING_PASSWORD_AUTHENTICATION)
                 && settings_get_boolean (facts->settings, method->setting, TRUE)
             ? SETTING_PASSWORD_LOGIN_GROUPS
             : method->setting;
}

/* Of the auxiliary text; 0: it stands in another file. */
static guint
auxiliary_line (const ConfigLine *line, const CheckSource *source)
{
  return drop_in_is (line->path) && line->line > source->n_header
             ? sshd_config_auxiliary_line (source->config, line->line - source->n_header)
             : 0;
}

static gboolean
refuse (const ConfigLine *line,
        const SshdConfigFacts *facts,
        const CheckSource *source,
        const Method *method,
        GError **error)
{
  const char *setting = blame (facts, method);
  guint own = auxiliary_line (line, source);
  g_autofree char *place =
      own > 0 ? g_strdup_printf (SETTING_AUXILIARY_PARAMETERS ":%u: this line", own)
              : g_strdup_printf ("%s: %s:%u", setting, line->path, line->line);

  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
               "%s demands %s (AuthenticationMethods), which %s turns off: nobody whom it is for "
               "could log in; allow something without it there, or demand it only in a Match block "
               "of " SETTING_AUXILIARY_PARAMETERS " that says “%s yes” as well",
               place, method->method, setting, method->keyword);
  return FALSE;
}

/* Of global lines the first one counts, of the others each may. */
gboolean
check_methods (const ConfigTree *tree,
               const SshdConfigFacts *facts,
               const CheckSource *source,
               GError **error)
{
  const GPtrArray *lines = config_tree_lines (tree);
  gboolean decided = FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);
      const Method *method;

      if (!g_str_equal (line->directive->keyword, "authenticationmethods")
          || (decided && !line->conditional))
        continue;
      decided = decided || !line->conditional;
      method = find_demanded (tree, facts, line);
      if (method != NULL)
        return refuse (line, facts, source, method, error);
    }
  return TRUE;
}

/* The one that counts for whoever no Match block is for. */
static const ConfigLine *
find_global (const ConfigTree *tree)
{
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);

      if (!line->conditional && g_str_equal (line->directive->keyword, "authenticationmethods"))
        return line;
    }
  return NULL;
}

void
check_methods_blame (Trial *trial,
                     const ConfigTree *tree,
                     const CheckSource *source,
                     GCancellable *cancellable,
                     GError **error)
{
  const ConfigLine *line = find_global (tree);
  g_autoptr (Effective) effective = NULL;
  g_autofree char *place = NULL;
  guint own;

  if (line == NULL)
    return;
  trial_allow_any_method (trial);
  effective = check_accepted (trial, source, cancellable, NULL);
  if (effective == NULL)
    return;
  own = auxiliary_line (line, source);
  place = own > 0 ? g_strdup_printf (SETTING_AUXILIARY_PARAMETERS ":%u", own)
                  : g_strdup_printf ("%s:%u", line->path, line->line);
  g_clear_error (error);
  g_set_error (
      error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
      "%s: AuthenticationMethods demands what would be off, and nobody could log in; allow "
      "something else there as well, or take the line out first",
      place);
}
