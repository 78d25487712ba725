/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What sshd makes of a change on trial is what it makes of the change once it is installed. */

#include "config.h"

#include <string.h>

#include "etc-ssh.h"
#include "real-sshd.h"
#include "sshd.h"
#include "trial.h"

#define MAIN    "= sshd_config\n"
#define INCLUDE "Include /etc/ssh/sshd_config.d/*.conf\n"
#define OURS    "sshd_config.d/00-truenas.conf\n"
#define NEW     "+ " OURS "Port 2200\nPasswordAuthentication no\n"
#define OTHER   "= sshd_config.d/50-other.conf\nPort 50\nBanner /50\nPasswordAuthentication yes\n"

/* Good for sshd. */
static const char *const good[] = {
  MAIN INCLUDE "Port 22\n" NEW,
  MAIN INCLUDE "Port 22\n" OTHER NEW,
  MAIN "Port 22\n" INCLUDE "Banner /main\n" OTHER NEW,
  MAIN INCLUDE OTHER
  "= sshd_config.d/00-a.conf\nBanner /a\n= sshd_config.d/00-u.conf\nBanner /u\n" NEW
  "Banner /ours\n",
  MAIN INCLUDE OTHER "= " OURS "Port 1\n" NEW,
  MAIN INCLUDE OTHER "= " OURS "Port 1\n- " OURS,
  MAIN INCLUDE "Port 23\n= " OURS "Port 1\n- " OURS,
  MAIN INCLUDE OTHER "= " OURS "Banner /ours\n- " OURS "+ sshd_config.d/40-new.conf\nBanner /40\n",
  MAIN "Include sshd_config.d/*.conf\nPort 22\n" OTHER NEW,
  MAIN "Include \"sshd_config.d/*.conf\" '/etc/ssh/more/*.conf' # and not this\n"
       "= more/1.conf\nBanner /more\n" OTHER NEW,
  MAIN "Include more/*.conf sshd_config.d/*.conf\nInclude=more/x\n"
       "= more/1.conf\nBanner /more\n= more/x\nUseDNS yes\n" OTHER NEW,
  MAIN "  INCLUDE\tsshd_config.d/*.conf\r\nPort 22\r\n" OTHER NEW,
  MAIN "\"Include\" sshd_config.d/*.conf\n" OTHER NEW,
  MAIN "Include more/1.conf\nBanner /main\n= more/1.conf\nPort 1\n" INCLUDE
       "UseDNS yes\n" OTHER NEW,
  MAIN
  "Include more/1.conf\n= more/1.conf\nInclude more/2.conf\nPort 1\n= more/2.conf\nPort 2\n" INCLUDE
  "Port 3\n" OTHER NEW,
  MAIN "Include more/*.conf\nPort 9\n= more/1.conf\nInclude more/in\nPort 1\n"
       "+ more/1.conf\nPort 11\nInclude more/in\nInclude more/new\n= more/in\nBanner /in\n"
       "+ more/new\nUseDNS yes\n",
  MAIN "Include link.d/*.conf\nPort 22\n> link.d sshd_config.d\n" OTHER NEW,
  MAIN INCLUDE "Port 22\n> sshd_config.d real.d\n= real.d/50.conf\nBanner /50\n" NEW,
  MAIN INCLUDE "Include link.d/*.conf\n> link.d sshd_config.d\n" OTHER NEW,
  MAIN INCLUDE INCLUDE "Port 22\n" OTHER NEW,
  MAIN "Include sshd_config.d/*.conf sshd_config.d/50* sshd_config.d/00*\n" OTHER NEW,
  MAIN
  "Include a*\n= a[1].conf\nPort 1\n= a*.conf\nPort 2\n= a?.conf\nPort 3\n= a b.conf\nPort 4\n"
  "= a\"b'.conf\nPort 5\n= a#.conf\nPort 6\n= a\\b.conf\nPort 7\n= a1.conf\nPort 8\n"
  "= ab.conf\nPort 9\n= a=.conf\nPort 10\n= a%b\nPort 11\n= a~.conf\nPort 12\n+ a2.conf\nPort 13\n"
  "+ a[1].conf\nPort 14\n",
  MAIN "Include \"x\\\\[1\\\\]/*.conf\"\nPort 9\n= x[1]/a.conf\nPort 1\n= x1/a.conf\nPort 2\n"
       "+ x[1]/b.conf\nPort 3\n",
  MAIN "Include x\\\\ y\\\\*/n*\nPort 9\n= x y*/n1\nPort 1\n+ x y*/n2\nPort 3\n",
  MAIN "Include *.d/*.conf\nPort 9\n= a.d/1.conf\nPort 1\n= z.d/1.conf\nPort 2\n" OTHER NEW,
  MAIN "Include /etc/*/sshd_config.d/[0-4]*.conf\nPort 9\n" OTHER NEW,
  MAIN "Include /etc/ssh/sshd_config.d//*.conf\nPort 9\n" OTHER NEW,
  MAIN "Include /etc/ssh/.//sshd_config.d/../sshd_config.d/*.conf\nPort 9\n" OTHER NEW,
  MAIN INCLUDE "= sshd_config.d/Z.conf\nPort 1\n= sshd_config.d/a.conf\nPort 2\n"
               "= sshd_config.d/10.conf\nPort 3\n= sshd_config.d/9.conf\nPort 4\n"
               "= sshd_config.d/ü.conf\nPort 5\n+ sshd_config.d/b.conf\nPort 6\n+ "
               "sshd_config.d/Ä.conf\nPort 7\n",
  MAIN INCLUDE "= sshd_config.d/.hidden.conf\nPort 1\n+ sshd_config.d/.new.conf\nPort 2\n"
               "+ sshd_config.d/new.con\nPort 3\n= sshd_config.d/deep/1.conf\nPort 4\n" NEW,
  MAIN "Match User root\nBanner /root\n" INCLUDE "+ " OURS "PasswordAuthentication no\n",
  MAIN INCLUDE "Banner /main\nMatch User nobody\nBanner /nobody\nPasswordAuthentication yes\n" NEW
               "Match all\n  PasswordAuthentication no\n",
  MAIN "Include more/1.conf\nBanner /main\n= more/1.conf\nMatch User root\nBanner /root\n" INCLUDE
       "X11Forwarding yes\n"
       "+ " OURS "Match User nobody\nBanner /nobody\n",
  MAIN "Include more/1.conf\nPort 22\n= more/1.conf\n# nothing but\n\n+ more/1.conf\nPort 23\n^",
  MAIN INCLUDE "Port 22\n+ sshd_config\nPort 23\n" INCLUDE "UseDNS yes\n" OTHER,
  MAIN "Port 22\n+ sshd_config\n#Port 22\n" INCLUDE NEW,
  MAIN "Include none none/* /none\nInclude other.d/new\nPort 22\n+ other.d/new\nBanner /new\n"
       "= other.d/old\nBanner /old\n",
  MAIN INCLUDE "Port 22^\n" OTHER "+ " OURS "Banner /x^",
  MAIN INCLUDE "AddressFamily inet\nListenAddress 0.0.0.0:9\n" OTHER "+ " OURS
               "ListenAddress 127.0.0.1:7 rdomain lo\nListenAddress 127.0.0.1\n",
  MAIN INCLUDE "Port 22\n+ " OURS "Match User root\nInclude more/*\nBanner /x\n"
               "= more/1\nBanner /1\n= more/2\nMatch all\nBanner /2\n",
  MAIN INCLUDE
  "Port 22\n= sshd_config.d/dir.conf/x\nBanner /no\n> sshd_config.d/zero.conf /dev/null\n" NEW,
  MAIN INCLUDE "Subsystem sftp /x\nCiphers aes256-ctr\nAcceptEnv A\n" OTHER NEW
               "AcceptEnv B C\nAllowUsers \"a b\"\nCiphers aes128-cbc\n",
};

