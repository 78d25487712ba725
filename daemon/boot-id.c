/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "boot-id.h"

#include <string.h>

#include <gio/gio.h>

#define START_TIME 20 /* the field of /proc/PID/stat, from the bracket behind the name */

/* (nullable) Empty where processes are hidden from us, which then holds for as long as we run. */
static char *
read_init (void)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  const char *end;
  g_auto (GStrv) fields = NULL;

  if (!g_file_get_contents ("/proc/1/stat", &text, NULL, &error))
    {
      gboolean hidden = g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_ACCES)
                        || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_PERM)
                        || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);

      return hidden ? g_strdup ("") : NULL;
    }
  end = strrchr (text, ')');
  fields = g_strsplit (end ? end : "", " ", -1);
  return g_strdup (g_strv_length (fields) > START_TIME ? fields[START_TIME] : "");
}

static char *
read_both (void)
{
  g_autofree char *kernel = NULL;
  g_autofree char *init = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &kernel, NULL, NULL))
    return NULL;
  init = read_init ();
  return init ? g_strdup_printf ("%s %s", g_strchomp (kernel), init) : NULL;
}

const char *
boot_id_get (void)
{
  static char *known;
  static GMutex lock;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);

  if (known == NULL)
    known = read_both ();
  return known;
}
