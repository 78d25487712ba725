/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts from a grammar, as the service takes them and as the machine's sshd does.
 *
 * Texts without Match blocks are put together, some dozen of them to one, since that is a text too
 * and what any line of it does shows: sshd tells every line that it takes, every value that a text
 * could change ends in another one if none does, and a line behind all of them must not stand under
 * a Match. The others come one by one. TRUENAS_SSH_SEED repeats a run, TRUENAS_SSH_FULL makes it
 * long. */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "auxiliary.h"
#include "differential.h"
#include "grammar.h"
#include "keywords.h"
#include "real-sshd.h"
#include "shrink.h"

#define N_TEXTS      2000
#define N_TEXTS_FULL 200000
#define N_TOGETHER   128
#define MAX_LINES    (AUXILIARY_MAX_LINES / 2)
#define MAX_BYTES    (AUXILIARY_MAX_BYTES / 2)
#define MAX_SHOWN    5
/* Of all texts, how many are one that comes alone. */
#define ALONE 200
/* And how many are one that sshd is likely to refuse, since it stops at most lines that it refuses.
 */
#define WILD 8

/* Harmless ones. */
static const char *const harmless[] = {
  "clientalivecountmax", "clientaliveinterval",
  "fingerprinthash",     "ipqos",
  "logingracetime",      "maxsessions",
  "maxstartups",         "persourcemaxstartups",
  "printmotd",           "rekeylimit",
  "tcpkeepalive",        "usedns",
  "x11displayoffset",    NULL,
};

/* Those of settings, and some that are not harmless. */
static const char *const others[] = {
  "port",   "passwordauthentication", "allowtcpforwarding", "compression",
  "banner", "permitrootlogin",        "acceptenv",          NULL,
};

static Grammar grammar;
static DifferentialCounts counts;
static guint n_shown;

typedef struct
{
  guint variant;
  const char *before; /* (nullable) it is a change from this text */
} Case;

static char *
check (const char *text, const Case *one, DifferentialCounts *noted)
{
  return one->before ? differential_check_change (one->before, text, one->variant, noted)
                     : differential_check (text, one->variant, noted);
}

static gboolean
is_wrong (const char *text, gpointer user_data)
{
  DifferentialCounts ignored = { 0 };
  g_autofree char *why = check (text, user_data, &ignored);

  return why != NULL;
}

/* Goes on with other texts, until there is enough to look at. */
static void
check_case (const char *text, Case *one)
{
  g_autofree char *why = check (text, one, &counts);
  g_autofree char *small = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *before = NULL;

  if (why == NULL)
    return;
  small = shrink (text, is_wrong, one);
  g_free (why);
  why = check (small, one, &counts);
  shown = g_strescape (small, NULL);
  before = g_strescape (one->before ? one->before : "", NULL);
  g_test_message ("settings %u, text \"%s\"%s%s: %s", one->variant, shown,
                  one->before ? ", before it " : "", before, why ? why : "not again");
  g_test_fail ();
  if (++n_shown == MAX_SHOWN)
    g_error ("enough");
}

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

static gboolean
has_match (const char *text)
{
  g_autoptr (Auxiliary) auxiliary = auxiliary_parse (text);

  return auxiliary->lines[auxiliary->first_match] != NULL;
}

/* Some lines of a text are others, gone or new. */
static char *
vary (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *varied = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gint32 kind = g_rand_int_range (grammar.rand, 0, 6);

      if (kind == 0)
        {
          grammar_append_line (&grammar, varied, FALSE);
          g_string_append_c (varied, '\n');
        }
      if (kind != 1)
        g_string_append_printf (varied, "%s\n", lines[i]);
    }
  return g_string_free (varied, FALSE);
}

static void
check_alone (const char *text, guint i)
{
  Case one = { .variant = i % DIFFERENTIAL_N_VARIANTS };
  g_autofree char *after = vary (text);

  check_case (text, &one);
  one.before = text;
  check_case (after, &one);
}

/* Harmless texts by themselves, so that they come to a harmless one. */
static GString *together[2];
static guint n_together[2];

static void
check_together (guint kind, guint i)
{
  Case one = { .variant = i % DIFFERENTIAL_N_VARIANTS };

  g_string_append (together[kind], "TCPKeepAlive yes\n");
  check_case (together[kind]->str, &one);
  g_string_truncate (together[kind], 0);
}

static void
put_together (const char *text, guint i)
{
  guint kind = (auxiliary_actions ("", text) & ACTION_CONFIGURE_PRIVILEGED) != 0;

  g_string_append (together[kind], text);
  if (!g_str_has_suffix (text, "\n"))
    g_string_append_c (together[kind], '\n');
  if (++n_together[kind] % N_TOGETHER == 0 || together[kind]->len > MAX_BYTES
      || count_lines (together[kind]->str) > MAX_LINES)
    check_together (kind, i);
}

static char *
next_text (guint i)
{
  grammar.faithful = i % 3 == 0;
  grammar.favours = i % 3 == 1 ? others : harmless;
  return grammar_text (&grammar, i % WILD == 0, i % ALONE == 0);
}

static void
test_texts (gconstpointer data)
{
  guint n_texts = GPOINTER_TO_UINT (data);

  for (guint kind = 0; kind < G_N_ELEMENTS (together); kind++)
    together[kind] = g_string_new (NULL);
  for (guint i = 0; i < n_texts; i++)
    {
      g_autofree char *text = next_text (i);

      if (i % ALONE == 0 || has_match (text) || strlen (text) > MAX_BYTES)
        check_alone (text, i / ALONE);
      else
        put_together (text, i);
    }
  for (guint kind = 0; kind < G_N_ELEMENTS (together); kind++)
    {
      check_together (kind, kind);
      g_string_free (together[kind], TRUE);
    }
  g_test_message ("%u texts: %u lines accepted, %u refused by us, %u by sshd; %u harmless; sshd "
                  "asked %u times",
                  n_texts, counts.accepted, counts.ours, counts.theirs, counts.harmless,
                  counts.processes);
  g_assert_cmpuint (counts.accepted, >, n_texts);
  g_assert_cmpuint (counts.ours, >, n_texts / 40);
  g_assert_cmpuint (counts.theirs, >, n_texts / 40);
  g_assert_cmpuint (counts.harmless, >, n_texts / 1000);
}

int
main (int argc, char **argv)
{
  const char *given = g_getenv ("TRUENAS_SSH_SEED");
  gboolean full = g_getenv ("TRUENAS_SSH_FULL") != NULL;
  /* The short pass is the same each time, so that it fails for whoever has changed something. */
  guint32 fallback = full ? g_random_int () : 1;
  guint32 seed = given ? (guint32) g_ascii_strtoull (given, NULL, 10) : fallback;
  guint n = full ? N_TEXTS_FULL : N_TEXTS;
  g_autoptr (GPtrArray) keywords = NULL;
  g_autoptr (GHashTable) values = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_message ("TRUENAS_SSH_SEED=%u", seed);
  /* What a relative path is relative to. */
  g_assert_cmpint (chdir ("/"), ==, 0);
  real_sshd_set_up ();
  differential_set_up ();
  keywords = keywords_of_sshd ();
  values = keywords_with_values ();
  grammar = (Grammar){ .rand = rand, .keywords = keywords, .values = values };

  g_test_add_data_func ("/auxiliary-differential/texts", GUINT_TO_POINTER (n), test_texts);
  status = g_test_run ();
  differential_tear_down ();
  real_sshd_tear_down ();
  return status;
}
