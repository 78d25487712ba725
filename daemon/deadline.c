/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "deadline.h"

#include "systemd.h"

#define SERVICE "truenas-ssh.service"
#define SLACK   1 /* s, in which the service itself should have done it */

/* Its own name for each change, since a timer that has elapsed can be there for a moment yet. */
static char *
unit_name (guint64 generation, const char *suffix)
{
  return g_strdup_printf ("truenas-ssh-deadline-%" G_GUINT64_FORMAT ".%s", generation, suffix);
}

static void
add (GVariantBuilder *properties, const char *name, GVariant *value)
{
  g_variant_builder_add (properties, "(sv)", name, value);
}

static GVariant *
timer_properties (guint seconds)
{
  g_auto (GVariantBuilder) timer = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sv)"));

  add (&timer, "Description",
       g_variant_new_string ("Roll back an SSH change that nobody confirms"));
  add (
      &timer, "TimersMonotonic",
      g_variant_new_parsed ("[('OnActiveSec', %t)]", (guint64) (seconds + SLACK) * G_USEC_PER_SEC));
  add (&timer, "AccuracyUSec", g_variant_new_uint64 (G_USEC_PER_SEC / 10));
  add (&timer, "RemainAfterElapse", g_variant_new_boolean (FALSE));
  return g_variant_builder_end (&timer);
}

/* A timer made at run time starts only the service of its own name: one that does nothing but want
 * ours. */
static GVariant *
service_properties (void)
{
  const char *const wants[] = { SERVICE, NULL };
  const char *const argv[] = { "/bin/true", NULL };
  g_auto (GVariantBuilder) service = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sv)"));

  add (&service, "Description", g_variant_new_string ("Wake the SSH server's settings"));
  add (&service, "Wants", g_variant_new_strv (wants, -1));
  add (&service, "Type", g_variant_new_string ("oneshot"));
  add (&service, "ExecStart", g_variant_new_parsed ("[(%s, %^as, false)]", argv[0], argv));
  return g_variant_builder_end (&service);
}

gboolean
deadline_arm (GDBusConnection *bus, guint64 generation, guint seconds, GError **error)
{
  g_autofree char *timer = unit_name (generation, "timer");
  g_autofree char *service = unit_name (generation, "service");
  g_auto (GVariantBuilder) others = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sa(sv))"));
  g_autoptr (GVariant) reply = NULL;

  g_variant_builder_add (&others, "(s@a(sv))", service, service_properties ());
  reply = systemd_call (bus, "StartTransientUnit",
                        g_variant_new ("(ss@a(sv)@a(sa(sv)))", timer, "fail",
                                       timer_properties (seconds), g_variant_builder_end (&others)),
                        "(o)", timer, NULL, error);
  return reply != NULL;
}

void
deadline_disarm (GDBusConnection *bus, guint64 generation)
{
  g_autofree char *name = unit_name (generation, "timer");
  g_autoptr (GVariant) reply G_GNUC_UNUSED = systemd_call (
      bus, "StopUnit", g_variant_new ("(ss)", name, "replace"), "(o)", name, NULL, NULL);
}
