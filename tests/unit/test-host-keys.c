/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host-keys.h"

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("test-host-keys-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static char *
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  char *out = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL,
                &error);
  g_assert_no_error (error);
  return out;
}

static char *
make_key (Fixture *fixture, const char *type, const char *bits, const char *passphrase)
{
  char *path = g_build_filename (fixture->folder, type, NULL);
  const char *argv[] = { "ssh-keygen", "-q", "-t",       type, "-b", bits, "-C",
                         "a comment",  "-N", passphrase, "-f", path, NULL };

  g_free (run (argv));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  return path;
}

/* The public file, less the comment. */
static char *
read_public (const char *path)
{
  g_autofree char *file = g_strconcat (path, ".pub", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  words = g_strsplit (text, " ", 3);
  return g_strdup_printf ("%s %s", words[0], words[1]);
}

static void
remove_public (const char *path)
{
  g_autofree char *file = g_strconcat (path, ".pub", NULL);

  g_assert_cmpint (g_unlink (file), ==, 0);
}

static GVariant *
list (const char *path)
{
  const char *files[] = { path, NULL };
  g_autoptr (GError) error = NULL;
  GVariant *result = host_keys_list (files, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (result), ==, "aa{sv}");
  return result;
}

static void
assert_none (const char *path)
{
  g_autoptr (GVariant) result = list (path);

  g_assert_cmpuint (g_variant_n_children (result), ==, 0);
}

/* Exactly what is expected, so nothing private. */
static void
check_key (const char *path, const char *public, const char *type, guint bits)
{
  const char *argv[] = { "ssh-keygen", "-l", "-f", path, NULL };
  g_autofree char *expected = run (argv);
  g_autoptr (GVariant) result = list (path);
  g_autoptr (GVariant) key = NULL;
  const char *seen_type, *fingerprint, *known_hosts;
  guint seen_bits;

  g_assert_cmpuint (g_variant_n_children (result), ==, 1);
  key = g_variant_get_child_value (result, 0);
  g_assert_cmpuint (g_variant_n_children (key), ==, 4);
  g_assert_true (g_variant_lookup (key, "type", "&s", &seen_type));
  g_assert_true (g_variant_lookup (key, "bits", "u", &seen_bits));
  g_assert_true (g_variant_lookup (key, "fingerprint", "&s", &fingerprint));
  g_assert_true (g_variant_lookup (key, "known-hosts", "&s", &known_hosts));
  g_assert_cmpstr (seen_type, ==, type);
  g_assert_cmpuint (seen_bits, ==, bits);
  g_assert_cmpstr (known_hosts, ==, public);
  g_assert_true (g_str_has_prefix (fingerprint, "SHA256:"));
  g_assert_cmpuint (strlen (fingerprint), ==, strlen ("SHA256:") + 43);
  g_assert_nonnull (strstr (expected, fingerprint));
}

static void
test_types (Fixture *fixture, gconstpointer data)
{
  g_autofree char *ed25519 = make_key (fixture, "ed25519", "256", "");
  g_autofree char *ed25519_public = read_public (ed25519);
  g_autofree char *rsa = make_key (fixture, "rsa", "2048", "");
  g_autofree char *rsa_public = read_public (rsa);
  g_autofree char *ecdsa = make_key (fixture, "ecdsa", "384", "");
  g_autofree char *ecdsa_public = read_public (ecdsa);
  const char *files[] = { rsa, "/nonexistent", ecdsa, NULL };
  g_autoptr (GVariant) result = NULL;

  check_key (ed25519, ed25519_public, "ssh-ed25519", 256);
  check_key (rsa, rsa_public, "ssh-rsa", 2048);
  check_key (ecdsa, ecdsa_public, "ecdsa-sha2-nistp384", 384);
  result = host_keys_list (files, NULL);
  g_assert_cmpuint (g_variant_n_children (result), ==, 2);
}

static void
test_no_public (Fixture *fixture, gconstpointer data)
{
  g_autofree char *ed25519 = make_key (fixture, "ed25519", "256", "");
  g_autofree char *ed25519_public = read_public (ed25519);
  g_autofree char *rsa = make_key (fixture, "rsa", "2048", "");
  g_autofree char *rsa_public = read_public (rsa);

  remove_public (ed25519);
  remove_public (rsa);
  check_key (ed25519, ed25519_public, "ssh-ed25519", 256);
  check_key (rsa, rsa_public, "ssh-rsa", 2048);
}

/* With HostKeyAgent, HostKey names the public file. */
static void
test_public_only (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_key (fixture, "ed25519", "256", "");
  g_autofree char *public_path = g_strconcat (path, ".pub", NULL);
  g_autoptr (GVariant) result = NULL;

  g_unlink (path);
  result = list (public_path);
  g_assert_cmpuint (g_variant_n_children (result), ==, 1);
}

static void
test_passphrase (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_key (fixture, "ed25519", "256", "a secret");
  g_autofree char *path_public = read_public (path);

  check_key (path, path_public, "ssh-ed25519", 256);
  remove_public (path);
  assert_none (path);
}

/* What stands in the public file is not told unless it is a public key. */
static void
test_wrong_public (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "", "no key", "ssh-ed25519 AAAA",
                                       "ssh-ed25519 c2VjcmV0IHNlY3JldCBzZWNyZXQK", "\xff \xff" };
  g_autofree char *path = make_key (fixture, "ed25519", "256", "");
  g_autofree char *path_public = read_public (path);
  g_autofree char *public_path = g_strconcat (path, ".pub", NULL);
  g_autofree char *private_text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (g_file_set_contents (public_path, texts[i], -1, NULL));
      check_key (path, path_public, "ssh-ed25519", 256);
    }
  g_assert_true (g_file_get_contents (path, &private_text, NULL, NULL));
  g_assert_true (g_file_set_contents (public_path, private_text, -1, NULL));
  check_key (path, path_public, "ssh-ed25519", 256);
  assert_none (public_path);
}

static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *pipe = g_build_filename (fixture->folder, "pipe", NULL);
  g_autofree char *public_pipe = g_strconcat (pipe, ".pub", NULL);
  const gint64 start = g_get_monotonic_time ();

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (mkfifo (public_pipe, 0600), ==, 0);
  assert_none (pipe);
  assert_none (fixture->folder);
  assert_none ("/dev/zero");
  assert_none ("/nonexistent");
  assert_none ("");
  g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_TIME_SPAN_SECOND);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/host-keys/types", test_types);
  ADD ("/host-keys/no-public", test_no_public);
  ADD ("/host-keys/public-only", test_public_only);
  ADD ("/host-keys/passphrase", test_passphrase);
  ADD ("/host-keys/wrong-public", test_wrong_public);
  ADD ("/host-keys/unreadable", test_unreadable);
  return g_test_run ();
}
