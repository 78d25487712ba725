/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "config-tree.h"
#include "sshd.h"

/* What sshd has said about a configuration for nobody's connection, for as long as it would say the
 * same again: the program, its arguments, every file that it reads and its host keys are what they
 * were. What else it may depend on, such as a library or a name server, is asked about anew after a
 * minute. Worker threads. */

/* All that an answer depends on. tree: the configuration as it is now, on disk or with changes. */
char *answers_key (const Sshd *sshd, const ConfigTree *tree);

/* (transfer full) (nullable) The output of `sshd -T`. */
char *answers_find (const char *key);

/* key: as it was both before sshd was asked and after it. */
void answers_keep (const char *key, const char *output);
