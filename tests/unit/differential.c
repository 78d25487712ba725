/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "differential.h"

#include <string.h>

#include "auxiliary.h"
#include "check.h"
#include "drop-in.h"
#include "facts.h"
#include "real-sshd.h"
#include "settings.h"
#include "trial.h"
#include "truenas-ssh-error.h"

/* A user whom Match blocks may be about, from where they may be about. */
#define CONNECTION "user=root,host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=22"

/* All that auxiliary texts may do without configure-privileged: another list than the one that is
 * tested. */
static const char *const harmless[] = {
  "clientalivecountmax",
  "clientaliveinterval",
  "debianbanner",
  "fingerprinthash",
  "ipqos",
  "logingracetime",
  "maxsessions",
  "maxstartups",
  "persourcemaxstartups",
  "persourcenetblocksize",
  "printlastlog",
  "printmotd",
  "rekeylimit",
  "tcpkeepalive",
  "unusedconnectiontimeout",
  "usedns",
  "x11displayoffset",
  NULL,
};

static const char *const owned[] = {
  "port",
  "listenaddress",
  "passwordauthentication",
  "kbdinteractiveauthentication",
  "gssapiauthentication",
  "allowtcpforwarding",
  "compression",
  "subsystem sftp",
  "ciphers",
  "noneenabled",
  NULL,
};

static const char *const variants[DIFFERENTIAL_N_VARIANTS] = {
  "{}",
  "{'TcpPort': <uint16 2022>, 'PasswordAuthentication': <false>, 'Compression': <true>}",
  ("{'TcpPort': <uint16 2022>, 'PasswordLoginGroups': <['root']>, "
   "'PasswordAuthentication': <true>, 'KerberosAuthentication': <false>, "
   "'TcpForwarding': <false>, 'WeakCiphers': <['AES128-CBC']>}"),
};

/* What other files say behind the drop-in. Of everything another value than the one that sshd
 * starts from, so that whatever text comes in between shows, if it is not just this value. */
static const char tail[] =
    "Port 4022\nAuthorizedKeysFile /tail\nAuthorizedKeysCommand /tail\n"
    "AuthorizedKeysCommandUser tail\nAuthorizedPrincipalsFile /tail\n"
    "AuthorizedPrincipalsCommand /tail\nAuthorizedPrincipalsCommandUser tail\n"
    "AllowAgentForwarding no\nAllowTcpForwarding local\nAllowStreamLocalForwarding remote\n"
    "AllowUsers tail\nAllowGroups tail\nDenyUsers tail\nDenyGroups tail\nAcceptEnv TAIL\n"
    "Banner /tail\nChrootDirectory /tail\n"
    "Ciphers aes256-ctr,aes192-ctr\nMACs hmac-sha2-512\nKexAlgorithms curve25519-sha256\n"
    "CASignatureAlgorithms ssh-ed25519\nHostKeyAlgorithms ssh-ed25519\n"
    "HostbasedAcceptedAlgorithms ssh-ed25519\nPubkeyAcceptedAlgorithms ssh-ed25519\n"
    "Compression no\nDisableForwarding yes\nExposeAuthInfo yes\nForceCommand tail\n"
    "GatewayPorts clientspecified\nGSSAPIAuthentication yes\nGSSAPICleanupCredentials no\n"
    "GSSAPIStrictAcceptorCheck no\nHostbasedAuthentication yes\n"
    "HostbasedUsesNameFromPacketOnly yes\nIgnoreRhosts shosts-only\nIgnoreUserKnownHosts yes\n"
    "KbdInteractiveAuthentication no\nPasswordAuthentication no\nLogLevel DEBUG3\n"
    "LogVerbose tail\nMaxAuthTries 9\nModuliFile /tail\nPermitEmptyPasswords yes\n"
    "PermitListen 4022\nPermitOpen tail:4022\nPermitRootLogin forced-commands-only\nPermitTTY no\n"
    "PermitTunnel ethernet\nPermitUserEnvironment TAIL\nPermitUserRC no\nPidFile /tail\n"
    "PubkeyAuthentication no\nPubkeyAuthOptions touch-required\nRequiredRSASize 4022\n"
    "RevokedKeys /tail\nRDomain tail\nSecurityKeyProvider /tail\nSetEnv TAIL=tail\n"
    "StreamLocalBindMask 0022\nStreamLocalBindUnlink yes\nStrictModes no\n"
    "Subsystem sftp /tail\nSyslogFacility LOCAL7\nTrustedUserCAKeys /tail\nUsePAM yes\n"
    "VersionAddendum tail\nX11Forwarding yes\nX11UseLocalhost no\nXAuthLocation /tail\n";

