/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A change from the command line: with its options, as a preview, on probation. */

#pragma once

#include "truenas-sshctl.h"

/* (transfer none): an `a{sv}` of the options that the command line gives for a change of @names. */
GVariant *
change_options (Ctl *ctl, const char *const *names, const char *const *reset, gboolean relative);

/* Shows what came of it (owned), and waits for it to be confirmed; answers as a verb. */
int change_done (Ctl *ctl, GVariant *result, GError **error);
