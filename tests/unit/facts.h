/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "sshd-config.h"

/* What rendering needs to know, from texts. */
typedef struct
{
  SshdConfigFacts facts;
  GVariant *settings; /* (owned) */
  Effective *base;    /* (owned) */
  char **interfaces;  /* (owned) */
  char **groups;      /* (owned) */
} Facts;

/* settings: as GVariant's text; base: as `sshd -T` prints it. What the settings name exists, and
 * the machine has IPv6. */
Facts *facts_new (const char *settings, const char *base);
void facts_free (Facts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Facts, facts_free)
