/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "authority.h"

/* The text of the setting AuxiliaryParameters: what it may hold, and what a change of it needs. */

#define AUXILIARY_MAX_BYTES (64 * 1024)
#define AUXILIARY_MAX_LINES 1000

/* Lines, without those that follow a first Match, or only those. Blank lines stay: the nth line of
 * both together is the nth of the text. */
typedef struct
{
  char **lines;      /* (owned) all of them */
  guint first_match; /* index of the first Match, or the number of lines */
} Auxiliary;

void auxiliary_free (Auxiliary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Auxiliary, auxiliary_free)

Auxiliary *auxiliary_parse (const char *text);

/* Whether the text alone is fit: size, characters, quotes, and no global line that belongs to a
 * setting of its own. weak_ciphers: WeakCiphers is not empty, and with it Ciphers taken. */
gboolean auxiliary_check (const char *text, gboolean weak_ciphers, GError **error);

/* What a change of the text needs: lines added, removed and moved count alike. */
Action auxiliary_actions (const char *before, const char *after);

/* Lines among the Match blocks that go against a setting: numbers from 1 to names of settings. */
GHashTable *auxiliary_exceptions (const char *text);
