/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdlib.h>

#include "truenas-sshctl.h"

int
ctl_start (Ctl *ctl, GError **error)
{
  return truenas_ssh_client_start (ctl->client, NULL, error) ? EXIT_SUCCESS : -1;
}

int
ctl_stop (Ctl *ctl, GError **error)
{
  return truenas_ssh_client_stop (ctl->client, NULL, error) ? EXIT_SUCCESS : -1;
}

int
ctl_restart (Ctl *ctl, GError **error)
{
  return truenas_ssh_client_restart (ctl->client, NULL, error) ? EXIT_SUCCESS : -1;
}

int
ctl_enable (Ctl *ctl, GError **error)
{
  return truenas_ssh_client_set_start_on_boot (ctl->client, TRUE, NULL, error) ? EXIT_SUCCESS : -1;
}

int
ctl_disable (Ctl *ctl, GError **error)
{
  return truenas_ssh_client_set_start_on_boot (ctl->client, FALSE, NULL, error) ? EXIT_SUCCESS : -1;
}
