/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "audit.h"

#include "action.h"
#include "drop-in.h"
#include "settings.h"
#include "store.h"

#define PREFIX     "TRUENAS_SSH_"
#define MAX_FIELDS 16
#define NOTICE     "5" /* of syslog */

/* The ids never change: others look for them. */
static const struct
{
  const char *id;
  const char *text;
} events[] = {
  [HISTORY_APPLIED] = { "b94defd46f2848679e7ba19f74a0d8ec", "is applied" },
  [HISTORY_PENDING] = { "993270014cb84f7d99010659205a53d1", "is applied, on probation" },
  [HISTORY_CONFIRMED] = { "58281f75eb8942dbb37b0037d3f17734", "is confirmed" },
  [HISTORY_ROLLED_BACK] = { "a16b04e95e684db38625a288da73ea45", "is rolled back" },
  [HISTORY_FAILED] = { "9e290b0bb4404e528fe66693d6e4a0e7", "could not be rolled back" },
  [HISTORY_EDITED] = { "55a5fde421504b5ebbece643e2e325d7", "was an edit by hand, and is replaced" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (events) == HISTORY_N_OUTCOMES);

typedef struct
{
  GLogField fields[MAX_FIELDS];
  gsize n;
  GPtrArray *texts; /* (element-type utf8) of the fields */
} Message;

/* value: (transfer full) */
static void
add (Message *message, const char *key, char *value)
{
  g_assert (message->n < MAX_FIELDS);
  message->fields[message->n++] = (GLogField){ key, value, -1 };
  g_ptr_array_add (message->texts, value);
}

static void
add_number (Message *message, const char *key, guint64 number)
{
  add (message, key, g_strdup_printf ("%" G_GUINT64_FORMAT, number));
}

/* text: (nullable) */
static void
add_hash (Message *message, const char *key, const char *text)
{
  add (message, key,
       text ? g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1) : g_strdup (""));
}

static char *
list_actions (guint actions)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  for (; action_first (actions) != ACTION_NONE; actions &= ~(guint) action_first (actions))
    g_strv_builder_add (ids, action_id (action_first (actions)));
  all = g_strv_builder_end (ids);
  return g_strjoinv (" ", all);
}

static void
add_settings (Message *message, const Journal *journal, guint64 generation, HistoryOutcome outcome)
{
  g_auto (GStrv) changed = settings_changed (journal->before, journal->after);
  g_autofree char *names = g_strjoinv (", ", changed);
  gboolean any = *names != '\0' && outcome != HISTORY_EDITED;

  add (message, "MESSAGE",
       g_strdup_printf ("Generation %" G_GUINT64_FORMAT " %s%s%s", generation, events[outcome].text,
                        any ? ": " : "", any ? names : ""));
  add (message, PREFIX "CHANGED", any ? g_strjoinv (" ", changed) : g_strdup (""));
}

static void
write_down (const Journal *journal,
            guint64 generation,
            HistoryOutcome outcome,
            const char *before,
            const Caller *by)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  Message message = { .texts = texts };
  g_autofree char *now = NULL;

  add_settings (&message, journal, generation, outcome);
  add (&message, "MESSAGE_ID", g_strdup (events[outcome].id));
  add (&message, "PRIORITY", g_strdup (NOTICE));
  add (&message, PREFIX "OUTCOME", g_strdup (history_outcome (outcome)));
  add_number (&message, PREFIX "GENERATION", generation);
  add (&message, PREFIX "ACTION", list_actions (journal->actions));
  add_number (&message, PREFIX "UID", journal->uid);
  add_number (&message, PREFIX "LOGIN_UID", journal->login_uid);
  if (by != NULL)
    {
      add_number (&message, PREFIX "BY_UID", by->uid);
      add_number (&message, PREFIX "BY_LOGIN_UID", by->login_uid);
    }
  store_read (DROP_IN_PATH, &now, NULL);
  add_hash (&message, PREFIX "SHA256_BEFORE", before);
  add_hash (&message, PREFIX "SHA256_NOW", now);
  g_log_structured_array (G_LOG_LEVEL_MESSAGE, message.fields, message.n);
}

void
audit_change (const Journal *journal, HistoryOutcome outcome, const Caller *by)
{
  const JournalFile *file = journal_drop_in (journal);

  write_down (journal, journal->generation, outcome, file ? file->before : NULL, by);
}

void
audit_edit (const Journal *journal, guint64 generation, const char *text)
{
  write_down (journal, generation, HISTORY_EDITED, text, NULL);
}
