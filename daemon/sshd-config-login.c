/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How users log in, and what they may do then: passwords, Kerberos, forwarding. */

#include "config.h"

#include "sshd-config-row.h"

#include <string.h>

#include "settings.h"

#define GROUPS_BLOCK "Match Group "

static GVariant *
password_read (const Effective *effective)
{
  return g_variant_new_boolean (effective_is (effective, "passwordauthentication", "yes")
                                || (effective_is (effective, "kbdinteractiveauthentication", "yes")
                                    && effective_is (effective, "usepam", "yes")));
}

static gboolean
password_allowed (const SshdConfigFacts *facts)
{
  g_autoptr (GVariant) base = g_variant_ref_sink (password_read (facts->base));

  return settings_get_boolean (facts->settings, SETTING_PASSWORD_AUTHENTICATION,
                               g_variant_get_boolean (base));
}

static gboolean
password_restricted (const SshdConfigFacts *facts)
{
  g_autofree const char **groups =
      settings_get_strv (facts->settings, SETTING_PASSWORD_LOGIN_GROUPS);

  return groups[0] != NULL;
}

static gboolean
password_managed (const SshdConfigFacts *facts)
{
  return settings_has (facts->settings, SETTING_PASSWORD_AUTHENTICATION)
         || password_restricted (facts);
}

/* What holds for whoever is in none of the groups. */
static gboolean
password_for_all (const SshdConfigFacts *facts)
{
  return password_allowed (facts) && !password_restricted (facts);
}

static char *
password_beyond (const Effective *effective)
{
  if (effective_is (effective, "passwordauthentication", "no")
      && effective_is (effective, "kbdinteractiveauthentication", "yes")
      && effective_is (effective, "usepam", "yes"))
    return g_strdup ("passwords are accepted by the method keyboard-interactive only");
  return NULL;
}

static void
password_append (GString *out, const char *indent, gboolean value)
{
  g_string_append_printf (out, "%sPasswordAuthentication %s\n%sKbdInteractiveAuthentication %s\n",
                          indent, value ? "yes" : "no", indent, value ? "yes" : "no");
}

static gboolean
password_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  if (password_managed (facts))
    password_append (out, "", password_for_all (facts));
  return TRUE;
}

static gboolean
password_refuse (GString *out, const SshdConfigFacts *facts)
{
  if (!password_managed (facts) || password_for_all (facts))
    return FALSE;
  password_append (out, "    ", FALSE);
  return TRUE;
}

static gboolean
password_holds (const SshdConfigFacts *facts, const Effective *effective)
{
  const char *expected = password_for_all (facts) ? "yes" : "no";

  return effective_is (effective, "passwordauthentication", expected)
         && effective_is (effective, "kbdinteractiveauthentication", expected);
}

const SshdConfigRow sshd_config_password = {
  .setting = SETTING_PASSWORD_AUTHENTICATION,
  .read = password_read,
  .beyond = password_beyond,
  .write = password_write,
  .refuse = password_refuse,
  .holds = password_holds,
};

static gboolean
groups_holds (const SshdConfigFacts *facts, const Effective *effective)
{
  return !password_restricted (facts) || password_holds (facts, effective);
}

const SshdConfigRow sshd_config_groups = {
  .setting = SETTING_PASSWORD_LOGIN_GROUPS,
  .holds = groups_holds,
};

void
sshd_config_write_groups (GString *out, const SshdConfigFacts *facts)
{
  g_autofree char *list = NULL;

  if (!password_allowed (facts) || !password_restricted (facts) || facts->groups[0] == NULL)
    return;
  list = g_strjoinv (",", (char **) facts->groups);
  g_string_append_printf (out, GROUPS_BLOCK "\"%s\"\n", list);
  password_append (out, "    ", TRUE);
}

gboolean
sshd_config_opens_groups (const char *text)
{
  return strstr (text, "\n" GROUPS_BLOCK "\"") != NULL;
}

static GVariant *
kerberos_read (const Effective *effective)
{
  return g_variant_new_boolean (effective_is (effective, "gssapiauthentication", "yes"));
}

static gboolean
kerberos_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  return sshd_config_write_boolean (out, facts, SETTING_KERBEROS_AUTHENTICATION,
                                    "GSSAPIAuthentication");
}

static gboolean
kerberos_refuse (GString *out, const SshdConfigFacts *facts)
{
  return sshd_config_refuse_boolean (out, facts, SETTING_KERBEROS_AUTHENTICATION,
                                     "GSSAPIAuthentication");
}

const SshdConfigRow sshd_config_kerberos = {
  .setting = SETTING_KERBEROS_AUTHENTICATION,
  .read = kerberos_read,
  .write = kerberos_write,
  .refuse = kerberos_refuse,
};

static GVariant *
forwarding_read (const Effective *effective)
{
  return g_variant_new_boolean (!effective_is (effective, "allowtcpforwarding", "no")
                                && !effective_is (effective, "disableforwarding", "yes"));
}

static char *
forwarding_beyond (const Effective *effective)
{
  const char *value = effective_get (effective, "allowtcpforwarding");

  return g_str_equal (value, "local") || g_str_equal (value, "remote")
             ? g_strdup_printf ("only %s forwarding is allowed", value)
             : NULL;
}

static gboolean
forwarding_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  return sshd_config_write_boolean (out, facts, SETTING_TCP_FORWARDING, "AllowTcpForwarding");
}

static gboolean
forwarding_refuse (GString *out, const SshdConfigFacts *facts)
{
  return sshd_config_refuse_boolean (out, facts, SETTING_TCP_FORWARDING, "AllowTcpForwarding");
}

const SshdConfigRow sshd_config_forwarding = {
  .setting = SETTING_TCP_FORWARDING,
  .read = forwarding_read,
  .beyond = forwarding_beyond,
  .write = forwarding_write,
  .refuse = forwarding_refuse,
};
