/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "effective.h"

/* The settings in the language of sshd_config(5), there and back. A row for each. Pure. */

#define SSHD_CONFIG_MAX_SOCKETS 16 /* MAX_LISTEN_SOCKS of sshd */

/* What rendering needs to know besides the settings. */
typedef struct
{
  GVariant *settings;            /* the managed ones */
  const Effective *base;         /* what sshd would do without them, but with the auxiliary lines */
  const char *const *interfaces; /* those of BindInterfaces that exist */
  const char *const *groups;     /* a safe pattern for each of PasswordLoginGroups that exists */
  const char *const *arguments;  /* (nullable) those of sshd's command line, which win */
  gboolean ipv6;                 /* the kernel has IPv6 */
  gboolean loopback_ipv6;        /* and on loopback too */
  gboolean
      subsystem_elsewhere; /* a second Subsystem line is fatal: it replaces the first, in place */
} SshdConfigFacts;

/* The configuration, without the drop-in's header. */
typedef struct
{
  char *text;           /* (owned) */
  guint auxiliary_line; /* where the auxiliary text begins, from 1 */
  guint n_auxiliary;    /* how many lines it has */
} SshdConfig;

void sshd_config_free (SshdConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SshdConfig, sshd_config_free)

/* Fails where the settings cannot be said at all, such as with too many sockets. */
SshdConfig *sshd_config_render (const SshdConfigFacts *facts, GError **error);

/* The auxiliary text, and nothing else. */
SshdConfig *sshd_config_render_auxiliary (const char *text, GError **error);

/* The lines that bind sshd to the interfaces, "" where none are to be bound. */
char *sshd_config_listen_lines (const SshdConfigFacts *facts);

/* The lines of the setting WeakCiphers. NULL: what is set leaves sshd no cipher at all. */
char *sshd_config_cipher_lines (const SshdConfigFacts *facts);

/* The line of the auxiliary text that stands on a line of the configuration; 0: it is none. */
guint sshd_config_auxiliary_line (const SshdConfig *self, guint line);

/* The command of the SFTP subsystem with the log level and facility of the settings. NULL: there is
 * nothing to set. */
char *sshd_config_sftp_command (const SshdConfigFacts *facts, GError **error);

/* The value of a setting that comes nearest to what sshd does. NULL: none is read from it. */
GVariant *sshd_config_read (const Effective *effective, const char *setting);

/* What is beyond the words of that value, in English; NULL: it says all. */
char *sshd_config_beyond (const Effective *effective, const char *setting);

/* Whether sshd does what is set, for a user and connection to whom no exception applies. */
gboolean
sshd_config_holds (const SshdConfigFacts *facts, const Effective *effective, const char *setting);

/* Whether a configuration of ours opens passwords to groups. */
gboolean sshd_config_opens_groups (const char *text);

/* Whether its value closes something that a foreign Match block could open again. */
gboolean sshd_config_refuses (const SshdConfigFacts *facts, const char *setting);