/* sshd refuses it, and says why. */
static const char *const bad[] = {
  MAIN INCLUDE "Port 22\n" OTHER NEW "\n# x\nNonsense yes\nPort 1\n",
  MAIN INCLUDE "Port 22\n\nNonsense yes\nMore nonsense\n" OTHER NEW,
  MAIN "\n\nNonsense yes\n" INCLUDE OTHER NEW,
  MAIN INCLUDE "Port 22\n= sshd_config.d/50-other.conf\n\nBanner \"x\n" NEW,
  MAIN INCLUDE "Port 22\n= sshd_config.d/50-other.conf\n\nPort x\n" NEW,
  MAIN "Include more/1.conf\n= more/1.conf\nPort 1\n\n" INCLUDE "Nonsense yes\n" OTHER NEW,
  MAIN "Include more/*.conf\n" INCLUDE "= more/1.conf\nPort 1\n\nNonsense yes\n" OTHER NEW,
  MAIN INCLUDE "Port 22\n+ " OURS "Match User x\nPort 22\n",
  MAIN INCLUDE "Port 22\n+ " OURS "\nMatch nonsense\n",
  MAIN INCLUDE "Port 22\n+ " OURS "\nCiphers nonsense\n",
  MAIN INCLUDE "Port 22\n+ " OURS "Include\n",
  MAIN INCLUDE "Port 22\n+ " OURS "Include /etc/ssh/secret\n= secret\n\nhash:of:a:password\n",
  MAIN INCLUDE "Port 22\n+ sshd_config\nPort 22\nNonsense\n" INCLUDE OTHER,
  MAIN INCLUDE "Match User x\nPort 22\n" OTHER NEW,
};

