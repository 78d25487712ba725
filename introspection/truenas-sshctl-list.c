/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#include "truenas-sshctl-text.h"
#include "truenas-sshctl.h"

/* (transfer full): what a dictionary has under @key, as a cell. */
static char *
cell (GVariant *dictionary, const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dictionary, key, NULL);
  char *text = value != NULL ? text_value (value) : g_strdup ("");

  if (*text == '\0')
    {
      g_free (text);
      return g_strdup ("-");
    }
  return text;
}

/* (transfer full): rows of a list of dictionaries, by keys, below the headings. */
static GPtrArray *
rows_of (GVariant *list, const char *const *headings, const char *const *keys)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  GVariantIter iter;
  GVariant *each = NULL;

  g_ptr_array_add (rows, g_strdupv ((char **) headings));
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "@a{sv}", &each))
    {
      g_autoptr (GStrvBuilder) row = g_strv_builder_new ();

      for (gsize n = 0; keys[n] != NULL; n++)
        {
          g_autofree char *text = cell (each, keys[n]);

          g_strv_builder_add (row, text);
        }
      g_ptr_array_add (rows, g_strv_builder_end (row));
    }
  return rows;
}

/* Shows a list (owned), or hands the error on. */
static int
show_list (Ctl *ctl, GVariant *list, const char *const *headings, const char *const *keys)
{
  g_autoptr (GVariant) owned = list;
  g_autoptr (GPtrArray) rows = NULL;

  if (owned == NULL)
    return -1;
  if (ctl->json)
    {
      text_json (owned);
      return EXIT_SUCCESS;
    }
  rows = rows_of (owned, headings, keys);
  text_table (rows);
  return EXIT_SUCCESS;
}

int
ctl_interfaces (Ctl *ctl, GError **error)
{
  const char *headings[] = { _ ("NAME"),    _ ("TYPE"),      _ ("UP"), _ ("BOUND"),
                             _ ("NETWORK"), _ ("ADDRESSES"), NULL };
  const char *const keys[] = { "name", "type", "up", "bound", "description", "addresses", NULL };

  return show_list (ctl, truenas_ssh_client_list_interfaces (ctl->client, NULL, error), headings,
                    keys);
}

int
ctl_host_keys (Ctl *ctl, GError **error)
{
  const char *headings[] = { _ ("TYPE"), _ ("BITS"), _ ("FINGERPRINT"), NULL };
  const char *const keys[] = { "type", "bits", "fingerprint", NULL };

  return show_list (ctl, truenas_ssh_client_list_host_keys (ctl->client, NULL, error), headings,
                    keys);
}

int
ctl_explain (Ctl *ctl, GError **error)
{
  const char *headings[] = { _ ("SETTING"), _ ("EFFECTIVE"), _ ("LINE"), _ ("FILE"), NULL };
  const char *const keys[] = { "name", "effective", "line", "file", NULL };

  return show_list (ctl, truenas_ssh_client_explain (ctl->client, NULL, error), headings, keys);
}

int
ctl_groups (Ctl *ctl, GError **error)
{
  g_autoptr (GVariant) groups = NULL;
  GVariantIter iter;
  const char *name = NULL;

  groups = truenas_ssh_client_list_groups (
      ctl->client, ctl->n_arguments > 0 ? ctl->arguments[0] : NULL, 0, NULL, error);
  if (groups == NULL)
    return -1;
  if (ctl->json)
    {
      text_json (groups);
      return EXIT_SUCCESS;
    }
  g_variant_iter_init (&iter, groups);
  while (g_variant_iter_loop (&iter, "(&su)", &name, NULL))
    {
      g_autofree char *shown = text_printable (name, FALSE);

      g_print ("%s\n", shown);
    }
  return EXIT_SUCCESS;
}

/* History */

/* (transfer full): when, who and what, in the order of the headings. */
static char **
history_row (GVariant *change)
{
  guint64 time = 0;
  guint32 uid = G_MAXUINT32;
  guint32 login = G_MAXUINT32;
  g_autoptr (GDateTime) when = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *generation = cell (change, "generation");
  g_autofree char *outcome = cell (change, "outcome");
  g_autofree char *changed = cell (change, "changed");
  g_autofree char *who = NULL;

  g_variant_lookup (change, "time", "t", &time);
  g_variant_lookup (change, "uid", "u", &uid);
  if (g_variant_lookup (change, "login-uid", "u", &login) && login != G_MAXUINT32)
    uid = login;
  who = uid != G_MAXUINT32 ? g_strdup_printf ("%u", uid) : g_strdup ("-");
  when = g_date_time_new_from_unix_local ((gint64) (time / G_USEC_PER_SEC));
  shown = when != NULL ? g_date_time_format (when, "%Y-%m-%d %H:%M:%S") : g_strdup ("-");
  return g_strdupv ((char *[]){ generation, shown, who, outcome, changed, NULL });
}

int
ctl_history (Ctl *ctl, GError **error)
{
  const char *headings[] = { _ ("GENERATION"), _ ("TIME"),    _ ("UID"),
                             _ ("OUTCOME"),    _ ("CHANGED"), NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GVariant) history = truenas_ssh_client_list_history (ctl->client, NULL, error);
  GVariantIter iter;
  GVariant *each = NULL;

  if (history == NULL)
    return -1;
  if (ctl->json)
    {
      text_json (history);
      return EXIT_SUCCESS;
    }
  g_ptr_array_add (rows, g_strdupv ((char **) headings));
  g_variant_iter_init (&iter, history);
  while (g_variant_iter_loop (&iter, "@a{sv}", &each))
    g_ptr_array_add (rows, history_row (each));
  text_table (rows);
  return EXIT_SUCCESS;
}
