/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "sshd-config.h"

#include "auxiliary.h"
#include "settings.h"
#include "sshd-config-row.h"

/* In the order in which they stand in the drop-in. */
static const SshdConfigRow *const rows[] = {
  &sshd_config_port,        &sshd_config_interfaces, &sshd_config_password,
  &sshd_config_groups,      &sshd_config_kerberos,   &sshd_config_forwarding,
  &sshd_config_compression, &sshd_config_sftp_level, &sshd_config_sftp_facility,
  &sshd_config_ciphers,
};

static const SshdConfigRow *
find (const char *setting)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i]->setting, setting))
      return rows[i];
  return NULL;
}

void
sshd_config_free (SshdConfig *self)
{
  g_free (self->text);
  g_free (self);
}

gboolean
sshd_config_write_boolean (GString *out,
                           const SshdConfigFacts *facts,
                           const char *setting,
                           const char *keyword)
{
  gboolean value;

  if (g_variant_lookup (facts->settings, setting, "b", &value))
    g_string_append_printf (out, "%s %s\n", keyword, value ? "yes" : "no");
  return TRUE;
}

gboolean
sshd_config_refuse_boolean (GString *out,
                            const SshdConfigFacts *facts,
                            const char *setting,
                            const char *keyword)
{
  if (settings_get_boolean (facts->settings, setting, TRUE))
    return FALSE;
  g_string_append_printf (out, "    %s no\n", keyword);
  return TRUE;
}

static guint
count_lines (const GString *text)
{
  guint n = 0;

  for (gsize i = 0; i < text->len; i++)
    n += text->str[i] == '\n';
  return n;
}

/* Verbatim but for their indentation: sshd's own complaints then quote what the caller wrote. */
static guint
append_auxiliary (GString *out, const char *text)
{
  g_autoptr (Auxiliary) auxiliary = auxiliary_parse (text);
  guint n = 0;

  if (*text == '\0')
    return 0;
  for (; auxiliary->lines[n] != NULL; n++)
    g_string_append_printf (out, "%s\n", g_strstrip (auxiliary->lines[n]));
  return n;
}

/* What a setting closes stays closed: sshd takes the first value that it meets for a connection,
 * and this block comes before every Match of the files behind ours. */
static void
append_refusals (GString *out, const SshdConfigFacts *facts)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i]->refuse != NULL)
      rows[i]->refuse (lines, facts);
  if (lines->len > 0)
    g_string_append_printf (out, "Match all\n%s", lines->str);
}

/* First the global lines: ours, which win over the auxiliary ones. Then the Match blocks: the
 * auxiliary ones, which so can make exceptions, before ours. */
SshdConfig *
sshd_config_render (const SshdConfigFacts *facts, GError **error)
{
  g_autoptr (SshdConfig) self = g_new0 (SshdConfig, 1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i]->write != NULL && !rows[i]->write (out, facts, error))
      return NULL;

  self->auxiliary_line = count_lines (out) + 1;
  self->n_auxiliary =
      append_auxiliary (out, settings_get_string (facts->settings, SETTING_AUXILIARY_PARAMETERS));

  sshd_config_write_groups (out, facts);
  append_refusals (out, facts);
  self->text = g_string_free (g_steal_pointer (&out), FALSE);
  return g_steal_pointer (&self);
}

SshdConfig *
sshd_config_render_auxiliary (const char *text, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (Effective) nothing = effective_parse ("");
  static const char *const none[] = { NULL };

  if (*text != '\0')
    g_variant_builder_add (&builder, "{sv}", SETTING_AUXILIARY_PARAMETERS,
                           g_variant_new_string (text));
  settings = g_variant_ref_sink (g_variant_builder_end (&builder));
  return sshd_config_render (
      &(SshdConfigFacts){
          .settings = settings, .base = nothing, .interfaces = none, .groups = none },
      error);
}

guint
sshd_config_auxiliary_line (const SshdConfig *self, guint line)
{
  if (line < self->auxiliary_line || line >= self->auxiliary_line + self->n_auxiliary)
    return 0;
  return line - self->auxiliary_line + 1;
}

GVariant *
sshd_config_read (const Effective *effective, const char *setting)
{
  const SshdConfigRow *row = find (setting);

  if (row == NULL || row->read == NULL)
    return settings_fallback (setting);
  return g_variant_ref_sink (row->read (effective));
}

char *
sshd_config_beyond (const Effective *effective, const char *setting)
{
  const SshdConfigRow *row = find (setting);

  return row != NULL && row->beyond != NULL ? row->beyond (effective) : NULL;
}

gboolean
sshd_config_holds (const SshdConfigFacts *facts, const Effective *effective, const char *setting)
{
  const SshdConfigRow *row = find (setting);
  g_autoptr (GVariant) wanted = g_variant_lookup_value (facts->settings, setting, NULL);
  g_autoptr (GVariant) value = NULL;
  g_autofree char *beyond = NULL;

  if (row == NULL || wanted == NULL)
    return TRUE;
  if (row->holds != NULL)
    return row->holds (facts, effective);
  value = sshd_config_read (effective, setting);
  beyond = sshd_config_beyond (effective, setting);
  return beyond == NULL && g_variant_equal (value, wanted);
}

gboolean
sshd_config_refuses (const SshdConfigFacts *facts, const char *setting)
{
  const SshdConfigRow *row = find (setting);
  g_autoptr (GString) out = g_string_new (NULL);

  return row != NULL && row->refuse != NULL && row->refuse (out, facts);
}