/* What the machine's sshd is, and what it does without any text. */
static Sshd *sshd;
static char *tail_text;
static char *base[DIFFERENTIAL_N_VARIANTS]; /* of `sshd -T` */

static gboolean
has_match (const char *text)
{
  g_autoptr (Auxiliary) auxiliary = auxiliary_parse (text);

  return auxiliary->lines[auxiliary->first_match] != NULL;
}

/* A text in the drop-in, and the same drop-in with the text put in as it is. */
typedef struct
{
  SshdConfig *config; /* (owned) */
  gboolean matches;   /* there are Match blocks, of the text's or of the settings' */
  guint n_header;
  guint first;  /* line of the drop-in where the text begins */
  char *ours;   /* (owned) */
  char *theirs; /* (owned) */
} Composed;

static void
composed_clear (Composed *self)
{
  g_clear_pointer (&self->config, sshd_config_free);
  g_free (self->ours);
  g_free (self->theirs);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Composed, composed_clear)

static char *
drop_in_of (GVariant *settings, const SshdConfig *config, guint *n_header)
{
  return drop_in_compose (settings, 7, config->text, n_header);
}

/* The start of the nth line, from 1. */
static const char *
line_start (const char *text, guint n)
{
  while (--n > 0)
    text = strchr (text, '\n') + 1;
  return text;
}

static char *
settings_of (const char *text, guint variant)
{
  g_autoptr (GVariant) others =
      g_variant_parse (G_VARIANT_TYPE_VARDICT, variants[variant], NULL, NULL, NULL);
  g_auto (GVariantDict) change = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) asked = NULL;
  g_autoptr (GVariant) settings = NULL;

  g_variant_dict_insert (&change, SETTING_AUXILIARY_PARAMETERS, "s", text);
  asked = g_variant_ref_sink (g_variant_dict_end (&change));
  settings = settings_merge (others, asked, NULL, NULL);
  g_assert_nonnull (settings);
  return g_variant_print (settings, TRUE);
}

static void
compose (Composed *self, const char *text, guint variant)
{
  g_autofree char *settings = settings_of (text, variant);
  g_autoptr (Facts) facts = facts_new (settings, base[variant] ? base[variant] : "ciphers x");
  g_autoptr (GString) raw = g_string_new (text);
  const char *begin, *end;

  self->config = sshd_config_render (&facts->facts, NULL);
  g_assert_nonnull (self->config);
  self->matches = has_match (text) || strstr (self->config->text, "\nMatch ") != NULL;
  self->ours = drop_in_of (facts->settings, self->config, &self->n_header);
  self->first = self->n_header + self->config->auxiliary_line;
  begin = line_start (self->ours, self->first);
  end = line_start (begin, self->config->n_auxiliary + 1);
  if (raw->len > 0 && raw->str[raw->len - 1] != '\n')
    g_string_append_c (raw, '\n');
  self->theirs = g_strdup_printf ("%.*s%s%s", (int) (begin - self->ours), self->ours,
                                  self->config->n_auxiliary > 0 ? raw->str : "", end);
}

/* Asking. */

static RealAnswer *
ask (const char *folder, const char *drop_in, DifferentialCounts *counts)
{
  g_autofree char *name = g_strdup_printf ("%s/conf.d/" DROP_IN_NAME, folder);
  g_autofree char *main_name = g_strdup_printf ("%s/main.conf", folder);
  g_autofree char *path = folder_path (real_sshd_folder (), main_name);
  const char *args[] = { "-T", "-ddd", "-C", CONNECTION, "-f", path, NULL };

  folder_write (real_sshd_folder (), name, drop_in);
  counts->processes++;
  return real_sshd_run (args);
}

