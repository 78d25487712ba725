/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* The unified diff of a file's texts, "" if they are the same; NULL: it is not there. Runs diff(1):
 * for worker threads. */
char *diff_texts (const char *path,
                  const char *before,
                  const char *after,
                  GCancellable *cancellable,
                  GError **error);

/* The same as one hunk, from the first line that differs to the last: less to the point, but pure
 * text. "": it is not there. */
char *diff_plain (const char *path, const char *before, const char *after);
