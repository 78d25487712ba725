/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "access.h"

/* Whether sshd lets an account in at all, however the user proves who it is. */
Verdict *access_account_decide (const AccessFacts *facts);

/* The client, with what sshd takes for its name. */
PatternClient access_client (const AccessFacts *facts);

gboolean access_is_on (const AccessFacts *facts, const char *keyword);