/* Some lines sshd refuses for those only whom they are for: no change is judged by them. */
static void
set_place (const Composed *composed, const Complaint *complaint, GError **error)
{
  guint line =
      complaint->line > composed->n_header
          ? sshd_config_auxiliary_line (composed->config, complaint->line - composed->n_header)
          : 0;

  if (!drop_in_is (complaint->path) || line == 0)
    return;
  g_clear_error (error);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_CONFIG_REJECTED,
               SETTING_AUXILIARY_PARAMETERS ":%u: %s", line, complaint->message);
}

/* As a change is judged, without anything being installed. */
static Effective *
judge (const Composed *composed, DifferentialCounts *counts, GError **error)
{
  g_autofree char *drop_in = folder_path (real_sshd_folder (), "trial/conf.d/" DROP_IN_NAME);
  g_autoptr (GHashTable) changes = g_hash_table_new (g_str_hash, g_str_equal);
  const CheckSource source = { composed->config, composed->n_header, FALSE };
  g_autoptr (ConfigTree) tree = NULL;
  g_autoptr (GPtrArray) complaints = NULL;
  g_autoptr (Effective) effective = NULL;
  g_autoptr (Trial) trial = NULL;

  g_hash_table_insert (changes, drop_in, composed->ours);
  tree = config_tree_load (sshd->main_config, changes, error);
  trial = tree ? trial_new (sshd, tree, error) : NULL;
  effective = trial ? check_accepted (trial, &source, NULL, error) : NULL;
  counts->processes++;
  if (effective == NULL || !composed->matches)
    return g_steal_pointer (&effective);
  counts->processes++;
  g_clear_pointer (&effective, effective_free);
  effective = trial_run (trial, CONNECTION, &complaints, NULL, error);
  if (effective == NULL && complaints != NULL && complaints->len > 0)
    set_place (composed, g_ptr_array_index (complaints, 0), error);
  return g_steal_pointer (&effective);
}

/* What sshd prints about a file, with a name that is the same for both. It cuts long lines: names
 * of folders are equally long. */
