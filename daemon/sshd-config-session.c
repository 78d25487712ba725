/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a session gets: compression, the SFTP server's log, ciphers. */

#include "config.h"

#include "sshd-config-row.h"

#include "settings.h"
#include "sftp-command.h"
#include "truenas-ssh-error.h"

#define WEAK_CIPHER "aes128-cbc"

static GVariant *
compression_read (const Effective *effective)
{
  return g_variant_new_boolean (!effective_is (effective, "compression", "no"));
}

static gboolean
compression_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  return sshd_config_write_boolean (out, facts, SETTING_COMPRESSION, "Compression");
}

const SshdConfigRow sshd_config_compression = {
  .setting = SETTING_COMPRESSION,
  .read = compression_read,
  .write = compression_write,
};

static GVariant *
sftp_read (const Effective *effective, char option)
{
  const char *command = sftp_command_find (effective);

  return g_variant_new_take_string (command ? sftp_command_option (command, option)
                                            : g_strdup (""));
}

static GVariant *
sftp_level_read (const Effective *effective)
{
  return sftp_read (effective, 'l');
}

static GVariant *
sftp_facility_read (const Effective *effective)
{
  return sftp_read (effective, 'f');
}

char *
sshd_config_sftp_command (const SshdConfigFacts *facts, GError **error)
{
  const char *level = settings_get_string (facts->settings, SETTING_SFTP_LOG_LEVEL);
  const char *facility = settings_get_string (facts->settings, SETTING_SFTP_LOG_FACILITY);
  const char *base = sftp_command_find (facts->base);
  char *command = base ? sftp_command_with (base, level, facility) : NULL;

  if (*level == '\0' && *facility == '\0')
    {
      g_free (command);
      return NULL;
    }
  if (command == NULL)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_SUPPORTED, "%s: %s",
                 *level != '\0' ? SETTING_SFTP_LOG_LEVEL : SETTING_SFTP_LOG_FACILITY,
                 base ? "the command of sshd's SFTP subsystem is more than a program with arguments"
                      : "sshd has no SFTP subsystem; add a line “Subsystem sftp …” to its "
                        "configuration");
  return command;
}

/* Both settings in one line; the row of the level writes it. */
static gboolean
sftp_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *command = sshd_config_sftp_command (facts, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (command != NULL && !facts->subsystem_elsewhere)
    g_string_append_printf (out, "Subsystem sftp %s\n", command);
  return TRUE;
}

/* An empty value asks for nothing. */
static gboolean
sftp_holds (const SshdConfigFacts *facts,
            const Effective *effective,
            const char *setting,
            char option)
{
  const char *wanted = settings_get_string (facts->settings, setting);
  g_autoptr (GVariant) value = g_variant_ref_sink (sftp_read (effective, option));

  return *wanted == '\0' || g_str_equal (wanted, g_variant_get_string (value, NULL));
}

static gboolean
sftp_level_holds (const SshdConfigFacts *facts, const Effective *effective)
{
  return sftp_holds (facts, effective, SETTING_SFTP_LOG_LEVEL, 'l');
}

static gboolean
sftp_facility_holds (const SshdConfigFacts *facts, const Effective *effective)
{
  return sftp_holds (facts, effective, SETTING_SFTP_LOG_FACILITY, 'f');
}

const SshdConfigRow sshd_config_sftp_level = {
  .setting = SETTING_SFTP_LOG_LEVEL,
  .read = sftp_level_read,
  .write = sftp_write,
  .holds = sftp_level_holds,
};

const SshdConfigRow sshd_config_sftp_facility = {
  .setting = SETTING_SFTP_LOG_FACILITY,
  .read = sftp_facility_read,
  .holds = sftp_facility_holds,
};

static gboolean
has_weak_cipher (const Effective *effective)
{
  g_auto (GStrv) ciphers = g_strsplit (effective_get (effective, "ciphers"), ",", -1);

  return g_strv_contains ((const char *const *) ciphers, WEAK_CIPHER);
}

static GVariant *
ciphers_read (const Effective *effective)
{
  const char *names[3] = { NULL };
  guint n = 0;

  if (effective_is (effective, "noneenabled", "yes"))
    names[n++] = "NONE";
  if (has_weak_cipher (effective))
    names[n++] = "AES128-CBC";
  return g_variant_new_strv (names, n);
}

/* Theirs with ours at the end, or without it; never "+", which would start from what is compiled in
 * and lose the policy of the distribution. */
static char *
cipher_list (const Effective *base, gboolean weak)
{
  g_auto (GStrv) ciphers = g_strsplit (effective_get (base, "ciphers"), ",", -1);
  g_autoptr (GString) list = g_string_new (NULL);

  for (gsize i = 0; ciphers[i] != NULL; i++)
    if (!g_str_equal (ciphers[i], WEAK_CIPHER))
      g_string_append_printf (list, "%s%s", list->len > 0 ? "," : "", ciphers[i]);
  if (weak)
    g_string_append_printf (list, "%s" WEAK_CIPHER, list->len > 0 ? "," : "");
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static gboolean
ciphers_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  g_autofree const char **weak = settings_get_strv (facts->settings, SETTING_WEAK_CIPHERS);
  gboolean none = g_strv_contains (weak, "NONE");
  gboolean cbc = g_strv_contains (weak, "AES128-CBC");

  if (!settings_has (facts->settings, SETTING_WEAK_CIPHERS))
    return TRUE;
  if (cbc || has_weak_cipher (facts->base))
    {
      g_autofree char *list = cipher_list (facts->base, cbc);

      if (*list == '\0')
        {
          g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_NOT_SUPPORTED,
                       SETTING_WEAK_CIPHERS ": sshd's other files allow no other cipher; allow one "
                                            "there first");
          return FALSE;
        }
      g_string_append_printf (out, "Ciphers %s\n", list);
    }
  if (none || effective_is (facts->base, "noneenabled", "yes"))
    g_string_append_printf (out, "NoneEnabled %s\n", none ? "yes" : "no");
  return TRUE;
}

char *
sshd_config_cipher_lines (const SshdConfigFacts *facts)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  if (!ciphers_write (lines, facts, NULL))
    return NULL;
  return g_string_free (g_steal_pointer (&lines), FALSE);
}

static gboolean
ciphers_holds (const SshdConfigFacts *facts, const Effective *effective)
{
  g_autofree const char **weak = settings_get_strv (facts->settings, SETTING_WEAK_CIPHERS);

  return has_weak_cipher (effective) == g_strv_contains (weak, "AES128-CBC")
         && effective_is (effective, "noneenabled", "yes") == g_strv_contains (weak, "NONE");
}

const SshdConfigRow sshd_config_ciphers = {
  .setting = SETTING_WEAK_CIPHERS,
  .read = ciphers_read,
  .write = ciphers_write,
  .holds = ciphers_holds,
};
