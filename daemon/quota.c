/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "quota.h"

#include "bus.h"

/* Calls without an answer yet: of a user, and of root. The bus lets us have 1024 questions of our
 * own without an answer, and a call may take several. */
#define MAX_OF_USER 64
#define MAX_OF_ROOT 256

/* Of a caller whose user is not known yet, and of all of these: one user's 256 connections leave
 * room for others. */
#define MAX_OF_STRANGER       64
#define MAX_OF_STRANGERS      32768
#define MAX_BYTES_OF_STRANGER BUS_MAX_BYTES

/* Who has called lately is known still when he calls again. */
#define MAX_KNOWN 2048

#define UNKNOWN G_MAXUINT32

typedef struct
{
  guint32 uid;
  guint calls; /* under way */
  gsize bytes; /* of their arguments */
} Caller;

/* A call under way. */
typedef struct
{
  gsize bytes;
  gboolean silent;
} Guest;

struct _Quota
{
  GMutex lock;         /* of what follows */
  GHashTable *callers; /* (owned) unique name → Caller */
  GHashTable *guests;  /* (owned) name of a call → Guest */
  GHashTable *users;   /* (owned) uid → number of calls under way */
};

/* With the lock. */

static guint
count_user (Quota *self, guint32 uid, int change)
{
  gpointer key = GUINT_TO_POINTER (uid);
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->users, key)) + (guint) change;

  if (number == 0)
    g_hash_table_remove (self->users, key);
  else
    g_hash_table_insert (self->users, key, GUINT_TO_POINTER (number));
  return number;
}

static gboolean
is_at_rest (gpointer name, gpointer value, gpointer user_data)
{
  return ((const Caller *) value)->calls == 0;
}

/* Names are never given to anybody else. */
static Caller *
find_caller (Quota *self, const char *name)
{
  Caller *caller = g_hash_table_lookup (self->callers, name);

  if (caller != NULL)
    return caller;
  if (g_hash_table_size (self->callers) >= MAX_KNOWN)
    g_hash_table_foreach_remove (self->callers, is_at_rest, NULL);
  caller = g_new0 (Caller, 1);
  caller->uid = UNKNOWN;
  g_hash_table_insert (self->callers, g_strdup (name), caller);
  return caller;
}

static gboolean
has_room (Quota *self, const Caller *caller, gsize bytes)
{
  guint calls = count_user (self, caller->uid, 0);

  if (caller->uid == UNKNOWN)
    return calls < MAX_OF_STRANGERS && caller->calls < MAX_OF_STRANGER
           && caller->bytes + bytes <= MAX_BYTES_OF_STRANGER;
  return calls < (caller->uid == 0 ? MAX_OF_ROOT : MAX_OF_USER);
}

/* A call, by its caller and the number that the caller has given it. */
static char *
call_name (const char *caller, guint32 serial)
{
  return g_strdup_printf ("%s %u", caller, serial);
}

/* Each with the lock for itself. */

const char *
quota_take (Quota *self, const char *caller, guint32 serial, gsize bytes, gboolean silent)
{
  g_autofree char *call = call_name (caller, serial);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Caller *known;
  Guest *guest;

  if (g_hash_table_contains (self->guests, call))
    return "A call with the same number is under way";
  known = find_caller (self, caller);
  if (!has_room (self, known, bytes))
    return "Too many calls are under way; wait until some of them are answered";
  count_user (self, known->uid, 1);
  known->calls++;
  known->bytes += bytes;
  guest = g_new0 (Guest, 1);
  guest->bytes = bytes;
  guest->silent = silent;
  g_hash_table_insert (self->guests, g_steal_pointer (&call), guest);
  return NULL;
}

gboolean
quota_give_back (Quota *self, const char *caller, guint32 serial)
{
  g_autofree char *call = call_name (caller, serial);
  g_autofree char *key = NULL;
  g_autofree Guest *guest = NULL;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Caller *known;

  if (!g_hash_table_steal_extended (self->guests, call, (gpointer *) &key, (gpointer *) &guest))
    return FALSE;
  known = g_hash_table_lookup (self->callers, caller);
  count_user (self, known->uid, -1);
  known->calls--;
  known->bytes -= guest->bytes;
  return guest->silent;
}

guint32
quota_user (Quota *self, const char *caller)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return find_caller (self, caller)->uid;
}

void
quota_learn (Quota *self, const char *caller, guint32 uid)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Caller *known = find_caller (self, caller);

  count_user (self, known->uid, -(int) known->calls);
  known->uid = uid;
  count_user (self, known->uid, (int) known->calls);
}

gboolean
quota_holds (Quota *self, guint32 uid)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return uid == UNKNOWN || count_user (self, uid, 0) <= (uid == 0 ? MAX_OF_ROOT : MAX_OF_USER);
}

Quota *
quota_new (void)
{
  Quota *self = g_new0 (Quota, 1);

  g_mutex_init (&self->lock);
  self->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->guests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->users = g_hash_table_new (NULL, NULL);
  return self;
}

void
quota_free (Quota *self)
{
  g_hash_table_unref (self->callers);
  g_hash_table_unref (self->guests);
  g_hash_table_unref (self->users);
  g_mutex_clear (&self->lock);
  g_free (self);
}