static char *
normalise (const char *messages, const char *folder)
{
  g_autofree char *path = folder_path (real_sshd_folder (), folder);
  g_autoptr (GRegex) lengths = g_regex_new (" (config )?len = ?\\d+| len \\d+", 0, 0, NULL);
  g_autofree char *same = g_regex_replace_literal (lengths, messages, -1, 0, "", 0, NULL);
  g_autoptr (GString) text = g_string_new (same);

  g_string_replace (text, path, "", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The lines of the drop-in that sshd complains about, from 1. */
static GArray *
refused_lines (const char *messages)
{
  g_autoptr (GRegex) place =
      g_regex_new ("^(?!debug\\d: ).*/" DROP_IN_NAME ":? line (\\d+): (?!Deprecated|Unsupported)",
                   G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (guint));

  for (g_regex_match (place, messages, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *number = g_match_info_fetch (match, 1);
      guint line = (guint) g_ascii_strtoull (number, NULL, 10);

      g_array_append_val (lines, line);
    }
  return lines;
}

/* Values. */

/* Whether a line of `sshd -T` begins with one of the words. */
static gboolean
is_about (const char *line, const char *const *words)
{
  for (; *words != NULL; words++)
    if (g_str_has_prefix (line, *words)
        && (line[strlen (*words)] == ' ' || line[strlen (*words)] == '\0'))
      return TRUE;
  return FALSE;
}

/* The first line that one has more than the other, of those about the words, or of all others. */
static char *
find_more (const char *a, const char *b, const char *const *words, gboolean others)
{
  g_auto (GStrv) lines = g_strsplit (a, "\n", -1);
  g_auto (GStrv) known = g_strsplit (b, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (is_about (lines[i], words) != others
        && !g_strv_contains ((const char *const *) known, lines[i]))
      return g_strdup (lines[i]);
  return NULL;
}

static char *
find_difference (const char *a, const char *b, const char *const *words, gboolean others)
{
  char *more = g_str_equal (a, b) ? NULL : find_more (a, b, words, others);

  return more || g_str_equal (a, b) ? more : find_more (b, a, words, others);
}

/* A keyword that sshd has taken from the text though it is not harmless. */
static char *
find_harmful (const Composed *composed, const char *messages)
{
  g_autoptr (GRegex) setting = g_regex_new ("/" DROP_IN_NAME ":(\\d+) setting (\\S+)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  for (g_regex_match (setting, messages, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *number = g_match_info_fetch (match, 1);
      g_autofree char *word = g_match_info_fetch (match, 2);
      g_autofree char *keyword = g_ascii_strdown (word, -1);
      guint line = (guint) g_ascii_strtoull (number, NULL, 10);

      if (line >= composed->first && line < composed->first + composed->config->n_auxiliary
          && !g_strv_contains (harmless, keyword))
        return g_steal_pointer (&keyword);
    }
  return strstr (messages, "checking syntax for 'Match") != NULL && composed->n_header > 0
                 && strstr (composed->config->text, "Match ") == NULL
             ? g_strdup ("match")
             : NULL;
}

/* The addresses follow from the family, which nobody owns. */
static char *
find_changed_setting (const char *text, const RealAnswer *answer, guint variant)
{
  const char *const *words = owned;
  g_autofree char *lower = g_ascii_strdown (text, -1);
  static const char *const but_addresses[] = {
    "port",
    "passwordauthentication",
    "kbdinteractiveauthentication",
    "gssapiauthentication",
    "allowtcpforwarding",
    "compression",
    "subsystem sftp",
    "noneenabled",
    NULL,
  };

  if (has_match (text))
    return NULL;
  if (variant < DIFFERENTIAL_N_VARIANTS - 1 || strstr (lower, "addressfamily") != NULL)
    words = but_addresses;
  return find_difference (base[variant], answer->out, words, FALSE);
}

/* Checks. */

static char *
check_values (const char *text,
              const Composed *composed,
              const RealAnswer *theirs,
              guint variant,
              DifferentialCounts *counts)
{
  g_autofree char *setting = find_changed_setting (text, theirs, variant);
  g_autofree char *value = NULL;
  g_autofree char *keyword = NULL;

  if (setting != NULL)
    return g_strdup_printf ("a setting's value is another one: %s", setting);
  if (auxiliary_actions ("", text) & ACTION_CONFIGURE_PRIVILEGED)
    return NULL;
  counts->harmless++;
  value = find_difference (base[variant], theirs->out, harmless, TRUE);
  if (value != NULL)
    return g_strdup_printf ("harmless, but changes %s", value);
  keyword = find_harmful (composed, theirs->err);
  return keyword ? g_strdup_printf ("harmless, but sshd takes %s from it", keyword) : NULL;
}

/* Both take it: is it the same? */
static char *
check_same (const char *text,
            const Composed *composed,
            const RealAnswer *theirs,
            const Effective *ours,
            DifferentialCounts *counts)
{
  g_autoptr (RealAnswer) installed = ask ("ours", composed->ours, counts);
  g_autoptr (Effective) real = effective_parse (theirs->out);
  g_autofree char *a = normalise (theirs->err, "asis");
  g_autofree char *b = normalise (installed->err, "ours");
  g_autofree char *line = NULL;
  static const char *const none[] = { NULL };

  if (installed->status != 0)
    return g_strdup_printf ("in the drop-in sshd refuses it: %s", installed->err);
  if (!g_str_equal (theirs->out, installed->out))
    return g_strdup ("in the drop-in it comes to something else");
  line = find_difference (a, b, none, TRUE);
  if (line != NULL)
    return g_strdup_printf ("in the drop-in a line is another one: %s", line);
  if (!effective_equal (real, ours))
    return g_strdup ("the trial comes to something else than what is installed");
  return NULL;
}

/* Written down, read and written down again. */
static char *
check_idempotent (const Composed *composed, guint variant)
{
  const char *begin = line_start (composed->ours, composed->first);
  const char *end = line_start (begin, composed->config->n_auxiliary + 1);
  g_autofree char *written = g_strndup (begin, (gsize) (end - begin));
  g_autoptr (DropIn) read = drop_in_parse (composed->ours);
  g_autofree char *printed = g_variant_print (read->settings, TRUE);
  g_autofree char *expected =
      settings_of (settings_get_string (read->settings, SETTING_AUXILIARY_PARAMETERS), variant);
  g_auto (Composed) again = { 0 };

  compose (&again, written, variant);
  if (!g_str_equal (again.config->text, composed->config->text))
    return g_strdup ("written once more it is another text");
  if (read->edited || !g_str_equal (printed, expected))
    return g_strdup ("the drop-in does not hold the settings");
  return NULL;
}

/* A line that the service refuses by itself: it is taken out. Numbers only grow. */
static char *
take_out_ours (char **lines, guint variant, DifferentialCounts *counts)
{
  guint last = 0;

  for (;;)
    {
      g_autofree char *text = g_strjoinv ("\n", lines);
      g_autoptr (GError) error = NULL;
      guint64 line;

      if (auxiliary_check (text, variant == DIFFERENTIAL_N_VARIANTS - 1, &error))
        return NULL;
      if (!g_str_has_prefix (error->message, SETTING_AUXILIARY_PARAMETERS ":"))
        return g_strdup (error->message);
      line = g_ascii_strtoull (strchr (error->message, ':') + 1, NULL, 10);
      if (line <= last || line > g_strv_length (lines))
        return g_strdup_printf ("after line %u is taken out: %s", last, error->message);
      *lines[line - 1] = '\0';
      last = (guint) line;
      counts->ours++;
    }
}

/* Lines that sshd refuses are taken out, after the first of them was named by us. */
static char *
take_out_theirs (char **lines,
                 const Composed *composed,
                 const RealAnswer *theirs,
                 const char *message,
                 DifferentialCounts *counts)
{
  g_autoptr (GArray) refused = refused_lines (theirs->err);
  g_autofree char *place = NULL;

  if (refused->len == 0)
    return g_strdup_printf ("sshd names no line; we say: %s; it says: %s", message, theirs->err);
  for (guint i = 0; i < refused->len; i++)
    {
      guint line = g_array_index (refused, guint, i) - composed->first;

      if (line >= composed->config->n_auxiliary)
        return g_strdup_printf ("sshd refuses a line that is not of the text: %s", theirs->err);
      *lines[line] = '\0';
    }
  counts->theirs += refused->len;
  if (strstr (theirs->err, "not allowed within a Match") != NULL)
    {
      g_autofree char *rest = g_strjoinv ("\n", lines);

      if (!has_match (rest))
        return g_strdup_printf ("sshd sees a Match that we do not: %s", theirs->err);
    }
  place = g_strdup_printf (SETTING_AUXILIARY_PARAMETERS ":%u: ",
                           g_array_index (refused, guint, 0) - composed->first + 1);
  return g_str_has_prefix (message, place)
             ? NULL
             : g_strdup_printf ("sshd refuses %s we say: %s", place, message);
}

/* One line after the other goes, until both take what is left. */
static char *
check_lines (char **lines, guint variant, DifferentialCounts *counts, char **accepted, char **out)
{
  for (guint rounds = g_strv_length (lines) + 1;; rounds--)
    {
      g_autofree char *text = NULL;
      g_auto (Composed) composed = { 0 };
      g_autoptr (RealAnswer) theirs = NULL;
      g_autoptr (Effective) ours = NULL;
      g_autoptr (GError) error = NULL;
      /* Again each time: without a Match, what had been under it is global. */
      char *why = take_out_ours (lines, variant, counts);

      if (why != NULL)
        return why;
      text = g_strjoinv ("\n", lines);
      compose (&composed, text, variant);
      theirs = ask ("asis", composed.theirs, counts);
      ours = judge (&composed, counts, &error);
      if ((theirs->status == 0) != (ours != NULL))
        return g_strdup_printf ("only one of us takes it; we say: %s; sshd says: %s",
                                error ? error->message : "", theirs->status ? theirs->err : "");
      if (ours == NULL)
        {
          why = rounds > 0 ? take_out_theirs (lines, &composed, theirs, error->message, counts)
                           : g_strdup ("there is no end");
          if (why != NULL)
            return why;
          continue;
        }
      why = check_same (text, &composed, theirs, ours, counts);
      why = why ? why : check_idempotent (&composed, variant);
      why = why ? why : check_values (text, &composed, theirs, variant, counts);
      *accepted = g_steal_pointer (&text);
      *out = g_steal_pointer (&theirs->out);
      return why;
    }
}

static char *
check_text (const char *text,
            guint variant,
            DifferentialCounts *counts,
            char **accepted,
            char **out)
{
  g_autofree char *settings = settings_of (text, variant);
  g_autoptr (Facts) facts = facts_new (settings, "");
  const char *normal = settings_get_string (facts->settings, SETTING_AUXILIARY_PARAMETERS);
  g_auto (GStrv) lines = g_strsplit (normal, "\n", -1);
  char *why = check_lines (lines, variant, counts, accepted, out);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (Directive) directive = directive_parse (lines[i]);

      counts->accepted += directive != NULL;
    }
  return why;
}

char *
differential_check (const char *text, guint variant, DifferentialCounts *counts)
{
  g_autofree char *accepted = NULL;
  g_autofree char *out = NULL;

  return check_text (text, variant, counts, &accepted, &out);
}

char *
differential_check_change (const char *before,
                           const char *after,
                           guint variant,
                           DifferentialCounts *counts)
{
  g_autofree char *text_before = NULL;
  g_autofree char *out_before = NULL;
  g_autofree char *text_after = NULL;
  g_autofree char *out_after = NULL;
  g_autofree char *value = NULL;
  char *why = check_text (before, variant, counts, &text_before, &out_before);

  why = why ? why : check_text (after, variant, counts, &text_after, &out_after);
  if (why != NULL || auxiliary_actions (text_before, text_after) & ACTION_CONFIGURE_PRIVILEGED)
    return why;
  g_assert_nonnull (out_before);
  g_assert_nonnull (out_after);
  counts->harmless++;
  value = find_difference (out_before, out_after, harmless, TRUE);
  return value ? g_strdup_printf ("a harmless change, but it changes %s", value) : NULL;
}

/* The files around the drop-in, once for each way to ask. */
static void
write_main (const char *folder)
{
  g_autofree char *name = g_strdup_printf ("%s/main.conf", folder);
  g_autofree char *main_text = g_strdup_printf ("Include %s/%s/conf.d/*.conf\n%s",
                                                real_sshd_folder ()->path, folder, tail_text);

  folder_write (real_sshd_folder (), name, main_text);
}

void
differential_set_up (void)
{
  static const char *const folders[] = { "asis", "ours", "trial" };
  g_autofree char *key = folder_path (real_sshd_folder (), "host-key");
  g_autofree char *wanted = g_strdup_printf ("HostKey %s\n%s", key, tail);
  g_autofree char *trial = folder_path (real_sshd_folder (), "trial/main.conf");
  /* As -ddd does elsewhere. */
  const char *arguments[] = { "-f", trial, "-o", "LogLevel=DEBUG3", NULL };
  DifferentialCounts counts = { 0 };
  g_autoptr (GError) error = NULL;

  tail_text = real_sshd_accepted (wanted);
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    write_main (folders[i]);
  sshd = sshd_read (REAL_SSHD, arguments, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sshd->main_config, ==, trial);
  for (guint i = 0; i < DIFFERENTIAL_N_VARIANTS; i++)
    {
      g_auto (Composed) composed = { 0 };
      g_autoptr (RealAnswer) answer = ask ("asis", "", &counts);

      base[i] = g_steal_pointer (&answer->out);
      compose (&composed, "", i);
      g_clear_pointer (&answer, real_answer_free);
      answer = ask ("asis", composed.theirs, &counts);
      g_assert_cmpint (answer->status, ==, 0);
      g_free (base[i]);
      base[i] = g_steal_pointer (&answer->out);
    }
}

void
differential_tear_down (void)
{
  for (guint i = 0; i < DIFFERENTIAL_N_VARIANTS; i++)
    g_clear_pointer (&base[i], g_free);
  g_clear_pointer (&tail_text, g_free);
  g_clear_pointer (&sshd, sshd_free);
}
