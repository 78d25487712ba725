/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* All that the library offers. */

#pragma once

#include <truenas-ssh-client.h>
#include <truenas-ssh-enums.h>
#include <truenas-ssh-error.h>
#include <truenas-ssh-generated.h>
