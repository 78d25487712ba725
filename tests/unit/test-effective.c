/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "real-sshd.h"

static void
test_parse (void)
{
  g_autoptr (Effective) effective =
      effective_parse ("port 22\nacceptenv LANG\nbanner none\nacceptenv LC_*\nsetenv\n"
                       "subsystem sftp /usr/lib/sftp-server -l INFO\n\nforcecommand  x \n");
  const char *const *list = effective_list (effective, "acceptenv");

  g_assert_cmpstr (effective_get (effective, "port"), ==, "22");
  g_assert_cmpstr (effective_get (effective, "subsystem"), ==, "sftp /usr/lib/sftp-server -l INFO");
  g_assert_cmpstr (effective_get (effective, "forcecommand"), ==, " x ");
  g_assert_cmpstr (effective_get (effective, "setenv"), ==, "");
  g_assert_cmpstr (effective_get (effective, "missing"), ==, "");
  g_assert_cmpstr (effective_get (effective, "Port"), ==, "");
  g_assert_cmpstr (list[0], ==, "LANG");
  g_assert_cmpstr (list[1], ==, "LC_*");
  g_assert_null (list[2]);
  g_assert_null (effective_list (effective, "missing")[0]);
  g_assert_true (effective_is (effective, "banner", "none"));
  g_assert_false (effective_is (effective, "banner", "None"));
  g_assert_false (effective_is (effective, "acceptenv", "LC_*"));
  g_assert_true (effective_is (effective, "missing", ""));
}

static void
test_equal (void)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean equal;
  } cases[] = {
    { "", "", TRUE },
    { "port 22\nbanner x\n", "banner x\nport 22\n", TRUE },
    { "port 22\n", "port 23\n", FALSE },
    { "port 22\n", "port 22\nport 22\n", FALSE },
    { "port 22\n", "port 22\nbanner x\n", FALSE },
    { "port 22\nbanner x\n", "port 22\n", FALSE },
    { "port 22\nport 23\n", "port 23\nport 22\n", FALSE },
    { "port 22\n", "banner 22\n", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Effective) a = effective_parse (cases[i].a);
      g_autoptr (Effective) b = effective_parse (cases[i].b);

      g_assert_cmpint (effective_equal (a, b), ==, cases[i].equal);
    }
}

static char *
show_endpoints (const Effective *effective)
{
  g_autoptr (GPtrArray) endpoints = effective_endpoints (effective);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < endpoints->len; i++)
    {
      const Endpoint *endpoint = g_ptr_array_index (endpoints, i);

      g_string_append_printf (text, "%s|%u|%s%s;", endpoint->address, endpoint->port,
                              endpoint->interface ?: "",
                              endpoint_is_wildcard (endpoint) ? "*" : "");
    }
  return g_string_free (text, FALSE);
}

static void
test_endpoints (void)
{
  static const struct
  {
    const char *line;
    const char *expected;
  } cases[] = {
    { "0.0.0.0:22", "0.0.0.0|22|*;" },
    { "[::]:65535", "::|65535|*;" },
    { "0.0.0.0:22 rdomain eth0", "0.0.0.0|22|eth0*;" },
    { "[::]:22 rdomain lo", "::|22|lo*;" },
    { "[::1]:22", "::1|22|;" },
    { "[fe80::1%eth0]:22", "fe80::1%eth0|22|;" },
    { "192.0.2.1:2222", "192.0.2.1|2222|;" },
    { "192.0.2.1:2222 other eth0", "192.0.2.1|2222|;" },
    { "192.0.2.1:2222 rdomain", "192.0.2.1|2222|;" },
    { "", "" },
    { "0.0.0.0", "" },
    { "0.0.0.0:", "" },
    { "0.0.0.0:0", "" },
    { "0.0.0.0:65536", "" },
    { "0.0.0.0:x", "" },
    { ":22", "" },
    { "[:22", "" },
    { "[", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("port 9\nlistenaddress %s\n", cases[i].line);
      g_autoptr (Effective) effective = effective_parse (text);
      g_autofree char *shown = show_endpoints (effective);

      g_test_message ("%s", cases[i].line);
      g_assert_cmpstr (shown, ==, cases[i].expected);
    }
}

static void
check_real (const char *config, const char *expected)
{
  g_autoptr (Effective) effective = real_sshd_effective (config);
  g_autofree char *shown = show_endpoints (effective);

  g_assert_cmpstr (shown, ==, expected);
}

static void
test_endpoints_of_sshd (void)
{
  check_real ("AddressFamily inet\n", "0.0.0.0|22|*;");
  check_real ("AddressFamily inet\nPort 23\nPort 24\n", "0.0.0.0|23|*;0.0.0.0|24|*;");
  check_real ("ListenAddress 192.0.2.1\nPort 23\n", "192.0.2.1|23|;");
  check_real ("ListenAddress 127.0.0.1:24 rdomain lo\nListenAddress [::1]:24 rdomain lo\n",
              "127.0.0.1|24|lo;::1|24|lo;");
  check_real ("ListenAddress [::]:24 rdomain lo\nPort 23\n", "::|24|lo*;");
  check_real ("ListenAddress 0.0.0.0\nListenAddress ::\nListenAddress 127.0.0.1:9\n",
              "0.0.0.0|22|*;::|22|*;127.0.0.1|9|;");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  real_sshd_set_up ();

  g_test_add_func ("/effective/parse", test_parse);
  g_test_add_func ("/effective/equal", test_equal);
  g_test_add_func ("/effective/endpoints", test_endpoints);
  g_test_add_func ("/effective/endpoints-of-sshd", test_endpoints_of_sshd);
  status = g_test_run ();
  real_sshd_tear_down ();
  return status;
}
