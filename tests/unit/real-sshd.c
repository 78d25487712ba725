/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "real-sshd.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static Folder *folder;
static char *key;

void
real_sshd_set_up (void)
{
  g_autoptr (GError) error = NULL;
  const char *argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", NULL, NULL };

  g_assert_true (g_file_test (REAL_SSHD, G_FILE_TEST_IS_EXECUTABLE));
  g_mkdir ("/run/sshd", 0755);
  g_assert_true (g_file_test ("/run/sshd", G_FILE_TEST_IS_DIR));
  folder = folder_new ();
  key = folder_path (folder, "host-key");
  argv[7] = key;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                &error);
  g_assert_no_error (error);
}

void
real_sshd_tear_down (void)
{
  g_clear_pointer (&key, g_free);
  g_clear_pointer (&folder, folder_free);
}

const Folder *
real_sshd_folder (void)
{
  return folder;
}

void
real_answer_free (RealAnswer *self)
{
  g_free (self->out);
  g_free (self->err);
  g_free (self);
}

/* Asked thousands of times: descriptors stay open, since GLib then need not fork. */
RealAnswer *
real_sshd_run (const char *const *args)
{
  const GSpawnFlags flags = G_SPAWN_LEAVE_DESCRIPTORS_OPEN;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  RealAnswer *answer = g_new0 (RealAnswer, 1);

  g_ptr_array_add (argv, (char *) REAL_SSHD);
  for (; *args != NULL; args++)
    g_ptr_array_add (argv, (char *) *args);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, flags, NULL, NULL, &answer->out, &answer->err,
                &answer->status, &error);
  g_assert_no_error (error);
  return answer;
}

static RealAnswer *
run (const char *option, const char *path, const char *connection)
{
  const char *args[] = { option, "-h", key, "-f", path, NULL, connection, NULL };

  if (connection != NULL)
    args[5] = "-C";
  return real_sshd_run (args);
}

static RealAnswer *
run_text (const char *option, const char *text)
{
  g_autofree char *path = folder_path (folder, "sshd_config");

  folder_write (folder, "sshd_config", text);
  return run (option, path, NULL);
}

RealAnswer *
real_sshd_test (const char *text)
{
  return run_text ("-t", text);
}

