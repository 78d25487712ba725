/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "access.h"

/* Whether a key lets the user in. */
Verdict *access_key_decide (const AccessFacts *facts);
