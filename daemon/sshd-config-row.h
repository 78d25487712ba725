/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "sshd-config.h"

/* How one setting is said in sshd_config(5), and read back. */
typedef struct
{
  const char *setting;

  /* The nearest value of what sshd does. (transfer floating) (nullable) */
  GVariant *(*read) (const Effective *effective);

  /* What that value does not say; NULL: nothing. (nullable) */
  char *(*beyond) (const Effective *effective);

  /* Appends its global lines. (nullable) */
  gboolean (*write) (GString *out, const SshdConfigFacts *facts, GError **error);

  /* Appends the lines that keep closed what it closes; FALSE: there are none. (nullable) */
  gboolean (*refuse) (GString *out, const SshdConfigFacts *facts);

  /* Whether sshd does what is set. (nullable): it does when it reads the same, and nothing is
   * beyond */
  gboolean (*holds) (const SshdConfigFacts *facts, const Effective *effective);
} SshdConfigRow;

extern const SshdConfigRow sshd_config_port;
extern const SshdConfigRow sshd_config_groups;
extern const SshdConfigRow sshd_config_password;
extern const SshdConfigRow sshd_config_kerberos;
extern const SshdConfigRow sshd_config_forwarding;
extern const SshdConfigRow sshd_config_interfaces;
extern const SshdConfigRow sshd_config_compression;
extern const SshdConfigRow sshd_config_sftp_level;
extern const SshdConfigRow sshd_config_sftp_facility;
extern const SshdConfigRow sshd_config_ciphers;

/* The Match block that opens passwords to the groups; nothing where they are closed or open to all.
 */
void sshd_config_write_groups (GString *out, const SshdConfigFacts *facts);

/* yes and no settings are alike but for their keyword. */
gboolean sshd_config_write_boolean (GString *out,
                                    const SshdConfigFacts *facts,
                                    const char *setting,
                                    const char *keyword);
gboolean sshd_config_refuse_boolean (GString *out,
                                     const SshdConfigFacts *facts,
                                     const char *setting,
                                     const char *keyword);