static const char *const connections[] = {
  NULL,
  "user=root,host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=22",
  "user=nobody,host=client,addr=192.0.2.1,laddr=192.0.2.2,lport=22",
};

#define N_CONNECTIONS G_N_ELEMENTS (connections)

/* What sshd says of a configuration: what it comes to, or else what is wrong with it. */
typedef struct
{
  Effective *effective; /* (owned) (nullable) */
  char *complaints;     /* (owned) */
} Answer;

static void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->effective, effective_free);
  g_free (answer->complaints);
}

/* tree: (nullable) what is installed. */
static Answer
ask (const ConfigTree *tree, const char *connection)
{
  const Sshd sshd = { .path = (char *) REAL_SSHD, .main_config = (char *) ETC_SSH_MAIN };
  g_autoptr (GError) error = NULL;
  g_autoptr (Trial) trial = trial_new (&sshd, tree, &error);
  g_autoptr (GPtrArray) complaints = NULL;
  g_autoptr (GString) said = g_string_new (NULL);
  Answer answer;

  g_assert_no_error (error);
  answer.effective = trial_run (trial, connection, &complaints, NULL, &error);
  g_assert_cmpint (answer.effective == NULL, ==, error != NULL);
  for (guint i = 0; complaints != NULL && i < complaints->len; i++)
    {
      const Complaint *complaint = g_ptr_array_index (complaints, i);

      g_string_append_printf (said, "%s:%u: %s\n", complaint->path, complaint->line,
                              complaint->message);
    }
  answer.complaints = g_string_free (g_steal_pointer (&said), FALSE);
  return answer;
}

static void
compare (const char *text, const Answer *trial, const Answer *installed, gboolean is_good)
{
  g_assert_cmpstr (trial->complaints, ==, installed->complaints);
  if ((installed->effective != NULL) != is_good || (trial->effective != NULL) != is_good)
    g_error ("sshd was to %s it: %s%s", is_good ? "take" : "refuse", text, installed->complaints);
  if (is_good && !effective_equal (trial->effective, installed->effective))
    g_error ("the trial comes to something else: %s", text);
  if (!is_good)
    g_assert_cmpstr (trial->complaints, !=, "");
}

