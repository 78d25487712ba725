/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "login-check.h"

#include <string.h>

#include "inquiry.h"
#include "local-end.h"
#include "trial.h"
#include "truenas-ssh-error.h"
#include "unit.h"

#define MAX_USERS 64

/* Answers. */

static GVariant *
describe (const Access *access)
{
  static const char *const off = "it is switched off";
  g_auto (GVariantBuilder) answer = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_auto (GVariantBuilder) reasons = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  g_autoptr (GPtrArray) methods = g_ptr_array_new ();
  g_autoptr (GPtrArray) possible = g_ptr_array_new ();

  if (access->ways->len == 0 && access->account->reason != NULL)
    g_variant_builder_add (&reasons, "(ss)", "", access->account->reason);
  for (guint i = 0; i < access->ways->len; i++)
    {
      const AccessWay *way = g_ptr_array_index (access->ways, i);

      if (way->verdict->answer == ANSWER_YES)
        g_ptr_array_add (methods, way->methods);
      else if (way->verdict->answer == ANSWER_MAYBE)
        g_ptr_array_add (possible, way->methods);
      if (way->verdict->answer != ANSWER_YES)
        {
          /* Names of files are no text. */
          g_autofree char *reason =
              g_utf8_make_valid (way->verdict->reason ? way->verdict->reason : off, -1);

          g_variant_builder_add (&reasons, "(ss)", way->methods, reason);
        }
    }
  g_variant_builder_add (&answer, "{sv}", "methods",
                         g_variant_new_strv ((const char *const *) methods->pdata, methods->len));
  g_variant_builder_add (&answer, "{sv}", "possible",
                         g_variant_new_strv ((const char *const *) possible->pdata, possible->len));
  g_variant_builder_add (&answer, "{sv}", "reasons", g_variant_builder_end (&reasons));
  return g_variant_ref_sink (g_variant_builder_end (&answer));
}

/* Nothing gets as far as a method. */
static GVariant *
describe_refusal (const char *reason)
{
  Verdict verdict = { .answer = ANSWER_NO, .reason = (char *) reason };
  g_autoptr (GPtrArray) ways = g_ptr_array_new ();
  const Access none = { .account = &verdict, .ways = ways };

  return describe (&none);
}

/* Questions. */

/* A comma would end the name where sshd is asked. */
static gboolean
check_user (const char *user, GError **error)
{
  g_autofree char *shown = g_strescape (user, NULL);

  if (*user != '\0' && strlen (user) <= 256 && strpbrk (user, ",\n\t\r") == NULL)
    return TRUE;
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
               "user: “%.60s” cannot be the name of a user who logs in", shown);
  return FALSE;
}

static Account *
read_account (const char *user, GError **error)
{
  g_autoptr (GError) local = NULL;
  Account *account = check_user (user, error) ? account_read (user, &local) : NULL;

  if (local != NULL)
    g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED, "user: %s", local->message);
  return account;
}

static GVariant *
ask_anywhere (Inquiry *inquiry, const char *user, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (Account) account = read_account (user, &local);
  g_autoptr (Access) access = NULL;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (account == NULL)
    return describe_refusal ("there is no such user");
  access = inquiry_ask_anywhere (inquiry, account, cancellable);
  if (access != NULL)
    return describe (access);
  g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
               "address: the configuration distinguishes too many places to say what holds "
               "anywhere; give the client's address");
  return NULL;
}

static gboolean
serves (const Endpoint *endpoint, const LocalEnd *end)
{
  gboolean ipv6 = strchr (endpoint->address, ':') != NULL;

  if (ipv6 != (strchr (end->address, ':') != NULL))
    return FALSE;
  if (endpoint->interface != NULL)
    return g_strcmp0 (endpoint->interface, end->interface) == 0;
  return endpoint_is_wildcard (endpoint) || g_str_equal (endpoint->address, end->address);
}

static const Endpoint *
find_endpoint (const GPtrArray *endpoints, const LocalEnd *end)
{
  for (guint i = 0; i < endpoints->len; i++)
    if (serves (g_ptr_array_index (endpoints, i), end))
      return g_ptr_array_index (endpoints, i);
  return NULL;
}

/* The name that sshd would look up is known to its name server only. */
static gboolean
asks_for_host (const ConfigTree *tree)
{
  const GPtrArray *lines = config_tree_lines (tree);

  for (guint i = 0; i < lines->len; i++)
    {
      const ConfigLine *line = g_ptr_array_index (lines, i);

      for (gsize j = 0; g_str_equal (line->directive->keyword, "match")
                        && line->directive->args != NULL && line->directive->args[j] != NULL;
           j++)
        if (g_ascii_strncasecmp (line->directive->args[j], "host", strlen ("host")) == 0)
          return TRUE;
    }
  return FALSE;
}

typedef struct
{
  const Effective *effective;
  const ConfigTree *tree;
  const LocalEnd *end;
} Place;

