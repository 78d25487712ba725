/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "drop-in.h"
#include "folder.h"
#include "journal.h"
#include "store.h"
#include "truenas-ssh-error.h"

/* A state folder that is the test's own, with a folder in it that stands for sshd's. */

typedef struct
{
  Folder *folder;
  char *main;    /* (owned) */
  char *drop_in; /* (owned) */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = folder_new ();
  fixture->main = folder_path (fixture->folder, "sshd_config");
  fixture->drop_in = folder_path (fixture->folder, DROP_IN_NAME);
  g_setenv ("STATE_DIRECTORY", fixture->folder->path, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unsetenv ("STATE_DIRECTORY");
  g_free (fixture->main);
  g_free (fixture->drop_in);
  folder_free (fixture->folder);
}

static char *
make_drop_in (guint16 port)
{
  g_autoptr (GVariant) settings =
      g_variant_ref_sink (g_variant_new_parsed ("{'TcpPort': <%q>}", port));
  g_autofree char *config = g_strdup_printf ("Port %u\n", port);
  guint n_header;

  return drop_in_compose (settings, port, config, &n_header);
}

/* A change that is proven and pending, with two files. */
static Journal *
make_journal (const Fixture *fixture)
{
  g_autofree char *before = make_drop_in (1);
  g_autofree char *after = make_drop_in (2);
  Journal *journal = journal_new ();

  journal->generation = 2;
  journal->deadline = journal_now () + 60 * G_USEC_PER_SEC;
  journal->verified = journal_now ();
  journal_add_file (journal, fixture->main, "Port 22\n", 0600, "#Port 22\n");
  journal_add_file (journal, fixture->drop_in, before, 0644, after);
  folder_write (fixture->folder, "sshd_config", "#Port 22\n");
  folder_write (fixture->folder, DROP_IN_NAME, after);
  return journal;
}

/* As a file. */

static void
test_write_and_read (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Journal) journal = make_journal (fixture);
  g_autoptr (Journal) read = NULL;
  g_autofree char *written = journal_compose (journal);
  g_autofree char *again = NULL;

  g_assert_true (journal_write (journal, &error));
  g_assert_no_error (error);
  read = journal_read (&error);
  g_assert_no_error (error);
  again = journal_compose (read);
  g_assert_cmpstr (again, ==, written);
  g_assert_cmpstr (journal_drop_in (read)->path, ==, fixture->drop_in);
  g_assert_true (journal_remove (&error));
  g_assert_null (journal_read (&error));
  g_assert_no_error (error);
}

static void
test_broken (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "nonsense",
    "truenas-ssh journal 1\n",
    "truenas-ssh journal 1\nabc\n()\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) later = NULL;
      g_autofree char *aside = NULL;

      folder_write (fixture->folder, "journal", texts[i]);
      g_assert_null (journal_read (&error));
      g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_ROLLBACK_FAILED);
      g_assert_nonnull (strstr (error->message, "cannot be understood"));
      aside = folder_read (fixture->folder, "journal.broken");
      g_assert_cmpstr (aside, ==, texts[i]);
      g_assert_null (journal_read (&later));
      g_assert_no_error (later);
    }
}

static void
test_lock (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  JournalLock lock = journal_lock (&error);

  g_assert_no_error (error);
  g_assert_cmpint (lock, >=, 0);
  g_assert_cmpint (journal_lock (&error), ==, -1);
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_BUSY);
  g_clear_error (&error);
  journal_unlock (lock);
  lock = journal_lock (&error);
  g_assert_no_error (error);
  journal_unlock (lock);

  g_setenv ("STATE_DIRECTORY", "/proc/self/nothing", TRUE);
  g_assert_cmpint (journal_lock (&error), ==, -1);
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
}

/* When it has to be undone. */

static void
test_due (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Journal) journal = make_journal (fixture);
  const gint64 verified = journal->verified;
  const gint64 deadline = journal->deadline;

  g_assert_false (journal_is_due (journal));
  journal->verified = 0;
  g_assert_true (journal_is_due (journal));
  journal->verified = verified;
  journal->deadline = journal_now ();
  g_assert_true (journal_is_due (journal));
  journal->deadline = deadline;
  g_free (journal->boot);
  journal->boot = g_strdup ("another");
  g_assert_true (journal_is_due (journal));
}

static void
test_given_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Journal) journal = make_journal (fixture);
  g_autoptr (Journal) read = NULL;

  journal_give_up (journal);
  read = journal_read (NULL);
  g_assert_true (journal_is_due (read));
  g_assert_cmpint (read->verified, ==, JOURNAL_GIVEN_UP);

  g_setenv ("STATE_DIRECTORY", "/proc/self/nothing", TRUE);
  journal_give_up (journal);
  g_assert_true (journal_is_due (journal));
}

/* Undoing it. */

static void
check_file (const Fixture *fixture, const char *name, const char *expected)
{
  g_autofree char *text = folder_read (fixture->folder, name);

  g_assert_cmpstr (text, ==, expected);
}

static void
check_undone (const Fixture *fixture, const Journal *journal, gboolean expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = make_drop_in (1);
  gboolean changed = !expected;

  g_assert_true (journal_undo (journal, &changed, &error));
  g_assert_no_error (error);
  g_assert_cmpint (changed, ==, expected);
  check_file (fixture, DROP_IN_NAME, before);
}

static void
test_undo (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Journal) journal = make_journal (fixture);

  check_undone (fixture, journal, TRUE);
  check_file (fixture, "sshd_config", "Port 22\n");
  check_undone (fixture, journal, FALSE);
}

/* Rendered anew for other interfaces, it is ours; somebody else's text is kept. */
static void
test_undo_what_was_edited (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Journal) journal = make_journal (fixture);
  g_autofree char *ours = make_drop_in (3);

  folder_write (fixture->folder, DROP_IN_NAME, ours);
  check_undone (fixture, journal, TRUE);
  check_file (fixture, "edited-2.conf", NULL);

  folder_write (fixture->folder, DROP_IN_NAME, "Port 4\n");
  folder_write (fixture->folder, "sshd_config", "Port 5\n");
  check_undone (fixture, journal, TRUE);
  check_file (fixture, "edited-2.conf", "Port 4\n");
  check_file (fixture, "sshd_config", "Port 5\n");
}

/* The drop-in first: while it is there, a line that it stands in for must not be. */
static void
test_undo_in_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Journal) journal = make_journal (fixture);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = make_drop_in (1);
  gboolean changed;

  g_assert_cmpint (g_unlink (fixture->main), ==, 0);
  folder_write (fixture->folder, "sshd_config/in-the-way", "");
  g_assert_false (journal_undo (journal, &changed, &error));
  g_assert_nonnull (error);
  g_assert_true (changed);
  check_file (fixture, DROP_IN_NAME, before);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/journal/write-and-read", test_write_and_read);
  ADD ("/journal/broken", test_broken);
  ADD ("/journal/lock", test_lock);
  ADD ("/journal/due", test_due);
  ADD ("/journal/given-up", test_given_up);
  ADD ("/journal/undo", test_undo);
  ADD ("/journal/undo/edited", test_undo_what_was_edited);
  ADD ("/journal/undo/in-order", test_undo_in_order);
  return g_test_run ();
}
