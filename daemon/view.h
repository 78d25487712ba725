/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "config-tree.h"
#include "drop-in.h"
#include "effective.h"
#include "journal.h"
#include "sshd.h"
#include "unit.h"

/* What a snapshot is taken from; any of it may be missing. */
typedef struct
{
  UnitState *unit;       /* (owned) (nullable) */
  Sshd *sshd;            /* (owned) (nullable) */
  DropIn *drop_in;       /* (owned) */
  char *text;            /* (owned) (nullable) of the drop-in */
  Effective *effective;  /* (owned) (nullable) sshd refuses its own configuration */
  GPtrArray *complaints; /* (owned) (nullable) */
  ConfigTree *tree;      /* (owned) (nullable) */
  GPtrArray *listening;  /* (owned) (element-type Listener) */
  gboolean adrift;       /* as in Snapshot */
  GVariant *renamed;     /* (unowned) a{ss} */
  gboolean stuck;        /* what is due could not be undone so far */
  char *deaf_to;         /* (owned) (nullable) where sshd should listen, and does not, in English */
  Journal *journal;      /* (owned) (nullable) */
  guint64 generation;
  gboolean counted; /* and it is known */
  gboolean whole;   /* what all is taken from could be read, or is known not to be there */
} View;

void view_clear (View *view);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (View, view_clear)

/* Looks at the machine. Reads and asks much: for worker threads. */
void view_look (View *view, GDBusConnection *bus);

/* Whether a change holds on probation. One whose time is up still does: that it does not any more
 * is told with what has come of it. */
gboolean view_is_pending (const View *view);
