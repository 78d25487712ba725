/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "drop-in.h"
#include "settings.h"

#define SEED 20260101

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

static char *
compose (GVariant *settings, guint64 generation, const char *config)
{
  guint n_header = 0;
  char *text = drop_in_compose (settings, generation, config, &n_header);

  g_assert_true (g_str_has_suffix (text, config));
  g_assert_cmpuint (count_lines (text) - count_lines (config), ==, n_header);
  return text;
}

static void
test_compose (void)
{
  g_autoptr (GVariant) settings = parse ("{'TcpPort': <uint16 2222>, 'BindInterfaces': <@as []>, "
                                         "'AuxiliaryParameters': <'Banner \"/a b\"\\n# ü\\n'>}");
  g_autofree char *text = compose (settings, 7, "Port 2222\n");
  g_autofree char *again = compose (settings, 7, "Port 2222\n");
  const char *sum = strstr (text, "#: sha256 ");

  g_assert_cmpstr (text, ==, again);
  g_assert_true (g_str_has_prefix (text, "# Written by truenas-ssh,"));
  g_assert_nonnull (strstr (text, "\n#: format 1\n#: generation 7\n#: sha256 "));
  g_assert_cmpstr (sum + strlen ("#: sha256 ") + 64, ==,
                   "\n#: TcpPort = uint16 2222\n#: BindInterfaces = @as []\n"
                   "#: AuxiliaryParameters = 'Banner \"/a b\"\\n# ü\\n'\n\nPort 2222\n");
}

static void
check_round_trip (GVariant *settings, guint64 generation, const char *config)
{
  g_autofree char *text = compose (settings, generation, config);
  g_autoptr (DropIn) back = drop_in_parse (text);

  g_assert_false (back->edited);
  g_assert_cmpuint (back->generation, ==, generation);
  g_assert_cmpvariant (back->settings, settings);
  g_assert_cmpstr (drop_in_config (text), ==, config);
}

/* Of all planes, with what GVariant's text and ours give a meaning to. */
static char *
random_text (GRand *rand, gboolean lines)
{
  static const char special[] = "'\"\\<>[]{}(),:=#@%u \t\n\r";
  GString *text = g_string_new (NULL);
  gint32 n = g_rand_int_range (rand, 1, 30);

  while (n-- > 0)
    {
      gunichar c = (gunichar) g_rand_int_range (rand, 1, 0x110000);
      const char s = special[g_rand_int_range (rand, 0, sizeof special - 1)];

      if (g_rand_int_range (rand, 0, 4) > 0)
        c = (guchar) s;
      if (!g_unichar_validate (c) || (!lines && !g_unichar_isprint (c)))
        c = 'a';
      g_string_append_unichar (text, c);
    }
  if (lines)
    g_string_replace (text, "\r\n", "\n", 0);
  return g_string_free (text, FALSE);
}

static GVariant *
random_list (GRand *rand)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  gint32 n = g_rand_int_range (rand, 0, 4);

  for (gint32 i = 0; i < n; i++)
    {
      g_autofree char *text = random_text (rand, FALSE);
      g_autofree char *name = g_strdup_printf ("%d%s", i, text);

      g_variant_builder_add (&builder, "s", name);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
random_settings (GRand *rand)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *lines = random_text (rand, TRUE);

  if (g_rand_boolean (rand))
    g_variant_builder_add (&builder, "{sv}", "TcpPort",
                           g_variant_new_uint16 ((guint16) g_rand_int_range (rand, 1, 65536)));
  if (g_rand_boolean (rand))
    g_variant_builder_add (&builder, "{sv}", "PasswordLoginGroups", random_list (rand));
  if (g_rand_boolean (rand))
    g_variant_builder_add (&builder, "{sv}", "PasswordAuthentication",
                           g_variant_new_boolean (g_rand_boolean (rand)));
  if (g_rand_boolean (rand))
    g_variant_builder_add (&builder, "{sv}", "SftpLogLevel", g_variant_new_string ("INFO"));
  if (g_rand_boolean (rand))
    g_variant_builder_add (&builder, "{sv}", "WeakCiphers", g_variant_new_strv (NULL, 0));
  if (g_rand_boolean (rand))
    g_variant_builder_add (&builder, "{sv}", "AuxiliaryParameters", g_variant_new_string (lines));
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
test_round_trip (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  g_autoptr (GVariant) nothing = parse ("{}");

  check_round_trip (nothing, 0, "");
  check_round_trip (nothing, G_MAXUINT64, "\n\n#: TcpPort = uint16 1\n\n");
  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (GVariant) settings = random_settings (rand);
      guint64 generation = ((guint64) g_rand_int (rand) << 32) | g_rand_int (rand);
      g_autofree char *config = random_text (rand, TRUE);

      check_round_trip (settings, generation, config);
    }
}

