/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "truenas-sshctl-change.h"

#define SETTING "AuxiliaryParameters"
/* Begins the lines that are ours; sshd's own comments are kept. */
#define MARK "#!"

/* (transfer full): what is edited, under the words that tell what was wrong with it. */
static char *
with_message (const char *text, const char *message)
{
  g_autoptr (GString) whole = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  lines = g_strsplit (message, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    g_string_append_printf (whole, MARK " %s\n", *line);
  g_string_append (whole, text);
  if (*text != '\0' && !g_str_has_suffix (text, "\n"))
    g_string_append_c (whole, '\n');
  return g_strdup (whole->str);
}

/* (transfer full): the text without our lines. */
static char *
without_message (const char *text)
{
  while (g_str_has_prefix (text, MARK))
    {
      const char *end = strchr (text, '\n');

      text = end != NULL ? end + 1 : text + strlen (text);
    }
  return g_strdup (text);
}

/* Where the editor is to begin: the line of the text that an error is about, below what tells of
 * it; the first one where it names none. */
static guint
line_of (const char *message)
{
  const char *number =
      g_str_has_prefix (message, SETTING ":") ? message + strlen (SETTING ":") : "";
  guint64 line = MIN (g_ascii_strtoull (number, NULL, 10), G_MAXINT);

  for (const char *c = message; line > 0 && c != NULL; c = strchr (c + 1, '\n'))
    line++;
  return MAX ((guint) line, 1);
}

static gboolean
run_editor (const char *path, guint line, GError **error)
{
  const char *editor = g_getenv ("VISUAL");
  g_auto (GStrv) words = NULL;
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  g_autofree char *place = g_strdup_printf ("+%u", line);
  int status = 0;

  if (editor == NULL || *editor == '\0')
    editor = g_getenv ("EDITOR");
  if (editor == NULL || *editor == '\0')
    editor = "editor";
  if (!g_shell_parse_argv (editor, NULL, &words, error))
    return FALSE;
  g_strv_builder_addv (command, (const char **) words);
  if (line > 1)
    g_strv_builder_add (command, place);
  g_strv_builder_add (command, path);
  argv = g_strv_builder_end (command);
  if (!g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL,
                     NULL, NULL, NULL, &status, error))
    return FALSE;
  return g_spawn_check_wait_status (status, error);
}

/* (transfer full): the edited text, NULL with an error. */
static char *
edit_text (const char *path, const char *text, guint line, GError **error)
{
  g_autofree char *edited = NULL;

  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error)
      || !run_editor (path, line, error) || !g_file_get_contents (path, &edited, NULL, error))
    return NULL;
  return without_message (edited);
}

static GVariant *
apply_text (Ctl *ctl, const char *text, guint64 generation, GError **error)
{
  const char *const names[] = { SETTING, NULL };
  GVariantBuilder builder;

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING,
                   _ ("%s: the text is not UTF-8"), SETTING);
      return NULL;
    }
  if (ctl->if_generation < 0)
    ctl->if_generation = (gint64) generation;
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", SETTING, g_variant_new_string (text));
  return truenas_ssh_client_apply (ctl->client, g_variant_builder_end (&builder),
                                   change_options (ctl, names, NULL, FALSE), NULL, error);
}

/* Whether another try in the editor can help. */
static gboolean
can_be_mended (const GError *error)
{
  return g_error_matches (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING)
         || g_error_matches (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED);
}

/* Edits and applies until it is right, or left as it was; *@result stays NULL then. */
static gboolean
edit_until_right (Ctl *ctl, const char *path, GVariant **result, GError **error)
{
  TruenasSshService *service = TRUENAS_SSH_SERVICE (ctl->client);
  g_autofree char *last = g_strdup (truenas_ssh_service_get_auxiliary_parameters (service));
  g_autofree char *shown = g_strdup (last);
  guint64 generation = truenas_ssh_service_get_generation (service);
  guint line = 1;

  for (;;)
    {
      g_autofree char *edited = edit_text (path, shown, line, error);
      g_autoptr (GError) problem = NULL;

      if (edited == NULL)
        return FALSE;
      if (g_str_equal (edited, last))
        {
          g_print ("%s\n", _ ("Nothing was changed in the editor."));
          return TRUE;
        }
      *result = apply_text (ctl, edited, generation, &problem);
      if (*result != NULL)
        return TRUE;
      if (!can_be_mended (problem))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }

      g_free (shown);
      shown = with_message (edited, problem->message);
      line = line_of (problem->message);
      g_free (last);
      last = g_steal_pointer (&edited);
    }
}

/* What was typed stays in the file when it did not come to be the setting. */
int
ctl_edit (Ctl *ctl, GError **error)
{
  g_autofree char *path = NULL;
  GVariant *result = NULL;
  int file = g_file_open_tmp ("truenas-ssh-XXXXXX.conf", &path, error);

  if (file < 0)
    return -1;
  close (file);
  if (!edit_until_right (ctl, path, &result, error))
    {
      g_printerr (_ ("Your text is in %s\n"), path);
      return -1;
    }
  g_unlink (path);
  return result != NULL ? change_done (ctl, result, error) : EXIT_SUCCESS;
}
