/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that does nothing but know NetworkManager's objects, for its memory. It says "ready".
 */

#include "config.h"

#include <NetworkManager.h>

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (NMClient) client = nm_client_new (NULL, &error);

  if (client == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("ready\n");
  g_main_loop_run (loop);
  return 0;
}
