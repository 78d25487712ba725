/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* Users who are not in this machine's own files, but in a directory that it is joined to. Reads
 * files, and asks no directory. */

/* The name service's word for a directory whose users the machine knows and whose passwords
 * something checks: "sss", "ldap", "winbind", … NULL: it is joined to none, or nothing takes their
 * passwords. root: "/"; pam_service: (nullable) by which sshd asks PAM. */
char *directory_with_passwords (const char *root, const char *pam_service);
