/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#include "truenas-sshctl-text.h"
#include "truenas-sshctl.h"

/* Prints the words under a key, if there are any; returns how many there are. */
static gsize
print_words (GVariant *answer, const char *key, const char *title)
{
  g_autoptr (GVariant) words = g_variant_lookup_value (answer, key, G_VARIANT_TYPE_STRING_ARRAY);
  g_autofree char *text = NULL;

  if (words == NULL || g_variant_n_children (words) == 0)
    return 0;
  text = text_value (words);
  g_print ("%s %s\n", title, text);
  return g_variant_n_children (words);
}

static void
print_reasons (GVariant *answer)
{
  g_autoptr (GVariant) reasons =
      g_variant_lookup_value (answer, "reasons", G_VARIANT_TYPE ("a(ss)"));
  GVariantIter iter;
  const char *method = NULL;
  const char *why = NULL;

  if (reasons == NULL)
    return;
  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(&s&s)", &method, &why))
    {
      g_autofree char *shown = text_printable (why, FALSE);

      g_print ("  %s%s%s\n", method, *method != '\0' ? ": " : "", shown);
    }
}

int
ctl_check_login (Ctl *ctl, GError **error)
{
  g_autoptr (GVariant) answer = truenas_ssh_client_check_login (ctl->client, ctl->arguments[0],
                                                                ctl->address, NULL, NULL, error);
  g_autoptr (GVariant) methods = NULL;
  gsize ways = 0;

  if (answer == NULL)
    return -1;
  methods = g_variant_lookup_value (answer, "methods", G_VARIANT_TYPE_STRING_ARRAY);
  ways = methods != NULL ? g_variant_n_children (methods) : 0;
  if (ctl->json)
    text_json (answer);
  else
    {
      if (print_words (answer, "methods", _ ("Can log in by")) == 0)
        g_print ("%s\n", _ ("Cannot be said to get in."));
      print_words (answer, "possible", _ ("May get in by"));
      print_reasons (answer);
    }
  return ways > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
ctl_check_kerberos (Ctl *ctl, GError **error)
{
  g_autoptr (GVariant) answer = truenas_ssh_client_check_kerberos (ctl->client, NULL, error);
  g_autoptr (GVariant) checks = NULL;
  gboolean ready = FALSE;
  gboolean fine = FALSE;
  GVariantIter iter;
  const char *name = NULL;
  const char *found = NULL;

  if (answer == NULL)
    return -1;
  g_variant_lookup (answer, "ready", "b", &ready);
  checks = g_variant_lookup_value (answer, "checks", G_VARIANT_TYPE ("a(sbs)"));
  if (ctl->json)
    text_json (answer);
  else if (checks != NULL)
    {
      g_variant_iter_init (&iter, checks);
      while (g_variant_iter_loop (&iter, "(&sb&s)", &name, &fine, &found))
        {
          g_autofree char *shown = text_printable (found, FALSE);

          g_print ("%-4s %s: %s\n", fine ? _ ("ok") : _ ("no"), name, shown);
        }
    }
  return ready ? EXIT_SUCCESS : EXIT_FAILURE;
}