static void
check (const char *text, gboolean is_good)
{
  g_autoptr (EtcSsh) etc = etc_ssh_new (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (ConfigTree) tree = config_tree_load (ETC_SSH_MAIN, etc_ssh_changes (etc), &error);
  Answer trial[N_CONNECTIONS];

  g_assert_no_error (error);
  for (gsize i = 0; i < N_CONNECTIONS; i++)
    trial[i] = ask (tree, connections[i]);
  etc_ssh_install (etc);
  for (gsize i = 0; i < N_CONNECTIONS; i++)
    {
      Answer installed = ask (NULL, connections[i]);

      compare (text, &trial[i], &installed, is_good);
      answer_clear (&installed);
      answer_clear (&trial[i]);
    }
}

static void
test_good (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    check (good[i], TRUE);
}

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    check (bad[i], FALSE);
}

/* A chain of files, the last of which the change brings. */
static char *
chain (guint depth)
{
  GString *text = g_string_new (MAIN "Include 1.conf\n");

  for (guint i = 1; i < depth; i++)
    g_string_append_printf (text, "= %u.conf\nInclude %u.conf\n", i, i + 1);
  g_string_append_printf (text, "+ %u.conf\nPort 2222\n", depth);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deepest = chain (16);
  g_autofree char *too_deep = chain (17);
  g_autoptr (EtcSsh) etc = NULL;
  g_autoptr (GError) error = NULL;
  Answer installed;

  check (deepest, TRUE);
  etc = etc_ssh_new (too_deep);
  g_assert_null (config_tree_load (ETC_SSH_MAIN, etc_ssh_changes (etc), &error));
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "/etc/ssh/17.conf: "));
  etc_ssh_install (etc);
  installed = ask (NULL, NULL);
  g_assert_null (installed.effective);
  answer_clear (&installed);
}

/* Only what is on the way to the change is copied, and the names lead back. */
static void
test_names (void)
{
  g_autoptr (EtcSsh) etc =
      etc_ssh_new (MAIN "Include more/1.conf\nInclude more/2.conf\n= more/1.conf\n" INCLUDE
                        "= more/2.conf\nPort 2\n" OTHER NEW);
  g_autoptr (ConfigTree) tree = config_tree_load (ETC_SSH_MAIN, etc_ssh_changes (etc), NULL);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (Folder) folder = folder_new ();
  g_autofree char *main = config_tree_write_copy (tree, folder->path, names, NULL);
  g_autofree char **copies = (char **) g_hash_table_get_keys_as_array (names, NULL);
  g_autoptr (GString) originals = g_string_new (NULL);
  static const char *const expected[] = { ETC_SSH "/more/1.conf", ETC_SSH_MAIN,
                                          ETC_SSH "/sshd_config.d/00-truenas.conf" };

  g_assert_cmpstr (g_hash_table_lookup (names, main), ==, ETC_SSH_MAIN);
  g_assert_cmpuint (g_hash_table_size (names), ==, G_N_ELEMENTS (expected));
  for (gsize i = 0; copies[i] != NULL; i++)
    {
      g_assert_true (g_str_has_prefix (copies[i], folder->path));
      g_string_append_printf (originals, "%s;", (char *) g_hash_table_lookup (names, copies[i]));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_nonnull (strstr (originals->str, expected[i]));
}

static void
test_no_main (void)
{
  g_autoptr (EtcSsh) etc = etc_ssh_new ("= x\n");
  g_autoptr (ConfigTree) tree = config_tree_load (ETC_SSH_MAIN, etc_ssh_changes (etc), NULL);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GError) error = NULL;

  g_assert_null (config_tree_write_copy (tree, "/does/not/matter", names, &error));
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, ETC_SSH_MAIN ": cannot be read as text"));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  etc_ssh_set_up ();

  g_test_add_func ("/config-copy/good", test_good);
  g_test_add_func ("/config-copy/bad", test_bad);
  g_test_add_func ("/config-copy/depth", test_depth);
  g_test_add_func ("/config-copy/names", test_names);
  g_test_add_func ("/config-copy/no-main", test_no_main);
  status = g_test_run ();
  etc_ssh_tear_down ();
  return status;
}
