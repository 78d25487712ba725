/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "diff.h"

#include "child.h"
#include "scratch.h"
#include "truenas-ssh-error.h"

#define CONTEXT 3 /* lines */

char *
diff_texts (const char *path,
            const char *before,
            const char *after,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (Scratch) scratch = scratch_new (error);
  g_autofree char *a = scratch ? scratch_write (scratch, "a", before ? before : "", error) : NULL;
  g_autofree char *b = a ? scratch_write (scratch, "b", after ? after : "", error) : NULL;
  const char *argv[] = {
    "diff", "-u", "--label", before ? path : "/dev/null", "--label", after ? path : "/dev/null",
    a,      b,    NULL
  };
  g_autoptr (ChildResult) result = b ? child_run (argv, cancellable, error) : NULL;

  if (result == NULL)
    return NULL;
  if (result->status == 0 || result->status == 1)
    return g_steal_pointer (&result->out);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED, "%s: diff failed: %s", path,
               result->err);
  return NULL;
}

/* A last line without an end is another one than with it. */
static GPtrArray *
split (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) parts = g_strsplit (valid, "\n", -1);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; parts[i] != NULL; i++)
    if (parts[i + 1] != NULL)
      g_ptr_array_add (lines, g_strdup (parts[i]));
    else if (*parts[i] != '\0')
      g_ptr_array_add (lines, g_strconcat (parts[i], "\n\\ No newline at end of file", NULL));
  return lines;
}

/* How many lines both have in common, from the first on or from the last one back. */
static guint
count_common (const GPtrArray *a, const GPtrArray *b, guint most, gboolean from_end)
{
  guint n = 0;

  while (n < most
         && g_str_equal (g_ptr_array_index (a, from_end ? a->len - 1 - n : n),
                         g_ptr_array_index (b, from_end ? b->len - 1 - n : n)))
    n++;
  return n;
}

static void
add_lines (GString *diff, char mark, const GPtrArray *lines, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    g_string_append_printf (diff, "%c%s\n", mark, (const char *) g_ptr_array_index (lines, i));
}

char *
diff_plain (const char *path, const char *before, const char *after)
{
  g_autoptr (GString) diff = g_string_new (NULL);
  g_autoptr (GPtrArray) a = split (before);
  g_autoptr (GPtrArray) b = split (after);
  guint head = count_common (a, b, MIN (a->len, b->len), FALSE);
  guint tail = count_common (a, b, MIN (a->len, b->len) - head, TRUE);
  guint start = head - MIN (head, CONTEXT);
  guint behind = MIN (tail, CONTEXT);
  guint n_a = a->len - tail + behind - start;
  guint n_b = b->len - tail + behind - start;

  if (head == a->len && head == b->len)
    return g_strdup ("");
  g_string_append_printf (diff, "--- %s\n+++ %s\n", *before != '\0' ? path : "/dev/null",
                          *after != '\0' ? path : "/dev/null");
  g_string_append_printf (diff, "@@ -%u,%u +%u,%u @@\n", start + (n_a > 0), n_a, start + (n_b > 0),
                          n_b);
  add_lines (diff, ' ', a, start, head);
  add_lines (diff, '-', a, head, a->len - tail);
  add_lines (diff, '+', b, head, b->len - tail);
  add_lines (diff, ' ', a, a->len - tail, a->len - tail + behind);
  return g_string_free (g_steal_pointer (&diff), FALSE);
}
