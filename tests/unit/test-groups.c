/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <grp.h>
#include <string.h>

#include "group-file.h"
#include "groups.h"
#include "truenas-ssh-error.h"

/* A directory of our own: these stand before those of the C library, and the file is not all. */

gboolean
group_file_enumerate (const char *root, const char *prefix, GroupFunc function, gpointer user_data)
{
  return FALSE;
}

typedef struct
{
  const char *name;
  gid_t gid;
  gboolean hidden; /* can be asked for, but is not enumerated */
  const char *members[4];
} Group;

#define GROUP(name, gid)       \
  {                            \
    name, gid, FALSE, { NULL } \
  }
#define END GROUP (NULL, 0)

static const Group *groups;
static guint next_group;
static int fault;    /* errno of every answer */
static gsize needed; /* the buffer that an entry takes */

static int
give_group (const Group *from, struct group *group, char *buffer, size_t size, struct group **found)
{
  if (size < MAX (needed, sizeof from->members))
    return ERANGE;
  memcpy (buffer, from->members, sizeof from->members);
  group->gr_name = (char *) from->name;
  group->gr_gid = from->gid;
  group->gr_mem = (char **) (void *) buffer;
  *found = group;
  return 0;
}

int
getgrnam_r (const char *name, struct group *group, char *buffer, size_t size, struct group **found)
{
  *found = NULL;
  for (const Group *g = groups; fault == 0 && g->name != NULL; g++)
    if (g_str_equal (g->name, name))
      return give_group (g, group, buffer, size, found);
  return fault;
}

int
getgrgid_r (gid_t gid, struct group *group, char *buffer, size_t size, struct group **found)
{
  *found = NULL;
  for (const Group *g = groups; fault == 0 && g->name != NULL; g++)
    if (g->gid == gid)
      return give_group (g, group, buffer, size, found);
  return fault;
}

void
setgrent (void)
{
  next_group = 0;
}

void
endgrent (void)
{
}

int
getgrent_r (struct group *group, char *buffer, size_t size, struct group **found)
{
  int code;

  *found = NULL;
  if (fault != 0)
    return fault;
  while (groups[next_group].name != NULL && groups[next_group].hidden)
    next_group++;
  if (groups[next_group].name == NULL)
    return ENOENT;
  code = give_group (&groups[next_group], group, buffer, size, found);
  next_group += code == 0;
  return code;
}

static void
use (const Group *new_groups)
{
  groups = new_groups;
  fault = 0;
  needed = 0;
}

/* Tests. */

static const Group some[] = {
  { "wheel", 10, FALSE, { "gone", "ada" } },
  GROUP ("admins", 20),
  { "domain users", 30, TRUE, { NULL } },
  GROUP ("alias", 10),
  GROUP ("wheel", 10),
  GROUP ("bad\xff", 40),
  { "root", 0, FALSE, { "bad\xff" } },
  END,
};

static void
test_exists (void)
{
  g_autoptr (GError) error = NULL;

  use (some);
  g_assert_true (groups_exists ("wheel", &error));
  g_assert_no_error (error);
  g_assert_true (groups_exists ("domain users", &error));
  g_assert_no_error (error);
  needed = 300000;
  g_assert_true (groups_exists ("wheel", &error));
  g_assert_no_error (error);
}

static void
test_unknown (void)
{
  g_autoptr (GError) error = NULL;

  use (some);
  g_assert_false (groups_exists ("wheels", &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_GROUP);
  g_assert_true (g_str_has_prefix (error->message, "PasswordLoginGroups: "));
  g_assert_nonnull (strstr (error->message, "“wheels”"));
  g_clear_error (&error);

  /* sshd would compare with the name that the number leads to. */
  g_assert_false (groups_exists ("alias", &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_UNKNOWN_GROUP);
  g_assert_nonnull (strstr (error->message, "as “wheel”"));
}

static void
test_fault (void)
{
  static const int faults[] = { EIO, EAGAIN, EMFILE, ETIMEDOUT };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;

      use (some);
      fault = faults[i];
      g_assert_false (groups_exists ("wheel", &error));
      g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
      g_clear_error (&error);
      g_assert_null (groups_list ("", 0, &error));
      g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
      g_clear_error (&error);
      g_assert_null (groups_pattern ("a,b", &error));
      g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED);
    }
}

static void
check_list (const char *prefix, guint limit, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = groups_list (prefix, limit, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (list), ==, "a(su)");
  text = g_variant_print (list, FALSE);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_list (void)
{
  use (some);
  check_list ("", 0, "[('admins', 20), ('alias', 10), ('root', 0), ('wheel', 10)]");
  check_list ("", 2, "[('admins', 20), ('alias', 10)]");
  check_list ("w", 0, "[('wheel', 10)]");
  check_list ("domain", 0, "[]");
  check_list ("domain users", 0, "[('domain users', 30)]");
  needed = 300000;
  check_list ("a", 0, "[('admins', 20), ('alias', 10)]");
}

static void
test_list_limit (void)
{
  g_autofree Group *many = g_new0 (Group, 1201);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GVariant) list = NULL;

  for (guint i = 0; i < 1200; i++)
    {
      many[i].name = g_strdup_printf ("g%u", i);
      g_ptr_array_add (names, (char *) many[i].name);
    }
  use (many);
  list = groups_list ("g", 0, NULL);
  g_assert_cmpuint (g_variant_n_children (list), ==, 1000);
  g_clear_pointer (&list, g_variant_unref);
  list = groups_list ("g", 5000, NULL);
  g_assert_cmpuint (g_variant_n_children (list), ==, 1200);
}

static void
check_pattern (const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pattern = groups_pattern (name, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (pattern, ==, expected);
}

static void
test_pattern (void)
{
  use (some);
  check_pattern ("wheel", "wheel");
  check_pattern ("domain users", "domain users");
  check_pattern ("gruppe-ä", "gruppe-ä");
  check_pattern ("!wheel", "?wheel");
  check_pattern ("a,b\"c'd\\e#f*g?h", "a?b?c?d?e?f?g?h");
  check_pattern ("tab\there\nand\x7fthere", "tab?here?and?there");
  check_pattern ("*", "?");
}

static void
check_ambiguous (const char *name, const char *other)
{
  const Group two[] = { GROUP (name, 1), GROUP ("unrelated", 2), GROUP (other, 3), END };
  g_autofree char *quoted = g_strdup_printf ("“%s”", other);
  g_autoptr (GError) error = NULL;

  use (two);
  g_assert_null (groups_pattern (name, &error));
  g_assert_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING);
  g_assert_nonnull (strstr (error->message, quoted));
}

static void
test_pattern_ambiguous (void)
{
  const Group two[] = { GROUP ("a,b", 1), GROUP ("acb ", 2), GROUP ("ac", 3), END };

  check_ambiguous ("a,b", "acb");
  check_ambiguous ("*", "x");
  check_ambiguous ("a*", "a?");
  use (two);
  check_pattern ("a,b", "a?b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/groups/exists", test_exists);
  g_test_add_func ("/groups/unknown", test_unknown);
  g_test_add_func ("/groups/fault", test_fault);
  g_test_add_func ("/groups/list", test_list);
  g_test_add_func ("/groups/list/limit", test_list_limit);
  g_test_add_func ("/groups/pattern", test_pattern);
  g_test_add_func ("/groups/pattern/ambiguous", test_pattern_ambiguous);
  return g_test_run ();
}
