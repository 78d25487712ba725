/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "config-tree.h"
#include "effective.h"
#include "sshd.h"

/* A line about which sshd complains. */
typedef struct
{
  char *path; /* (owned) */
  guint line;
  char *message; /* (owned) */
  gboolean own;  /* our words: sshd's may quote that file */
} Complaint;

void complaint_free (Complaint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Complaint, complaint_free)

/* What sshd prints about a configuration that it refuses: (element-type Complaint). names: copies
 * of files → files. */
GPtrArray *trial_parse_complaints (GHashTable *names, const char *text);

/* A configuration on trial: with its changes, in a folder that goes with this. */
typedef struct _Trial Trial;

void trial_free (Trial *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trial, trial_free)

/* tree: (nullable) the configuration on disk; or one that outlives the trial. */
Trial *trial_new (const Sshd *sshd, const ConfigTree *tree, GError **error);

/* Judges it as if AuthenticationMethods demanded nothing: sshd refuses a configuration in which
 * what that demands is off. Not for a file that says “any”, which sshd wants to be the only one. */
void trial_allow_any_method (Trial *self);

/* Where nothing has to be proven: what sshd has said about the same configuration before will do,
 * while nothing that it depends on has changed (answers.h). */
void trial_allow_known (Trial *self);

/* What it comes to. connection: (nullable) "user=…,addr=…", for whom. NULL where sshd refuses it:
 * then complaints (element-type Complaint) says why, where sshd told a place. */
Effective *trial_run (const Trial *self,
                      const char *connection,
                      GPtrArray **complaints,
                      GCancellable *cancellable,
                      GError **error);

/* What sshd has said last; it may quote any file that it reads. */
const char *trial_last_words (const Trial *self);

/* What the configuration on disk comes to. The error names the line that sshd refuses, and quotes
 * nothing. */
Effective *trial_effective (const Sshd *self, GCancellable *cancellable, GError **error);

/* (nullable) The same, if what sshd has said before will do. */
Effective *trial_effective_known (const Sshd *self);
