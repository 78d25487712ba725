/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "change.h"

/* What polkit's rules are told about a call: an a{ss}, of checked values only. */

/* A value that would be longer is left out. */
#define DETAILS_MAX_BYTES 1024

/* What a change comes to between these settings: the names of what it changes and resets, the new
 * values of what it sets, and its options. */
GVariant *details_of_change (const Change *change, GVariant *before, GVariant *after);

/* Whether somebody who was told @told has been told of all that is in @now. */
gboolean details_cover (GVariant *told, GVariant *now);
