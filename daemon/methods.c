/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "call.h"
#include "caller.h"
#include "details.h"
#include "explain.h"
#include "groups.h"
#include "history.h"
#include "host-keys.h"
#include "kerberos.h"
#include "login-check.h"
#include "power.h"
#include "probation.h"
#include "settings.h"
#include "sshd.h"
#include "transaction.h"
#include "trial.h"
#include "truenas-ssh-error.h"
#include "unit.h"

static GVariant *
nothing_if (gboolean success)
{
  return success ? g_variant_new ("()") : NULL;
}

static Caller
find_caller (const Call *call)
{
  return caller_read (call->bus, g_dbus_method_invocation_get_sender (call->invocation), call->uid);
}

/* What a change needs, by the settings as they were last seen. */
static gboolean
prepare_change (Call *call, const Snapshot *seen, GError **error)
{
  g_autoptr (GVariant) after = change_merge (call->change, seen->settings, error);

  if (after == NULL)
    return FALSE;
  call->actions |= change_actions (call->change, seen->settings, after);
  call->details = details_of_change (call->change, seen->settings, after);
  call->change->told = g_variant_ref (call->details);
  /* To set the port that is set already may make a socket unit follow. */
  if (snapshot_is_socket (seen) && !call->change->dry_run
      && change_names (call->change, SETTING_TCP_PORT))
    call->actions = (call->actions & ~ACTION_INSPECT) | settings_action (SETTING_TCP_PORT);
  return TRUE;
}

static gboolean
prepare_apply (Call *call, const Snapshot *seen, GError **error)
{
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (GVariant) options = NULL;

  g_variant_get (call->parameters, "(@a{sv}@a{sv})", &settings, &options);
  call->change = change_new (settings, options, error);
  return call->change != NULL && prepare_change (call, seen, error);
}

static gboolean
prepare_revert (Call *call, const Snapshot *seen, GError **error)
{
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (GVariant) options = NULL;
  guint64 generation;

  g_variant_get (call->parameters, "(t@a{sv})", &generation, &options);
  settings = history_find (seen->history, generation, error);
  call->change = settings ? change_new_revert (settings, options, error) : NULL;
  return call->change != NULL && prepare_change (call, seen, error);
}

static GVariant *
run_apply (Call *call, GError **error)
{
  g_autoptr (GVariant) result = NULL;
  Caller caller = find_caller (call);
  const char *token;

  if (caller.uid == G_MAXUINT32)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_FAILED,
                   "cannot tell which user calls");
      return NULL;
    }
  call->change->uid = caller.uid;
  call->change->login_uid = caller.login_uid;
  result = transaction_apply (call->bus, call->change, call->actions, call->cancellable, error);
  if (result == NULL)
    return NULL;
  if (!call->change->dry_run)
    call->outcome = g_variant_lookup (result, "token", "&s", &token) ? "pending" : "applied";
  return g_variant_new ("(@a{sv})", result);
}

/* The token is enough; without it, it takes what the change took. */
static gboolean
prepare_end (Call *call, const Snapshot *seen, GError **error)
{
  const char *token;

  g_variant_get (call->parameters, "(&s)", &token);
  if (*token == '\0')
    call->actions |= seen->journal ? seen->journal->actions : ACTION_INSPECT;
  return TRUE;
}

static GVariant *
run_confirm (Call *call, GError **error)
{
  Caller caller = find_caller (call);
  const char *token;

  g_variant_get (call->parameters, "(&s)", &token);
  call->outcome = "confirmed";
  return nothing_if (probation_confirm (call->bus, token, &caller, call->actions, error));
}

static GVariant *
run_rollback (Call *call, GError **error)
{
  Caller caller = find_caller (call);
  const char *token;

  g_variant_get (call->parameters, "(&s)", &token);
  call->outcome = "rolled-back";
  return nothing_if (probation_roll_back (call->bus, token, &caller, call->actions, error));
}

static GVariant *
run_list_history (Call *call, GError **error)
{
  g_autoptr (GVariant) history = history_read ();
  g_autoptr (GVariant) list = history_list (history);

  return g_variant_new ("(@aa{sv})", list);
}

static GVariant *
run_start (Call *call, GError **error)
{
  return nothing_if (power_start (call->bus, error));
}

static GVariant *
run_stop (Call *call, GError **error)
{
  return nothing_if (power_stop (call->bus, error));
}

static GVariant *
run_restart (Call *call, GError **error)
{
  return nothing_if (power_restart (call->bus, error));
}

