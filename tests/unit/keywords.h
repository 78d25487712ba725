/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* (element-type utf8) Every keyword that the machine's sshd knows, in lower case: also what has
 * another name now, is ignored, or is left out of `sshd -T`. */
GPtrArray *keywords_of_sshd (void);

/* (element-type utf8 GPtrArray) For many of them, values that it takes. */
GHashTable *keywords_with_values (void);
