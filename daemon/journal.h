/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* The journal of a change under way: what has to be put back if it is not finished. Durable, and
 * whole or not there. Blocks: for worker threads, and for whoever runs before sshd starts. */

typedef struct
{
  char *path;   /* (owned) */
  char *before; /* (owned) (nullable) the file was not there */
  guint mode;   /* for a file that has to be made again */
  char *after;  /* (owned) hash of what the change puts there; "" if it takes the file away */
} JournalFile;

/* One that cannot be understood is put aside by this name, for somebody to look at. */
#define JOURNAL_BROKEN "journal.broken"

/* As the time of its proof: it is being undone. */
#define JOURNAL_GIVEN_UP (-1)

typedef struct
{
  guint64 generation; /* the change's */
  char *boot;         /* (owned) id of the boot in which it was made */
  gint64 deadline;    /* µs of CLOCK_BOOTTIME; 0: it is not on probation */
  gint64 verified;    /* when sshd was seen to do it, of the same clock; 0: not yet; or this: */
  char *token;        /* (owned) hash of the word that confirms it; "" for none */
  gboolean running;   /* sshd ran when the change began */
  char *socket;       /* (owned) the socket unit that served SSH then; "": the service did */
  char *service;      /* (owned) and the service */
  gboolean open;      /* that socket was open */
  gboolean moves;     /* the change moves from the socket to the service */
  gboolean socket_on_boot; /* with that: what started at boot then */
  gboolean service_on_boot;
  gboolean on_login; /* a new login of the caller's confirms it */
  guint32 login_uid; /* the caller's; G_MAXUINT32: none */
  guint32 uid;       /* the caller's */
  guint actions;     /* what it took to make it, and takes to end it without the word */
  GVariant *before;  /* (owned) a{sv}, the settings */
  GVariant *after;   /* (owned) */
  char *diff;        /* (owned) of the files, for the history */
  GPtrArray *files;  /* (owned) (element-type JournalFile) in the order of writing */
} Journal;

Journal *journal_new (void);
void journal_free (Journal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Journal, journal_free)

void journal_add_file (Journal *self,
                       const char *path,
                       const char *before,
                       guint mode,
                       const char *after);

/* Those from number n on stay as they are when it is undone. */
void journal_leave_out (Journal *self, guint n);

/* Whether a socket unit has to be taken down for it to be undone, or systemd be told. */
gboolean journal_has_socket (const Journal *self);

/* Whether the machine has booted since. */
gboolean journal_is_old (const Journal *self);

/* What the change does to the drop-in. (nullable) */
const JournalFile *journal_drop_in (const Journal *self);

/* As text. NULL: it cannot be understood. */
char *journal_compose (const Journal *self);
Journal *journal_parse (const char *text);

/* NULL without an error: there is none. One that cannot be read is put aside, and is an error. */
Journal *journal_read (GError **error);
gboolean journal_write (const Journal *self, GError **error);
/* From here on the way leads back, even if it is cut short. On a full disk that is not written
 * down, which keeps nothing from being undone. */
void journal_give_up (Journal *self);
gboolean journal_remove (GError **error);

/* µs of CLOCK_BOOTTIME, which goes on while the machine sleeps and does not jump. */
gint64 journal_now (void);

/* Its deadline in µs of CLOCK_REALTIME. */
guint64 journal_deadline_realtime (const Journal *self);

/* Whether it has to be undone now: it was never finished, its time is up, the machine has booted
 * since, or that was begun. */
gboolean journal_is_due (const Journal *self);

/* Puts back what the change has replaced; tells whether there was anything to put back. A file that
 * somebody has edited since: the drop-in is put back all the same, and the edited text kept; any
 * other is left to them. */
gboolean journal_undo (const Journal *self, gboolean *changed, GError **error);

/* Only one changes files at a time. -1 with an error: somebody else does (TRUENAS_SSH_ERROR_BUSY),
 * or it cannot be told. */
typedef int JournalLock;

/* Waits for prepare, which has it for a moment before every start of sshd. */
JournalLock journal_lock (GError **error);

/* Waits for nobody. */
JournalLock journal_try_lock (GError **error);
void journal_unlock (JournalLock lock);
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (JournalLock, journal_unlock, -1)