static void
test_absent (void)
{
  g_autoptr (DropIn) absent = drop_in_parse (NULL);
  g_autoptr (DropIn) empty = drop_in_parse ("");

  g_assert_false (absent->edited);
  g_assert_cmpuint (absent->generation, ==, 0);
  g_assert_cmpuint (g_variant_n_children (absent->settings), ==, 0);
  g_assert_true (empty->edited);
  g_assert_cmpuint (empty->generation, ==, 0);
  g_assert_cmpuint (g_variant_n_children (empty->settings), ==, 0);
  g_assert_cmpstr (drop_in_config (""), ==, "");
}

static char *
sample (void)
{
  g_autoptr (GVariant) settings =
      parse ("{'TcpPort': <uint16 2222>, 'PasswordLoginGroups': <['a', 'ü b']>, "
             "'Compression': <true>, 'WeakCiphers': <@as []>, "
             "'AuxiliaryParameters': <'UseDNS no\\n#: x\\n'>}");

  return compose (settings, 1234, "Port 2222\nUseDNS no\n#: x\nMatch Group \"a,ü b\"\n");
}

/* Where the text as a whole is not what it was, it says so; the introduction may be anybody's. */
static void
check_edited (const char *text, const char *changed)
{
  g_autoptr (DropIn) before = drop_in_parse (text);
  g_autoptr (DropIn) after = drop_in_parse (changed);
  const char *a = strstr (text, "\n#: format ");
  const char *b = strstr (changed, "\n#: format ");

  if (after->edited)
    {
      g_assert_cmpuint (after->generation, ==, 0);
      return;
    }
  g_assert_cmpuint (before->generation, ==, after->generation);
  g_assert_cmpvariant (before->settings, after->settings);
  g_assert_cmpstr (a, ==, b);
  for (const char *line = changed; line < b; line = strchr (line, '\n') + 1)
    g_assert_true (*line == '#');
}

/* Every byte in turn becomes every one that differs in a bit, and some more. */
static void
test_flipped (void)
{
  static const char others[] = "\n#: =x\"'\xff\xc3\x80\xf8";
  g_autofree char *text = sample ();
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    {
      const char was = text[i];
      g_autofree char *changed = g_strdup (text);

      for (guint bit = 0; bit < 8; bit++)
        {
          changed[i] = (char) (was ^ (1 << bit));
          check_edited (text, changed);
        }
      for (const char *other = others; *other != '\0'; other++)
        {
          changed[i] = *other;
          check_edited (text, changed);
        }
    }
}

static void
test_truncated (void)
{
  g_autofree char *text = sample ();

  for (gsize i = 0; i < strlen (text); i++)
    {
      g_autofree char *less = g_strndup (text, i);
      g_autofree char *without = g_strdup_printf ("%.*s%s", (int) i, text, text + i + 1);
      g_autofree char *twice = g_strdup_printf ("%.*s%s", (int) i + 1, text, text + i);
      g_autoptr (DropIn) parsed = drop_in_parse (less);

      g_assert_true (parsed->edited);
      check_edited (text, without);
      check_edited (text, twice);
    }
}

