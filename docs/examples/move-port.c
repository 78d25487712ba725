/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <truenas-ssh.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TruenasSshClient) client = truenas_ssh_client_new (NULL, &error);
  guint16 port = argc > 1 ? (guint16) strtoul (argv[1], NULL, 10) : 22;
  GVariant *settings = g_variant_new_parsed ("{'TcpPort': <%q>}", port);
  g_autoptr (GVariant) result = NULL;

  if (client != NULL)
    result = truenas_ssh_client_apply (client, settings, NULL, NULL, &error);
  puts (result != NULL ? "done" : error->message);
  return result != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
