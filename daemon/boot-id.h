/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Which start of the machine this is: the kernel's, and that of the init above us, since a
 * container has its own on the same kernel. It is looked up until that has worked once; NULL where
 * it cannot be told now. Any thread. */
const char *boot_id_get (void);