/* Blanks those lines that sshd complains about; FALSE: there are none. */
static gboolean
blank_refused (char **lines, const char *messages)
{
  g_autoptr (GRegex) place = g_regex_new ("sshd_config:? line (\\d+):", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  gboolean any = FALSE;

  for (g_regex_match (place, messages, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *number = g_match_info_fetch (match, 1);
      guint64 line = g_ascii_strtoull (number, NULL, 10);

      g_assert_cmpuint (line, <=, g_strv_length (lines));
      any = any || *lines[line - 1] != '\0';
      *lines[line - 1] = '\0';
    }
  return any;
}

char *
real_sshd_accepted (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (;;)
    {
      g_autofree char *rest = g_strjoinv ("\n", lines);
      g_autoptr (RealAnswer) result = real_sshd_test (rest);

      if (result->status == 0)
        return g_steal_pointer (&rest);
      if (!blank_refused (lines, result->err))
        g_error ("sshd refuses it, but not a line: %s", result->err);
    }
}

static Effective *
effective_of (RealAnswer *result)
{
  Effective *effective;

  if (result->status != 0)
    g_error ("sshd refuses it: %s", result->err);
  effective = effective_parse (result->out);
  real_answer_free (result);
  return effective;
}

RealAnswer *
real_sshd_print (const char *text)
{
  return run_text ("-T", text);
}

Effective *
real_sshd_try (const char *text)
{
  g_autoptr (RealAnswer) result = real_sshd_print (text);

  return result->status == 0 ? effective_parse (result->out) : NULL;
}

Effective *
real_sshd_effective (const char *text)
{
  return effective_of (real_sshd_print (text));
}

Effective *
real_sshd_effective_file (const char *path, const char *connection)
{
  return effective_of (run ("-T", path, connection));
}

static void
real_line_free (RealLine *self)
{
  g_free (self->keyword);
  g_free (self->text);
  g_free (self);
}

/* Undoes what sshd does to unprintable bytes and backslashes of its messages. */
static char *
decode (const char *message)
{
  GString *text = g_string_new (NULL);

  for (; *message != '\0'; message++)
    {
      if (message[0] != '\\')
        g_string_append_c (text, *message);
      else if (message[1] == '\\')
        g_string_append_c (text, *++message);
      else
        {
          guint code = 0;

          for (guint i = 0; i < 3; i++)
            code = code * 8 + (guint) g_ascii_digit_value (*++message);
          g_string_append_c (text, (char) code);
        }
    }
  return g_string_free (text, FALSE);
}

static RealLine *
real_line (GPtrArray *seen, guint number)
{
  RealLine *last = seen->len > 0 ? g_ptr_array_index (seen, seen->len - 1) : NULL;

  if (last != NULL && last->line == number)
    return last;
  last = g_new0 (RealLine, 1);
  last->line = number;
  g_ptr_array_add (seen, last);
  return last;
}

/* What sshd says about one line, after its "FILE line N: " or "FILE:N ". */
static void
take_in (RealLine *line, const char *message)
{
  static const char bad[] = "Bad configuration option: ";
  static const char lone[] = "no argument after keyword \"";
  static const char setting[] = "setting ";

  if (g_str_has_prefix (message, bad))
    {
      g_free (line->keyword);
      line->keyword = decode (message + strlen (bad));
    }
  else if (g_str_has_prefix (message, lone))
    {
      g_free (line->keyword);
      line->keyword = decode (message + strlen (lone));
      line->keyword[strlen (line->keyword) - 1] = '\0';
      line->text = g_strdup (line->keyword);
    }
  else if (g_str_has_prefix (message, setting) && line->text == NULL)
    line->text = decode (message + strlen (setting));
  else if (g_str_equal (message, "invalid quotes"))
    line->bad_quotes = TRUE;
}

/* The last line that sshd has come to. */
static guint
parse_messages (GPtrArray *seen, const char *messages)
{
  g_autofree char *prefix = g_strdup_printf ("%s/sshd_config", folder->path);
  g_auto (GStrv) each = g_strsplit (messages, "\r\n", -1);
  g_autoptr (GRegex) place =
      g_regex_new ("^(?::| line |: line )(\\d+):? (.*)$", G_REGEX_DOTALL, 0, NULL);
  guint last = 0;

  for (gsize i = 0; each[i] != NULL; i++)
    {
      const char *message = each[i];
      g_autoptr (GMatchInfo) match = NULL;

      message += g_str_has_prefix (message, "debug3: ") ? strlen ("debug3: ") : 0;
      if (g_str_has_prefix (message, prefix)
          && g_regex_match (place, message + strlen (prefix), 0, &match))
        {
          g_autofree char *number = g_match_info_fetch (match, 1);
          g_autofree char *rest = g_match_info_fetch (match, 2);

          last = (guint) g_ascii_strtoull (number, NULL, 10);
          take_in (real_line (seen, last), rest);
        }
    }
  return last;
}

/* sshd stops at some kinds of errors: then it is asked again about the lines behind. */
GPtrArray *
real_sshd_lines (const char *const *lines)
{
  GPtrArray *seen = g_ptr_array_new_with_free_func ((GDestroyNotify) real_line_free);
  guint n = g_strv_length ((char **) lines);
  guint start = 0;

  for (;;)
    {
      g_autofree char *blank = g_strnfill (start, '\n');
      g_autofree char *rest = g_strjoinv ("\n", (char **) lines + start);
      g_autofree char *text = g_strconcat (blank, rest, "\n", NULL);
      g_autofree char *path = folder_path (folder, "sshd_config");
      const char *args[] = { "-t", "-ddd", "-h", key, "-f", path, NULL };
      g_autoptr (RealAnswer) result = NULL;
      guint last;

      folder_write (folder, "sshd_config", text);
      result = real_sshd_run (args);
      last = parse_messages (seen, result->err);
      if (result->status == 0 || strstr (result->err, "bad configuration option") != NULL
          || last >= n)
        return seen;
      g_assert_cmpuint (last, >, start);
      start = last;
    }
}
