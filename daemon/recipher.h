/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* A drop-in for the ciphers that sshd's other files allow now: the same settings, the same lines,
 * but for the one that adds the weak ciphers to theirs. The distribution's policy may have become
 * stricter since. Asks sshd: for worker threads, or before sshd starts. NULL: it is right as it is,
 * says nothing about ciphers, is not ours to touch, or sshd does not answer. */
char *recipher (const char *text);
