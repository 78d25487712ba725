/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "authorized-key.h"

#define ED25519 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct
{
  const char *line;
  const char
      *flags; /* (nullable) no key: else of s a f r, strange, authority, forced, restricted */
} cases[] = {
  { ED25519, "" },
  { ED25519 " a comment", "" },
  { " \t" ED25519 "\r", "" },
  { "restrict,PTY,no-x11-forwarding " ED25519, "" },
  { "no-touch-required,verify-required " ED25519, "" },
  { "cert-authority " ED25519, "a" },
  { "command=\"a \\\"b c\" " ED25519, "f" },
  { "environment=\"A=1\",permitopen=\"h:1\" " ED25519, "r" },
  { "new-option " ED25519, "s" },
  { "new-option=\"a b\" " ED25519, "s" },
  { "", NULL },
  { "# " ED25519, NULL },
  { "ssh-ed25519", NULL },
  { "ssh-ed25519 AAAA", NULL },
  { "ssh-rsa " ED25519, "s" },
  { "ssh-ed25518 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL },
  { "command=\"a " ED25519, NULL },
  { "command=a " ED25519, NULL },
  { "command=\"a\"b " ED25519, NULL },
  { "command=\"a\",command=\"b\" " ED25519, NULL },
  { "from=\"a\",from=\"b\" " ED25519, NULL },
  { "restrict, " ED25519, "" },
  { "expiry-time=\"later\" " ED25519, NULL },
  { "expiry-time=\"202001\" " ED25519, NULL },
  { ED25519 "A", NULL },
};

static void
test_lines (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AuthorizedKey) key = authorized_key_parse (cases[i].line);
      char flags[5] = "";
      gsize n = 0;

      if (cases[i].flags == NULL)
        {
          g_assert_null (key);
          continue;
        }
      g_assert_nonnull (key);
      g_assert_cmpstr (key->type, ==, "ssh-ed25519");
      if (key->strange)
        flags[n++] = 's';
      if (key->authority)
        flags[n++] = 'a';
      if (key->forced)
        flags[n++] = 'f';
      if (key->restricted)
        flags[n++] = 'r';
      g_assert_cmpstr (flags, ==, cases[i].flags);
    }
}

static void
test_values (void)
{
  g_autoptr (AuthorizedKey) key = authorized_key_parse (
      "from=\"10.*,!10.0.0.1\",expiry-time=\"20300102\",expiry-time=\"20200102Z\" " ED25519);

  g_assert_cmpstr (key->from, ==, "10.*,!10.0.0.1");
  g_assert_cmpint (key->expires, ==, 1577923200);
}

/* A blob of strings. */
static char *
make_line (const char *type, const char *const *fields, const gsize *lengths)
{
  g_autoptr (GByteArray) blob = g_byte_array_new ();
  g_autofree char *text = NULL;

  for (gsize i = 0; fields[i] != NULL; i++)
    {
      guint32 length = GUINT32_TO_BE ((guint32) lengths[i]);

      g_byte_array_append (blob, (const guint8 *) &length, 4);
      g_byte_array_append (blob, (const guint8 *) fields[i], (guint) lengths[i]);
    }
  text = g_base64_encode (blob->data, blob->len);
  return g_strdup_printf ("%s %s", type, text);
}

/* bits: 0 for no key. */
static void
check_rsa (const char *name, gsize bytes, guchar first, guint bits)
{
  g_autofree char *modulus = g_malloc0 (bytes + 1);
  const char *fields[] = { "ssh-rsa", "\1\0\1", modulus, NULL };
  const gsize lengths[] = { 7, 3, bytes };
  g_autofree char *line = NULL;
  g_autoptr (AuthorizedKey) key = NULL;

  modulus[0] = (char) first;
  line = make_line (name, fields, lengths);
  key = authorized_key_parse (line);
  g_assert_cmpint (key ? key->bits : 0, ==, bits);
}

static void
test_rsa (void)
{
  check_rsa ("ssh-rsa", 256, 0x40, 2047);
  check_rsa ("rsa-sha2-512", 256, 0x7f, 2047);
  check_rsa ("ssh-rsa", 129, 0x01, 1025);
  check_rsa ("ssh-rsa", 128, 0x40, 0);  /* too short */
  check_rsa ("ssh-rsa", 256, 0x80, 0);  /* negative */
  check_rsa ("ssh-rsa", 4000, 0x40, 0); /* too long */
  check_rsa ("ssh-dss", 256, 0x40, 0);
}

/* Whatever comes, nothing is read that is not there. */
static void
test_noise (void)
{
  static const char *const words[] = {
    "ssh-rsa ", ED25519,   "\"", ",", "=", " ", "from=\"", "\\", "\t", "AAAAC3NzaC1lZDI1NTE5AAAAIA",
    "#",        "restrict"
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) line = g_string_new (NULL);
      g_autoptr (AuthorizedKey) key = NULL;

      for (gint32 n = g_rand_int_range (rand, 0, 8); n > 0; n--)
        g_string_append (line, words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]);
      key = authorized_key_parse (line->str);
      g_assert_true (key == NULL || strstr (line->str, "AAAA") != NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/authorized-key/lines", test_lines);
  g_test_add_func ("/authorized-key/values", test_values);
  g_test_add_func ("/authorized-key/rsa", test_rsa);
  g_test_add_func ("/authorized-key/noise", test_noise);
  return g_test_run ();
}
