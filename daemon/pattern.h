/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "verdict.h"

/* The patterns of sshd_config(5) and of key files, as sshd compares them. */

/* With * and ?, case counts. */
gboolean pattern_matches (const char *pattern, const char *text);

/* A list with commas, in which ! means that the text must not match. */
gboolean pattern_list_matches (const char *list, const char *text);

/* Where a client comes from, as far as it is known. */
typedef struct
{
  const char *address; /* (nullable) numeric */
  const char *host;    /* (nullable) */
} PatternClient;

/* A list of names, addresses and networks. */
Answer pattern_list_matches_client (const char *list, const PatternClient *client);

/* "user" or "user@host", as in AllowUsers. */
Answer pattern_matches_user (const char *pattern, const char *user, const PatternClient *client);