static gboolean
prepare_set_start_on_boot (Call *call, const Snapshot *seen, GError **error)
{
  gboolean enable;

  g_variant_get (call->parameters, "(b)", &enable);
  call->details = g_variant_ref_sink (
      g_variant_new_parsed ("{'start-on-boot': %s}", enable ? "true" : "false"));
  return TRUE;
}

static GVariant *
run_set_start_on_boot (Call *call, GError **error)
{
  gboolean enable;

  g_variant_get (call->parameters, "(b)", &enable);
  return nothing_if (power_set_start_on_boot (call->bus, enable, error));
}

static GVariant *
run_list_groups (Call *call, GError **error)
{
  g_autoptr (GVariant) groups = NULL;
  const char *prefix;
  guint limit;

  g_variant_get (call->parameters, "(&su)", &prefix, &limit);
  groups = groups_list (prefix, limit, error);
  return groups ? g_variant_new ("(@a(su))", groups) : NULL;
}

static GVariant *
run_list_host_keys (Call *call, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (call->bus, error);
  g_autoptr (Sshd) sshd =
      unit ? sshd_read (unit->sshd_path, (const char *const *) unit->arguments, NULL, error) : NULL;
  g_autoptr (Effective) effective = sshd ? trial_effective (sshd, NULL, error) : NULL;
  g_autoptr (GVariant) keys =
      effective ? host_keys_list (effective_list (effective, "hostkey"), error) : NULL;

  return keys ? g_variant_new ("(@aa{sv})", keys) : NULL;
}

static GVariant *
run_check_login (Call *call, GError **error)
{
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GVariant) answer = NULL;
  const char *user, *address;

  g_variant_get (call->parameters, "(&s&s@a{sv})", &user, &address, &options);
  answer = login_check (call->bus, user, address, options, call->cancellable, error);
  return answer ? g_variant_new ("(@a{sv})", answer) : NULL;
}

static GVariant *
run_check_kerberos (Call *call, GError **error)
{
  g_autoptr (UnitState) unit = unit_state_read (call->bus, error);
  g_autoptr (Sshd) sshd = unit ? sshd_read (unit->sshd_path, (const char *const *) unit->arguments,
                                            call->cancellable, error)
                               : NULL;
  g_autoptr (GVariant) checks = sshd ? kerberos_check (sshd, call->cancellable, error) : NULL;
  g_auto (GVariantBuilder) answer = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (checks == NULL)
    return NULL;
  g_variant_builder_add (&answer, "{sv}", "ready",
                         g_variant_new_boolean (kerberos_is_ready (checks)));
  g_variant_builder_add (&answer, "{sv}", "checks", checks);
  return g_variant_new ("(a{sv})", &answer);
}

static GVariant *
run_explain (Call *call, GError **error)
{
  g_autoptr (GVariant) list = explain (call->bus, call->cancellable, error);

  return list ? g_variant_new ("(@aa{sv})", list) : NULL;
}

const Method methods[] = {
  { "Apply", "handle-apply", METHOD_CHANGES, prepare_apply, run_apply },
  { "Confirm", "handle-confirm", METHOD_ENDS, prepare_end, run_confirm },
  { "Rollback", "handle-rollback", METHOD_ENDS, prepare_end, run_rollback },
  { "Revert", "handle-revert", METHOD_CHANGES, prepare_revert, run_apply },
  { "ListHistory", "handle-list-history", METHOD_READS, NULL, run_list_history },
  { "Start", "handle-start", METHOD_CHANGES, NULL, run_start },
  { "Stop", "handle-stop", METHOD_CHANGES, NULL, run_stop },
  { "Restart", "handle-restart", METHOD_CHANGES, NULL, run_restart },
  { "SetStartOnBoot", "handle-set-start-on-boot", METHOD_CHANGES, prepare_set_start_on_boot,
    run_set_start_on_boot },
  { "ListInterfaces", "handle-list-interfaces", METHOD_READS, NULL, NULL },
  { "ListGroups", "handle-list-groups", METHOD_READS, NULL, run_list_groups },
  { "ListHostKeys", "handle-list-host-keys", METHOD_READS, NULL, run_list_host_keys },
  { "CheckLogin", "handle-check-login", METHOD_READS, NULL, run_check_login },
  { "CheckKerberos", "handle-check-kerberos", METHOD_READS, NULL, run_check_kerberos },
  { "Explain", "handle-explain", METHOD_READS, NULL, run_explain },
  { NULL, NULL, METHOD_READS, NULL, NULL },
};

const Method *
method_find (const char *name)
{
  for (const Method *method = methods; method->name != NULL; method++)
    if (g_str_equal (method->name, name))
      return method;
  return NULL;
}
