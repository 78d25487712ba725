/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "effective.h"
#include "sshd.h"
#include "trial.h"

/* What has to be done so that sshd does what the settings say: files, and what will come of them.
 * Reads and asks much, changes nothing: for worker threads. */

typedef struct
{
  char *path;   /* (owned) */
  char *before; /* (owned) (nullable) the file is not there */
  char *after;  /* (owned) (nullable) the file goes */
  guint mode;   /* of a new file, and at most of the old one */
} PlanFile;

typedef struct
{
  GVariant *settings; /* (owned) a{sv} */
  guint64 generation;
  GPtrArray *files; /* (owned) (element-type PlanFile) those that change, in the order of writing */
  char *config;     /* (owned) the whole drop-in, "" for none */
  Effective *effective;    /* (owned) what the configuration will come to */
  ConfigTree *tree;        /* (owned) the configuration itself */
  Trial *trial;            /* (owned) and to be asked about; not without the sshd of plan_make () */
  GVariant *warnings;      /* (owned) a(sa{sv}) */
  gboolean socket_changes; /* a socket unit's drop-in is among the files */
  GPtrArray *wanted; /* (owned) (element-type Listener) (nullable) what that unit is to open; NULL:
                        whatever it says */
} Plan;

/* Without anything to do yet. */
Plan *plan_new (GVariant *settings, guint64 generation);
void plan_free (Plan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Plan, plan_free)

/* Fails where sshd refuses the configuration, or would do something else. drop_in: (nullable) the
 * file as it was read before the settings were made. replace_foreign: lines of other files that
 * stand against the settings may be taken out; those that already are, stay out. */
Plan *plan_make (const Sshd *sshd,
                 const char *drop_in,
                 GVariant *settings,
                 guint64 generation,
                 gboolean replace_foreign,
                 GCancellable *cancellable,
                 GError **error);

/* The unified diff of all files. */
char *plan_diff (const Plan *self, GCancellable *cancellable, GError **error);

/* Of a file that a plan changes: the drop-in is as readable as the main file, others stay as they
 * are.
 */
guint plan_file_mode (const Sshd *sshd, const char *path);

/* What a file will hold; before: (nullable) there is none, after: (nullable) it goes. Nothing to do
 * where it holds that. The drop-in is always the last. mode: of a new file, and at most of the old
 * one. */
gboolean plan_add_file (Plan *self,
                        const char *path,
                        const char *before,
                        const char *after,
                        guint mode,
                        GError **error);
