/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "fuzz.h"

#include "effective.h"
#include "settings.h"
#include "sftp-command.h"
#include "sshd-config.h"

/* What a program prints is made UTF-8 before anybody reads it. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *bytes = fuzz_text (data, size);
  g_autofree char *text = g_utf8_make_valid (bytes, -1);
  g_autoptr (Effective) effective = effective_parse (text);
  const char *const *names = settings_names ();
  const char *command = sftp_command_find (effective);
  g_autofree char *changed G_GNUC_UNUSED =
      command ? sftp_command_with (command, "INFO", "AUTH") : NULL;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GVariant) value G_GNUC_UNUSED = sshd_config_read (effective, names[i]);
      g_autofree char *beyond G_GNUC_UNUSED = sshd_config_beyond (effective, names[i]);
    }
  g_assert_true (effective_equal (effective, effective));
  return 0;
}
