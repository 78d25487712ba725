/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "real-sshd.h"
#include "sftp-command.h"

static void
test_find (void)
{
  static const struct
  {
    const char *effective;
    const char *command;
  } cases[] = {
    { "", NULL },
    { "subsystem backup /x\n", NULL },
    { "subsystem sftp\n", NULL },
    { "subsystem sftp2 /x\n", NULL },
    { "subsystem SFTP /x\n", NULL },
    { "subsystem sftp /x -l INFO\n", "/x -l INFO" },
    { "subsystem backup sftp /x\nsubsystem sftp internal-sftp\n", "internal-sftp" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Effective) effective = effective_parse (cases[i].effective);

      g_assert_cmpstr (sftp_command_find (effective), ==, cases[i].command);
    }
}

static void
test_option (void)
{
  static const struct
  {
    const char *command;
    const char *level;
    const char *facility;
  } cases[] = {
    { "/x", "", "" },
    { "/x -l INFO", "INFO", "" },
    { "/x -lINFO", "INFO", "" },
    { "/x   -l   info", "INFO", "" },
    { "/x -l DEBUG1", "DEBUG", "" },
    { "/x -l debug1", "DEBUG", "" },
    { "/x -l DEBUG3", "DEBUG3", "" },
    { "/x -f AUTH", "", "AUTH" },
    { "/x -fLOCAL7 -lERROR", "ERROR", "LOCAL7" },
    { "/x -f AUTH -l INFO -f USER", "INFO", "USER" },
    { "/x -l INFO -lFATAL", "FATAL", "" },
    { "/x -R -u 0077 -l VERBOSE -d /srv", "VERBOSE", "" },
    { "/x -Rl VERBOSE", "VERBOSE", "" },
    { "/x -ehRlVERBOSE", "VERBOSE", "" },
    { "/sbin-l INFO", "", "" },
    { "/x -d /a-l b", "", "" },
    { "/x -l", "", "" },
    { "/x -l -f AUTH", "", "AUTH" },
    { "internal-sftp -l QUIET", "QUIET", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *level = sftp_command_option (cases[i].command, 'l');
      g_autofree char *facility = sftp_command_option (cases[i].command, 'f');

      g_test_message ("%s", cases[i].command);
      g_assert_cmpstr (level, ==, cases[i].level);
      g_assert_cmpstr (facility, ==, cases[i].facility);
    }
}

static const struct
{
  const char *command;
  const char *level;
  const char *facility;
  const char *expected; /* NULL: it cannot be extended */
} with_cases[] = {
  { "/x", "", "", "/x" },
  { "/x -l INFO -f AUTH", "", "", "/x -l INFO -f AUTH" },
  { "/x", "INFO", "", "/x -l INFO" },
  { "/x", "", "LOCAL0", "/x -f LOCAL0" },
  { "/x", "INFO", "LOCAL0", "/x -l INFO -f LOCAL0" },
  { "/x -l ERROR", "INFO", "", "/x -l INFO" },
  { "/x -lERROR", "INFO", "", "/x -l INFO" },
  { "/x -l ERROR -f AUTH -R", "INFO", "", "/x -f AUTH -R -l INFO" },
  { "/x -lERROR -fAUTH -R", "INFO", "USER", "/x -R -l INFO -f USER" },
  { "/x -f AUTH -l ERROR", "", "USER", "/x -l ERROR -f USER" },
  { "/x -l ERROR -l FATAL", "DEBUG3", "", "/x -l DEBUG3" },
  { "/x -Rl ERROR", "INFO", "", "/x -Rl ERROR -l INFO" },
  { "/x -u 0077 -d /srv/%u -P remove", "INFO", "AUTH",
    "/x -u 0077 -d /srv/%u -P remove -l INFO -f AUTH" },
  { "internal-sftp", "VERBOSE", "", "internal-sftp -l VERBOSE" },
  { "/sbin-l x", "INFO", "", "/sbin-l x -l INFO" },
  { "/x; /y", "INFO", "", NULL },
  { "/x | /y", "INFO", "", NULL },
  { "/x & /y", "INFO", "", NULL },
  { "/x > /y", "INFO", "", NULL },
  { "/x $HOME", "INFO", "", NULL },
  { "/x `y`", "INFO", "", NULL },
  { "(/x)", "INFO", "", NULL },
  { "/x # y", "INFO", "", NULL },
  { "\"/a b\"", "INFO", "", NULL },
  { "/x 'y z'", "INFO", "", NULL },
  { "/x y\\ z", "INFO", "", NULL },
};

static void
test_with (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (with_cases); i++)
    {
      g_autofree char *command =
          sftp_command_with (with_cases[i].command, with_cases[i].level, with_cases[i].facility);

      g_assert_cmpstr (command, ==, with_cases[i].expected);
    }
}

/* sshd understands the command as it was meant, and a second time changes nothing. */
static void
test_with_sshd (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (with_cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("Subsystem sftp %s\n", with_cases[i].expected);
      g_autofree char *again = NULL;
      g_autofree char *level = NULL;
      g_autofree char *facility = NULL;
      g_autoptr (Effective) effective = NULL;

      if (with_cases[i].expected == NULL)
        continue;
      effective = real_sshd_effective (text);
      g_assert_cmpstr (sftp_command_find (effective), ==, with_cases[i].expected);
      level = sftp_command_option (with_cases[i].expected, 'l');
      facility = sftp_command_option (with_cases[i].expected, 'f');
      if (*with_cases[i].level != '\0')
        g_assert_cmpstr (level, ==, with_cases[i].level);
      if (*with_cases[i].facility != '\0')
        g_assert_cmpstr (facility, ==, with_cases[i].facility);
      again =
          sftp_command_with (with_cases[i].expected, with_cases[i].level, with_cases[i].facility);
      g_assert_cmpstr (again, ==, with_cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();

  g_test_add_func ("/sftp-command/find", test_find);
  g_test_add_func ("/sftp-command/option", test_option);
  g_test_add_func ("/sftp-command/with", test_with);
  g_test_add_func ("/sftp-command/with-sshd", test_with_sshd);
  status = g_test_run ();
  real_sshd_tear_down ();
  return status;
}
