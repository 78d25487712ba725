/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells how users could log in from the machine itself, by sshd's configuration on disk: a line for
 * each user and way, with tabs between user, methods, answer and reason. */

#include "config.h"

#include "inquiry.h"
#include "trial.h"

#define HERE ",host=127.0.0.1,addr=127.0.0.1,laddr=127.0.0.1,lport=22"

static void
tell (Inquiry *inquiry, const char *user)
{
  static const char *const words[] = { "no", "maybe", "yes" };
  const PatternClient here = { .address = "127.0.0.1" };
  g_autoptr (Account) account = account_read (user, NULL);
  g_autoptr (Access) access =
      account ? inquiry_ask_from (inquiry, account, HERE, &here, NULL) : NULL;

  for (guint i = 0; access != NULL && i < access->ways->len; i++)
    {
      const AccessWay *way = g_ptr_array_index (access->ways, i);

      g_print ("%s\t%s\t%s\t%s\n", user, way->methods, words[way->verdict->answer],
               way->verdict->reason ? way->verdict->reason : "");
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (Sshd) sshd = sshd_read (NULL, NULL, NULL, NULL);
  g_autoptr (ConfigTree) tree = sshd ? config_tree_load (sshd->main_config, nothing, NULL) : NULL;
  g_autoptr (Trial) trial = tree ? trial_new (sshd, tree, NULL) : NULL;
  g_autoptr (KeyReader) reader = key_reader_new ();
  g_autoptr (Inquiry) inquiry = trial ? inquiry_new (sshd, trial, tree, reader) : NULL;

  for (int i = 1; inquiry != NULL && i < argc; i++)
    tell (inquiry, argv[i]);
  return inquiry != NULL ? 0 : 1;
}
