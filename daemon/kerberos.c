/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "kerberos.h"

#include "child.h"
#include "trial.h"

#define PROBE   LIBEXECDIR "/truenas-ssh-kerberos"
#define LAST    "key-version" /* there are no more behind it */
#define NO_WORD "there was no answer"

static GMutex mutex;
static char *last_fault; /* (owned) (nullable) by the mutex */

static void
add (GVariantBuilder *checks, const char *name, gboolean good, const char *text)
{
  g_variant_builder_add (checks, "(sbs)", name, good, text);
}

/* sshd tells only of what it was built with. */
static gboolean
add_sshd (const Sshd *sshd, GVariantBuilder *checks, GCancellable *cancellable)
{
  g_autoptr (Effective) effective = trial_effective (sshd, cancellable, NULL);
  gboolean able = effective == NULL || *effective_get (effective, "gssapiauthentication") != '\0';

  add (checks, "sshd", able,
       able ? "it can do GSSAPI" : "it was built without GSSAPI; install one that has it");
  return able;
}

static void
add_lines (const char *text, GVariantBuilder *checks)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean whole = FALSE;

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], "\t", 3);
      gboolean good;

      if (g_strv_length (fields) != 3)
        continue;
      good = g_str_equal (fields[1], "1");
      whole = whole || !good || g_str_equal (fields[0], LAST);
      add (checks, fields[0], good, fields[2]);
    }
  /* It has been ended, or has lost its way: nothing is proven then. */
  if (!whole)
    add (checks, "kdc", FALSE, NO_WORD);
}

static const char *
find_fault (GVariant *checks, const char **text)
{
  GVariantIter iter;
  const char *name;
  gboolean good;

  g_variant_iter_init (&iter, checks);
  while (g_variant_iter_next (&iter, "(&sb&s)", &name, &good, text))
    if (!good)
      return name;
  return NULL;
}

gboolean
kerberos_is_ready (GVariant *checks)
{
  const char *text;

  return find_fault (checks, &text) == NULL;
}

static void
remember (GVariant *checks)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  const char *text;
  const char *name = find_fault (checks, &text);

  g_free (last_fault);
  last_fault = name ? g_strdup_printf ("%s: %s", name, text) : NULL;
}

char *
kerberos_last_fault (void)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);

  return g_strdup (last_fault);
}

GVariant *
kerberos_check (const Sshd *sshd, GCancellable *cancellable, GError **error)
{
  static const char *const probe[] = { PROBE, NULL };
  g_auto (GVariantBuilder) checks = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sbs)"));
  g_autoptr (ChildResult) result = NULL;
  g_autoptr (GVariant) list = NULL;

  if (add_sshd (sshd, &checks, cancellable))
    {
      result = child_run (probe, cancellable, error);
      if (result == NULL)
        return NULL;
      add_lines (result->out, &checks);
    }
  list = g_variant_ref_sink (g_variant_builder_end (&checks));
  remember (list);
  return g_steal_pointer (&list);
}
