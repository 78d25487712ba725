/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Whether sshd is bound to interfaces, or will be again once a change that is under way is undone:
 * then somebody has to follow them. By the files alone; FALSE with an error: they cannot be read.
 */
gboolean binding_exists (GError **error);
