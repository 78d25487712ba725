/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* sshd's command line as its unit has it: options there win over every file. Pure text. */

/* Adds what a file of variables says, as systemd reads it, to the others (name → value). */
void command_line_read_variables (GHashTable *variables, const char *text);

/* The arguments with their variables put in: "$OPTIONS" comes to none or several, "${PORT}" stays
 * in its word. */
char **command_line_expand (const char *const *arguments, GHashTable *variables);

/* Of sshd's arguments, those that its configuration depends on, for another sshd that is to judge
 * it. listens: it opens its sockets itself, so that those about them count too. */
char **command_line_relevant (const char *const *arguments, gboolean listens);

/* The configuration file that relevant arguments name. NULL: none. */
const char *command_line_config (const char *const *relevant);

/* The option that decides about a setting, without its value, which is nobody's business: "-p",
 * "-o Port". settings: (a{sv}) the managed ones. NULL: none. */
char *command_line_decider (const char *const *relevant, const char *setting, GVariant *settings);