static GVariant *
ask_from (Inquiry *inquiry,
          const Place *place,
          const Account *account,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (GPtrArray) endpoints = effective_endpoints (place->effective);
  const Endpoint *endpoint = find_endpoint (endpoints, place->end);
  gboolean by_name = effective_is (place->effective, "usedns", "yes");
  const PatternClient client = { .address = place->end->client,
                                 .host = by_name ? NULL : place->end->client };
  g_autofree char *origin = NULL;
  g_autoptr (Access) access = NULL;

  if (endpoint == NULL)
    {
      g_autofree char *reason = g_strdup_printf (
          "sshd takes no connections that come in %s%s", place->end->interface ? "by " : "there",
          place->end->interface ? place->end->interface : "");

      return describe_refusal (reason);
    }
  origin = g_strdup_printf (",host=%s,addr=%s,laddr=%s,lport=%u%s%s", place->end->client,
                            place->end->client, place->end->address, endpoint->port,
                            endpoint->interface ? ",rdomain=" : "",
                            endpoint->interface ? endpoint->interface : "");
  access = inquiry_ask_from (inquiry, account, origin, &client, cancellable);
  if (access == NULL)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
                   "user: sshd does not say what it would do");
      return NULL;
    }
  for (guint i = 0; by_name && asks_for_host (place->tree) && i < access->ways->len; i++)
    {
      AccessWay *way = g_ptr_array_index (access->ways, i);

      g_clear_pointer (&way->verdict, verdict_free);
      way->verdict = verdict_new (ANSWER_MAYBE, "it depends on the client's name");
    }
  return describe (access);
}

static gboolean
read_options (GVariant *options, const char **interface, GError **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  *interface = NULL;
  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned G_GNUC_UNUSED = value;
      g_autofree char *shown = g_strescape (name, NULL);

      if (g_str_equal (name, "interface") && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
        {
          *interface = g_variant_get_string (value, NULL);
          continue;
        }
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   g_str_equal (name, "interface") ? "%.60s: the value must be of type “s”"
                                                   : "%.60s: no such option; there is interface",
                   shown);
      return FALSE;
    }
  return TRUE;
}

GVariant *
login_check (GDBusConnection *bus,
             const char *user,
             const char *address,
             GVariant *options,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (KeyReader) reader = NULL;
  g_autoptr (UnitState) unit = NULL;
  g_autoptr (Sshd) sshd = NULL;
  g_autoptr (Effective) effective = NULL;
  g_autoptr (ConfigTree) tree = NULL;
  g_autoptr (Trial) trial = NULL;
  g_autoptr (Inquiry) inquiry = NULL;
  g_autoptr (Account) account = NULL;
  g_autoptr (LocalEnd) end = NULL;
  g_autoptr (GError) local = NULL;
  const char *interface;

  if (!read_options (options, &interface, error) || !check_user (user, error))
    return NULL;
  if (*address == '\0' && interface != NULL)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "interface: needs an address, of a client that comes in by it");
      return NULL;
    }
  end = *address != '\0' ? local_end_find (address, interface, error) : NULL;
  if (*address != '\0' && end == NULL)
    return NULL;
  unit = unit_state_read (bus, error);
  sshd =
      unit ? sshd_read (unit->sshd_path, (const char *const *) unit->arguments, cancellable, error)
           : NULL;
  effective = sshd ? trial_effective (sshd, cancellable, error) : NULL;
  tree = effective ? config_tree_load (sshd->main_config, nothing, error) : NULL;
  trial = tree ? trial_new (sshd, NULL, error) : NULL;
  if (trial == NULL)
    return NULL;
  reader = key_reader_new ();
  inquiry = inquiry_new (sshd, trial, tree, reader);
  if (end == NULL)
    return ask_anywhere (inquiry, user, cancellable, error);
  account = read_account (user, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (account == NULL)
    return describe_refusal ("there is no such user");
  return ask_from (inquiry, &(Place){ .effective = effective, .tree = tree, .end = end }, account,
                   cancellable, error);
}

GVariant *
login_check_planned (const Sshd *sshd,
                     const Plan *plan,
                     const char *const *users,
                     GCancellable *cancellable,
                     GError **error)
{
  g_auto (GVariantBuilder) answers = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sa{sv}}"));
  g_autoptr (KeyReader) reader = key_reader_new ();
  g_autoptr (Inquiry) inquiry = inquiry_new (sshd, plan->trial, plan->tree, reader);

  if (g_strv_length ((char **) users) > MAX_USERS)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_OPTION,
                   "check-logins: %u users; at most %d can be asked about at once",
                   g_strv_length ((char **) users), MAX_USERS);
      return NULL;
    }
  for (gsize i = 0; users[i] != NULL; i++)
    {
      g_autoptr (GVariant) answer = NULL;

      if (g_strv_contains (users + i + 1, users[i]))
        continue;
      answer = ask_anywhere (inquiry, users[i], cancellable, error);
      if (answer == NULL)
        return NULL;
      g_variant_builder_add (&answers, "{s@a{sv}}", users[i], answer);
    }
  return g_variant_ref_sink (g_variant_builder_end (&answers));
}
