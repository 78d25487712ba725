/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the library exports; everything else in it is hidden. */
#ifndef TRUENAS_SSH_EXTERN
#define TRUENAS_SSH_EXTERN __attribute__ ((visibility ("default"))) extern
#endif
