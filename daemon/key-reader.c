/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "key-reader.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "key-file.h"
#include "key-wire.h"
#include "user-path.h"
#include "users.h"

#define PATIENCE 3 /* s */

struct _KeyReader
{
  int fd; /* -1: not connected */
};

static void
disconnect (KeyReader *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

void
key_reader_free (KeyReader *self)
{
  disconnect (self);
  g_free (self);
}

static gboolean
connect_to_program (KeyReader *self)
{
  const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = KEY_WIRE_PATH };
  const struct timeval patience = { .tv_sec = PATIENCE };

  if (self->fd >= 0)
    return TRUE;
  self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (self->fd >= 0
      && setsockopt (self->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0
      && setsockopt (self->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0
      && connect (self->fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return TRUE;
  disconnect (self);
  return FALSE;
}

KeyReader *
key_reader_new (void)
{
  KeyReader *self = g_new0 (KeyReader, 1);

  self->fd = -1;
  connect_to_program (self);
  return self;
}

static GVariant *
make_question (const Account *account, const KeyRules *rules)
{
  GVariant *gids = g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, account->gids->data,
                                              account->gids->len, sizeof (gid_t));

  G_STATIC_ASSERT (sizeof (gid_t) == sizeof (guint32));
  return g_variant_ref_sink (g_variant_new ("(^ayu@au^ay^aayb)", account->name, account->uid, gids,
                                            account->home, rules->patterns, rules->strict));
}

/* What a group may write to is as good as its members are few. */
static void
judge_groups (const KeyFile *file, const Account *account, const KeyRules *rules)
{
  for (guint i = 0; i < file->groups->len; i++)
    {
      const UserPathGroup *group = g_ptr_array_index (file->groups, i);
      Answer alone = users_only_member (group->group, account->uid, group->owner);

      if (!rules->private_groups)
        alone = MIN (alone, ANSWER_MAYBE);
      verdict_limit (file->verdict, alone, "a group may write to %s", group->path);
    }
}

GPtrArray *
key_reader_ask (KeyReader *self, const Account *account, const KeyRules *rules)
{
  g_autoptr (GVariant) question = make_question (account, rules);
  g_autoptr (GVariant) answer = NULL;
  GPtrArray *files;

  if (connect_to_program (self) && key_wire_send (self->fd, question))
    answer = key_wire_receive (self->fd, KEY_FILES_TYPE);
  if (answer == NULL)
    {
      disconnect (self);
      return NULL;
    }
  files = key_files_deserialize (answer);
  for (guint i = 0; i < files->len; i++)
    judge_groups (g_ptr_array_index (files, i), account, rules);
  return files;
}
