/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "effective.h"

/* The command behind `Subsystem sftp`, and the -l and -f in it. Pure. */

/* As sshd would run it; NULL: there is no SFTP subsystem. */
const char *sftp_command_find (const Effective *effective);

/* The argument of the option 'l' or 'f' in capitals, "" where it is not given. */
char *sftp_command_option (const char *command, char option);

/* The same command with the options set; an empty value leaves what is there. NULL: the command is
 * more than a program with arguments, and cannot be extended safely. */
char *sftp_command_with (const char *command, const char *level, const char *facility);
