/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "config-tree.h"
#include "sshd-config.h"

/* What somebody who manages this machine should know. A warning is (sa{sv}): a code, and details
 * that always hold a message. */

/* Adds one to an a(sa{sv}). The rest are pairs of a key and a GVariant, NULL at the end. */
void warning_add (GVariantBuilder *warnings, const char *code, const char *message, ...)
    G_GNUC_NULL_TERMINATED;

/* A path, or a text with one: the name of a file can be anything, what D-Bus carries is UTF-8. */
GVariant *warning_path (const char *path);

/* All that follow from settings and what sshd makes of them: names that are missing, settings
 * without effect, what is weak or open, exceptions. Asks the name service: for worker threads. */
void warnings_collect (const SshdConfigFacts *facts,
                       const Effective *effective,
                       const ConfigTree *tree,
                       GVariantBuilder *warnings);
