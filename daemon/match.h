/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "config-tree.h"

/* Whether a Match line asks who the user is. */
gboolean match_asks_for_user (const ConfigTree *tree);

/* Where connections can come from and go to, as far as the Match lines tell them apart: what -C
 * takes but for the user. NULL: more than so many. */
char **match_origins (const ConfigTree *tree, guint most);
