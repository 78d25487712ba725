/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* A folder for files that are needed for a moment, and go with it. */
typedef struct _Scratch Scratch;

Scratch *scratch_new (GError **error);
void scratch_free (Scratch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scratch, scratch_free)

const char *scratch_folder (const Scratch *self);

/* Writes a file into it and tells its path. */
char *scratch_write (const Scratch *self, const char *name, const char *text, GError **error);
