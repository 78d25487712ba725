/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "host-keys.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "truenas-ssh-error.h"

/* A public key of 16384 bits takes 3 KiB. */
#define MAX_PUBLIC_SIZE (16 * 1024)

/* What ssh-keygen prints; (nullable) NULL if it fails, as for a key with a passphrase. What it has
 * to say about that is dropped: nothing that was near a private key goes anywhere. */
static char *
run_keygen (const char *const *argv)
{
  g_autoptr (ChildResult) result = child_run (argv, NULL, NULL);

  return result != NULL && result->status == 0 ? g_steal_pointer (&result->out) : NULL;
}

/* Type and key from the first line that is one, without the comment, as known_hosts has it;
 * (nullable). What is not a public key, such as half of a private one, does not come through: the
 * key has to begin with the type once more. */
static char *
parse_public (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit_set (g_strstrip (lines[i]), " \t", 3);
      g_autofree guchar *blob = NULL;
      gsize size = 0, length;

      if (words[0] == NULL || words[1] == NULL || !g_str_is_ascii (words[0]))
        continue;
      blob = g_base64_decode (words[1], &size);
      length = strlen (words[0]);
      if (size > 4 + length && memcmp (blob, "\0\0\0", 3) == 0 && blob[3] == length
          && memcmp (blob + 4, words[0], length) == 0)
        {
          g_autofree char *key = g_base64_encode (blob, size);

          return g_strdup_printf ("%s %s", words[0], key);
        }
    }
  return NULL;
}

/* A pipe or device would keep whoever reads it. */
static gboolean
is_file (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* The key in a public file; (nullable). */
static char *
read_public (const char *path)
{
  g_autofree char *text = g_malloc0 (MAX_PUBLIC_SIZE + 1);
  struct stat status;
  ssize_t size = -1;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    return NULL;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    size = read (fd, text, MAX_PUBLIC_SIZE);
  close (fd);
  return size > 0 ? parse_public (text) : NULL;
}

/* The public half of a private key; (nullable). An empty passphrase is tried, none is asked for. */
static char *
derive_public (const char *path)
{
  const char *argv[] = { "ssh-keygen", "-y", "-P", "", "-f", path, NULL };
  g_autofree char *output = is_file (path) ? run_keygen (argv) : NULL;

  return output != NULL ? parse_public (output) : NULL;
}

/* Takes "256 SHA256:… comment (ED25519)" apart. */
static gboolean
read_fingerprint (const char *path, guint *bits, char **fingerprint)
{
  const char *argv[] = { "ssh-keygen", "-l", "-E", "sha256", "-f", path, NULL };
  g_autofree char *output = is_file (path) ? run_keygen (argv) : NULL;
  g_auto (GStrv) words = g_strsplit_set (output ?: "", " \n", 3);
  guint64 number;

  if (words[0] == NULL || words[1] == NULL || !g_str_has_prefix (words[1], "SHA256:")
      || !g_ascii_string_to_unsigned (words[0], 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;
  *bits = (guint) number;
  *fingerprint = g_strdup (words[1]);
  return TRUE;
}

/* (nullable) NULL if @file holds no key that we can read. */
static GVariant *
describe (const char *file)
{
  g_autofree char *public_file = g_strconcat (file, ".pub", NULL);
  g_autofree char *key = read_public (public_file);
  g_autofree char *fingerprint = NULL;
  g_autofree char *type = NULL;
  GVariantDict entry;
  guint bits;

  /* With an agent, sshd is given the public file itself. */
  if (key == NULL)
    {
      g_free (g_steal_pointer (&public_file));
      public_file = g_strdup (file);
      key = g_str_has_suffix (file, ".pub") ? read_public (file) : derive_public (file);
    }
  if (key == NULL || !read_fingerprint (public_file, &bits, &fingerprint))
    return NULL;
  type = g_strndup (key, strcspn (key, " "));
  g_variant_dict_init (&entry, NULL);
  g_variant_dict_insert (&entry, "type", "s", type);
  g_variant_dict_insert (&entry, "bits", "u", bits);
  g_variant_dict_insert (&entry, "fingerprint", "s", fingerprint);
  g_variant_dict_insert (&entry, "known-hosts", "s", key);
  return g_variant_dict_end (&entry);
}

GVariant *
host_keys_list (const char *const *files, GError **error)
{
  g_autofree char *keygen = g_find_program_in_path ("ssh-keygen");
  GVariantBuilder builder;

  if (keygen == NULL)
    {
      g_set_error_literal (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
                           "ListHostKeys: there is no ssh-keygen; install OpenSSH's client");
      return NULL;
    }
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; files[i] != NULL; i++)
    {
      GVariant *entry = describe (files[i]);

      if (entry != NULL)
        g_variant_builder_add_value (&builder, entry);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
