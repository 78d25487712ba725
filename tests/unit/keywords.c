/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "keywords.h"

#include <string.h>

#include "real-sshd.h"

/* Every word in the program that could be a keyword. */
static char **
words_of_sshd (void)
{
  g_autofree char *program = NULL;
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  gsize length = 0;
  gsize begin = 0;

  g_assert_true (g_file_get_contents (REAL_SSHD, &program, &length, NULL));
  for (gsize i = 0; i < length; i++)
    {
      if (g_ascii_islower (program[i]) || g_ascii_isdigit (program[i]))
        continue;
      if (program[i] == '\0' && i - begin >= 4 && i - begin <= 60)
        g_strv_builder_add (words, program + begin);
      begin = i + 1;
    }
  return g_strv_builder_end (words);
}

/* Those among them that sshd does not call bad. */
GPtrArray *
keywords_of_sshd (void)
{
  g_auto (GStrv) words = words_of_sshd ();
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) lines = NULL;
  g_autoptr (GPtrArray) seen = NULL;
  GPtrArray *keywords = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *line = g_strdup_printf ("%s x", words[i]);

      g_strv_builder_add (builder, line);
    }
  lines = g_strv_builder_end (builder);
  seen = real_sshd_lines ((const char *const *) lines);
  for (guint i = 0; i < seen->len; i++)
    {
      const RealLine *line = g_ptr_array_index (seen, i);

      if (line->keyword == NULL && line->text != NULL)
        g_ptr_array_add (keywords, g_strdup (words[line->line - 1]));
    }
  return keywords;
}

/* Of those that differ from release to release, one knows more than the other. Settings' own ones
 * are there to be refused. */
static const char known[] =
    "acceptenv LANG\nacceptenv LC_* A?\naddressfamily any\nallowagentforwarding yes\n"
    "allowgroups staff wheel\nallowstreamlocalforwarding local\nallowtcpforwarding yes\n"
    "allowusers anna bert@192.0.2.1\nauthenticationmethods any\nauthorizedkeyscommand none\n"
    "authorizedkeyscommanduser nobody\nauthorizedkeysfile .ssh/authorized_keys\n"
    "authorizedkeysfile none\nauthorizedprincipalscommand none\n"
    "authorizedprincipalscommanduser nobody\nauthorizedprincipalsfile none\nbanner none\n"
    "banner /etc/issue.net\ncasignaturealgorithms rsa-sha2-512\n"
    "channeltimeout session:*=1h\nchrootdirectory none\nchrootdirectory %h\n"
    "ciphers aes128-ctr\nciphers +aes256-ctr\nclientalivecountmax 3\nclientalivecountmax 5\n"
    "clientaliveinterval 0\nclientaliveinterval 1m\nclientaliveinterval 1h30m\ncompression no\n"
    "debianbanner no\ndebianbanner yes\ndenygroups x\ndenyusers x y@z\ndisableforwarding no\n"
    "dsaauthentication yes\nexposeauthinfo no\nfingerprinthash md5\nfingerprinthash sha256\n"
    "forcecommand none\nforcecommand internal-sftp -l INFO\ngatewayports no\n"
    "gssapiauthentication yes\ngssapicleanupcredentials yes\ngssapikeyexchange yes\n"
    "gssapistrictacceptorcheck yes\nhostbasedacceptedalgorithms rsa-sha2-256\n"
    "hostbasedauthentication no\nhostbasedusesnamefrompacketonly no\nhostcertificate /none\n"
    "hostkey /none\nhostkeyalgorithms rsa-sha2-512\nignorerhosts yes\nignoreuserknownhosts no\n"
    "include /none/*.conf\nipqos af21\nipqos lowdelay throughput\nipqos 0x10 cs1\nipqos none\n"
    "kbdinteractiveauthentication yes\nkeepalive no\nkerberosauthentication no\n"
    "kexalgorithms ecdh-sha2-nistp256\nkeyregenerationinterval 1\nlogingracetime 2m\n"
    "logingracetime 0\nloglevel INFO\nloglevel quiet\nlogverbose kex.c:*:1000\n"
    "macs hmac-sha2-256\nmaxauthtries 3\nmaxsessions 10\nmaxsessions 0\nmaxstartups 10\n"
    "maxstartups 10:30:100\nmodulifile /etc/ssh/moduli\npasswordauthentication yes\n"
    "permitemptypasswords no\npermitlisten any\npermitopen none\npermitopen x:1 y:2\n"
    "permitrootlogin yes\npermitrootlogin prohibit-password\npermittty yes\npermittunnel no\n"
    "permituserenvironment no\npermituserrc yes\npersourcemaxstartups 3\n"
    "persourcemaxstartups none\npersourcenetblocksize 24:56\npersourcenetblocksize 32\n"
    "pidfile none\nport 2222\nprintlastlog no\nprintlastlog yes\nprintmotd yes\nprintmotd no\n"
    "protocol 2\npubkeyacceptedalgorithms +ssh-rsa\npubkeyacceptedkeytypes ssh-ed25519\n"
    "pubkeyauthentication yes\npubkeyauthoptions none\nrekeylimit default 1h\nrekeylimit 1G\n"
    "rekeylimit 500M 30m\nrequiredrsasize 2048\nrevokedkeys none\nrsaauthentication yes\n"
    "securitykeyprovider internal\nsetenv A=b\nsetenv \"C=d e\" F=g\nsshdsessionpath /none\n"
    "skeyauthentication no\nstreamlocalbindmask 0177\nstreamlocalbindunlink no\nstrictmodes yes\n"
    "syslogfacility AUTH\nsyslogfacility local3\ntcpkeepalive yes\ntcpkeepalive no\n"
    "trustedusercakeys none\nunusedconnectiontimeout none\nunusedconnectiontimeout 5m\nusedns no\n"
    "usedns yes\nuselogin no\nusepam no\nuseprivilegeseparation sandbox\nversionaddendum none\n"
    "versionaddendum a b\nx11displayoffset 10\nx11displayoffset 20\nx11forwarding no\n"
    "x11uselocalhost yes\nxauthlocation /usr/bin/xauth\n";

GHashTable *
keywords_with_values (void)
{
  GHashTable *table =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  g_autofree char *accepted = real_sshd_accepted (known);
  g_auto (GStrv) lines = g_strsplit (accepted, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *space = strchr (lines[i], ' ');
      g_autofree char *keyword =
          space ? g_strndup (lines[i], (gsize) (space - lines[i])) : g_strdup ("");
      GPtrArray *values = g_hash_table_lookup (table, keyword);

      if (space == NULL)
        continue;
      if (values == NULL)
        {
          values = g_ptr_array_new_with_free_func (g_free);
          g_hash_table_insert (table, g_strdup (keyword), values);
        }
      g_ptr_array_add (values, g_strdup (space + 1));
    }
  return table;
}
