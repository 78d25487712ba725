/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells when one of some interfaces comes, goes, or is another one of the same name. The kernel
 * says so itself, whether NetworkManager runs or not. Main context only. */
typedef struct _LinkWatch LinkWatch;

/* A burst of events comes as one. (nullable) NULL: the kernel does not tell. */
LinkWatch *link_watch_new (void (*changed) (gpointer user_data), gpointer user_data);

/* From now on these; nothing is told of others. */
void link_watch_set_names (LinkWatch *self, const char *const *names);

/* a{ss}: those that have got another name since, by the old one. (transfer full) */
GVariant *link_watch_renamed (const LinkWatch *self);

void link_watch_free (LinkWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LinkWatch, link_watch_free)

G_END_DECLS
