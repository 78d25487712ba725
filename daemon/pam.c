/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "pam.h"

#include <string.h>

#include "store.h"

#define MAX_DEPTH 8

/* Modules that neither let anybody in nor keep anybody out. */
static const char *const neutral[] = {
  "pam_cap.so",  "pam_env.so", "pam_faildelay.so", "pam_keyinit.so", "pam_motd.so",
  "pam_warn.so", NULL
};

/* "[success=1 default=ignore]" is one word; a "-" does not mind that a module is missing. */
#define LINE "^\\s*(?:(@include)|-?(\\w+)\\s+(\\[[^]]*\\]|\\S+))\\s+(\\S+)"

/* One type's lines, in order, each as the letter of a module: u pam_unix, U the same where its no
 * is final, d pam_deny, p pam_permit, n pam_nologin, ? anything else. */
typedef struct
{
  const char *const *folders;
  const char *type;
  GRegex *line;
  GString *modules;
} Stack;

static void read_service (Stack *self, const char *service, guint depth);

static gboolean
is_final (const char *control)
{
  return g_str_equal (control, "required") || g_str_equal (control, "requisite");
}

static void
add_module (Stack *self, const char *control, const char *module)
{
  g_autofree char *name = g_path_get_basename (module);

  if (g_strv_contains (neutral, name))
    return;
  if (g_str_equal (name, "pam_nologin.so") && is_final (control))
    g_string_append_c (self->modules, 'n');
  else if (g_str_equal (name, "pam_unix.so") && !g_str_equal (control, "optional"))
    g_string_append_c (self->modules, is_final (control) ? 'U' : 'u');
  else if (g_str_equal (name, "pam_deny.so") && is_final (control))
    g_string_append_c (self->modules, 'd');
  else if (g_str_equal (name, "pam_permit.so"))
    g_string_append_c (self->modules, 'p');
  else
    g_string_append_c (self->modules, '?');
}

static void
read_line (Stack *self, const char *line, guint depth)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *type = NULL;
  g_autofree char *control = NULL;
  g_autofree char *module = NULL;

  if (!g_regex_match (self->line, line, 0, &match))
    return;
  type = g_match_info_fetch (match, 2);
  control = g_match_info_fetch (match, 3);
  module = g_match_info_fetch (match, 4);
  if (*type != '\0' && g_ascii_strcasecmp (type, self->type) != 0)
    return;
  if (*type == '\0' || g_str_equal (control, "include") || g_str_equal (control, "substack"))
    read_service (self, module, depth + 1);
  else
    add_module (self, control, module);
}

static char *
find_text (const Stack *self, const char *service)
{
  if (g_path_is_absolute (service))
    {
      char *text = NULL;

      return store_read (service, &text, NULL) ? text : NULL;
    }
  for (gsize i = 0; self->folders[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (self->folders[i], service, NULL);
      char *text = NULL;

      if (!store_read (path, &text, NULL) || text != NULL)
        return text;
    }
  return NULL;
}

static void
read_service (Stack *self, const char *service, guint depth)
{
  g_autofree char *text = depth <= MAX_DEPTH ? find_text (self, service) : NULL;
  g_auto (GStrv) lines = NULL;

  if (text == NULL)
    {
      g_string_append_c (self->modules, '?');
      return;
    }
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      gsize length = strcspn (lines[i], "#");

      if (length > 0 && lines[i][length - 1] != '\\')
        {
          lines[i][length] = '\0';
          read_line (self, lines[i], depth);
        }
      else if (length > 0)
        g_string_append_c (self->modules, '?');
    }
}

/* The letters of a service's lines. */
static char *
read_type (const char *const *folders, const char *service, const char *type)
{
  g_autoptr (GRegex) line = g_regex_new (LINE, G_REGEX_DEFAULT, 0, NULL);
  g_autoptr (GString) modules = g_string_new (NULL);
  Stack self = { .folders = folders, .type = type, .line = line, .modules = modules };

  read_service (&self, service, 0);
  return g_string_free (g_steal_pointer (&modules), FALSE);
}

/* Whether pam_unix alone decides: what it refuses is refused, what it takes is not asked again. */
static gboolean
is_local (const char *modules)
{
  static const char *const shapes[] = { "U", "Up", "ud", "udp", NULL };

  return g_strv_contains (shapes, modules);
}

Pam
pam_read (const char *const *folders, const char *service)
{
  static const char *const usual[] = { "/etc/pam.d", "/usr/lib/pam.d", NULL };
  g_autofree char *auth = read_type (folders ? folders : usual, service, "auth");
  g_autofree char *account = read_type (folders ? folders : usual, service, "account");
  gboolean nologin = account[0] == 'n';

  return (Pam){ .passwords_local = is_local (auth),
                .accounts_local = is_local (account + nologin),
                .nologin = nologin };
}