static char *
replace (const char *text, const char *from, const char *to)
{
  g_autoptr (GString) changed = g_string_new (text);

  g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  return g_string_free (g_steal_pointer (&changed), FALSE);
}

static void
test_edited (void)
{
  static const struct
  {
    const char *from;
    const char *to;
  } cases[] = {
    { "#: format 1\n", "#: format 2\n" },
    { "#: format 1\n", "#: format 1x\n" },
    { "#: format 1\n", "#: format 1\r\n" },
    { "#: format 1\n", "" },
    { "#: format 1\n", "\n#: format 1\n" },
    { "#: generation 1234\n", "#: generation 1235\n" },
    { "#: generation 1234\n", "#: generation -1\n" },
    { "#: generation 1234\n", "#: generation 18446744073709551616\n" },
    { "#: generation 1234\n", "" },
    { "#: sha256 ", "#: sha512 " },
    { "#: TcpPort = uint16 2222\n", "#: TcpPort = uint16 22\n" },
    { "#: TcpPort = uint16 2222\n", "#: TcpPort = uint16 0\n" },
    { "#: TcpPort = uint16 2222\n", "#: TcpPort = 2222\n" },
    { "#: TcpPort = uint16 2222\n", "#: TcpPort = \n" },
    { "#: TcpPort = uint16 2222\n", "#: TcpPort\n" },
    { "#: TcpPort = uint16 2222\n", "#: \xff = uint16 2222\n" },
    { "#: TcpPort = uint16 2222\n", "#: TcpPort = '\xff'\n" },
    { "#: TcpPort = uint16 2222\n", "#: TcpPort = ((((((((((\n" },
    { "#: TcpPort = uint16 2222\n", "#: Later = true\n#: TcpPort = uint16 2222\n" },
    { "#: TcpPort = uint16 2222\n", "" },
    { "\nPort 2222\n", "\nPort 22\n" },
    { "\nPort 2222\n", "Port 2222\n" },
    { "Port 2222\n", "Port 2222\r\n" },
  };
  g_autofree char *text = sample ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *changed = replace (text, cases[i].from, cases[i].to);
      g_autoptr (DropIn) parsed = drop_in_parse (changed);

      g_assert_true (parsed->edited);
      g_assert_cmpuint (parsed->generation, ==, 0);
    }
}

/* The settings in it still tell what somebody wanted, as far as they can be read. */
static void
test_edited_settings (void)
{
  g_autofree char *text = sample ();
  g_autofree char *changed = replace (text, "\nUseDNS no\n", "\nUseDNS yes\n");
  g_autofree char *broken = replace (text, "uint16 2222", "nonsense");
  g_autoptr (DropIn) readable = drop_in_parse (changed);
  g_autoptr (DropIn) unreadable = drop_in_parse (broken);

  g_assert_cmpuint (g_variant_n_children (readable->settings), ==, 5);
  g_assert_cmpuint (g_variant_n_children (unreadable->settings), ==, 0);
}

static void
test_is (void)
{
  g_assert_true (drop_in_is (DROP_IN_PATH));
  g_assert_true (drop_in_is ("/somewhere/else/00-truenas.conf"));
  g_assert_false (drop_in_is ("/etc/ssh/sshd_config.d/100-truenas.conf"));
  g_assert_false (drop_in_is ("/etc/ssh/sshd_config.d/00-truenas.conf.bak"));
  g_assert_false (drop_in_is ("/etc/ssh/sshd_config"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/drop-in/compose", test_compose);
  g_test_add_func ("/drop-in/round-trip", test_round_trip);
  g_test_add_func ("/drop-in/absent", test_absent);
  g_test_add_func ("/drop-in/flipped", test_flipped);
  g_test_add_func ("/drop-in/truncated", test_truncated);
  g_test_add_func ("/drop-in/edited", test_edited);
  g_test_add_func ("/drop-in/edited/settings", test_edited_settings);
  g_test_add_func ("/drop-in/is", test_is);
  return g_test_run ();
}
