/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "authority.h"

/* What a caller asks for: settings to set and to reset, and how to go about it. */

typedef struct
{
  GVariant *settings; /* (owned) a{sv}, as it came */
  char **logins;      /* (owned) users about whom is asked */
  char **reset;       /* (owned) names, none twice */
  gboolean allow_lockout;
  gboolean dry_run;
  gboolean replace_foreign;
  gboolean overwrite_edits;
  gboolean start;
  gboolean use_service;  /* in the place of a socket unit */
  guint confirm_timeout; /* s; 0: it is not on probation */
  gboolean confirm_on_login;
  guint32 uid;       /* the caller's; G_MAXUINT32: not known yet */
  guint32 login_uid; /* whom the caller logged in as; G_MAXUINT32: nobody */
  gboolean has_generation;
  guint64 generation; /* the one that the caller has seen */
  GVariant *told;     /* (owned) (nullable) what polkit was told of it, an a{ss} */
} Change;

void change_free (Change *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

/* Reads the two arguments of Apply(). */
Change *change_new (GVariant *settings, GVariant *options, GError **error);

/* Reads the options of Revert (): the change to exactly these settings. */
Change *change_new_revert (GVariant *settings, GVariant *options, GError **error);

/* The settings after it. Checks everything that can be told from the values alone. */
GVariant *change_merge (const Change *self, GVariant *before, GError **error);

/* What the caller must be allowed to do to get from the settings before to those after. */
Action change_actions (const Change *self, GVariant *before, GVariant *after);

/* Whether it sets or resets this one. */
gboolean change_names (const Change *self, const char *setting);
