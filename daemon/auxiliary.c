/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "auxiliary.h"

#include <string.h>

#include "directive.h"
#include "settings.h"
#include "truenas-ssh-error.h"

/* Keywords that, whatever their value, hand out neither access nor files nor an identity, and
 * weaken no check. Every other one, known or not, is privileged. */
static const char *const harmless[] = {
  "clientalivecountmax",
  "clientaliveinterval",
  "debianbanner",
  "fingerprinthash",
  "ipqos",
  "logingracetime",
  "maxsessions",
  "maxstartups",
  "persourcemaxstartups",
  "persourcenetblocksize",
  "printlastlog",
  "printmotd",
  "rekeylimit",
  "tcpkeepalive",
  "unusedconnectiontimeout",
  "usedns",
  "x11displayoffset",
  NULL,
};

void
auxiliary_free (Auxiliary *self)
{
  g_strfreev (self->lines);
  g_free (self);
}

Auxiliary *
auxiliary_parse (const char *text)
{
  static const char *const blank[] = { "", NULL };
  Auxiliary *self = g_new0 (Auxiliary, 1);
  gsize length = strlen (text);
  g_autofree char *trimmed =
      g_strndup (text, length > 0 && text[length - 1] == '\n' ? length - 1 : length);

  /* A line break alone is a blank line, where g_strsplit () sees no line at all. */
  self->lines =
      g_str_equal (text, "\n") ? g_strdupv ((char **) blank) : g_strsplit (trimmed, "\n", -1);
  for (; self->lines[self->first_match] != NULL; self->first_match++)
    {
      g_autoptr (Directive) directive = directive_parse (self->lines[self->first_match]);

      if (directive != NULL && g_str_equal (directive->keyword, "match"))
        break;
    }
  return self;
}

/* The setting that a line belongs to, or NULL. */
static const char *
owner (const Directive *directive, gboolean weak_ciphers)
{
  if (g_str_equal (directive->keyword, "ciphers") && !weak_ciphers)
    return NULL;
  if (g_str_equal (directive->keyword, "subsystem") && directive->args != NULL
      && g_strcmp0 (directive->args[0], "sftp") != 0)
    return NULL;
  return settings_owner (directive->keyword);
}

static gboolean
refuse (guint line, const char *what, GError **error)
{
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING,
               SETTING_AUXILIARY_PARAMETERS ":%u: %s", line, what);
  return FALSE;
}

/* A line must be one line for sshd and for whoever reads it. */
static gboolean
check_characters (const char *line, guint number, GError **error)
{
  for (const char *c = line; *c != '\0'; c = g_utf8_next_char (c))
    if (*c != '\t' && !settings_is_printable (g_utf8_get_char (c)))
      {
        g_autofree char *what = g_strdup_printf (
            "the character U+%04X cannot be printed; take it out", g_utf8_get_char (c));

        return refuse (number, what, error);
      }
  return TRUE;
}

static gboolean
check_line (const char *line, guint number, gboolean global, gboolean weak_ciphers, GError **error)
{
  g_autoptr (Directive) directive = directive_parse (line);
  const char *setting;

  if (!check_characters (line, number, error))
    return FALSE;
  if (directive == NULL)
    return TRUE;
  if (directive->args == NULL)
    return refuse (number, "a quote is left open", error);
  setting = global ? owner (directive, weak_ciphers) : NULL;
  if (setting != NULL)
    {
      g_autofree char *what = g_strdup_printf ("“%s” belongs to the setting %s; set that instead",
                                               directive->keyword, setting);

      return refuse (number, what, error);
    }
  return TRUE;
}

gboolean
auxiliary_check (const char *text, gboolean weak_ciphers, GError **error)
{
  g_autoptr (Auxiliary) self = NULL;

  if (strlen (text) > AUXILIARY_MAX_BYTES)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING,
                   SETTING_AUXILIARY_PARAMETERS ": %" G_GSIZE_FORMAT " bytes, the limit is %d",
                   strlen (text), AUXILIARY_MAX_BYTES);
      return FALSE;
    }
  self = auxiliary_parse (text);
  if (g_strv_length (self->lines) > AUXILIARY_MAX_LINES)
    return refuse (AUXILIARY_MAX_LINES + 1, "more than 1,000 lines", error);

  for (guint i = 0; self->lines[i] != NULL; i++)
    if (!check_line (self->lines[i], i + 1, i < self->first_match, weak_ciphers, error))
      return FALSE;
  return TRUE;
}

static Action
line_action (const Auxiliary *self, guint i)
{
  g_autoptr (Directive) directive = directive_parse (self->lines[i]);

  if (i >= self->first_match)
    return ACTION_CONFIGURE_PRIVILEGED;
  if (directive == NULL || g_strv_contains (harmless, directive->keyword))
    return ACTION_CONFIGURE_AUXILIARY;
  return ACTION_CONFIGURE_PRIVILEGED;
}

/* Between the lines that both texts begin with and those that both end with, every line counts,
 * since its place decides what it does. */
Action
auxiliary_actions (const char *before, const char *after)
{
  g_autoptr (Auxiliary) a = auxiliary_parse (before);
  g_autoptr (Auxiliary) b = auxiliary_parse (after);
  guint end_a = g_strv_length (a->lines);
  guint end_b = g_strv_length (b->lines);
  guint start = 0;
  Action actions = ACTION_NONE;

  while (start < end_a && start < end_b && g_str_equal (a->lines[start], b->lines[start]))
    start++;
  while (end_a > start && end_b > start && g_str_equal (a->lines[end_a - 1], b->lines[end_b - 1]))
    end_a--, end_b--;

  for (guint i = start; i < end_a; i++)
    actions |= line_action (a, i);
  for (guint i = start; i < end_b; i++)
    actions |= line_action (b, i);
  return actions;
}

GHashTable *
auxiliary_exceptions (const char *text)
{
  g_autoptr (Auxiliary) self = auxiliary_parse (text);
  GHashTable *exceptions = g_hash_table_new (NULL, NULL);

  for (guint i = self->first_match; self->lines[i] != NULL; i++)
    {
      g_autoptr (Directive) directive = directive_parse (self->lines[i]);
      const char *setting = directive != NULL ? owner (directive, FALSE) : NULL;

      if (setting != NULL)
        g_hash_table_insert (exceptions, GUINT_TO_POINTER (i + 1), (gpointer) setting);
    }
  return exceptions;
}
