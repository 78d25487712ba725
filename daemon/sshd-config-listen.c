/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where sshd listens: TcpPort and BindInterfaces. */

#include "config.h"

#include "sshd-config-row.h"

#include "settings.h"
#include "truenas-ssh-error.h"

/* All of them, at least one. */
static guint16 *
ports_of (const Effective *effective, gsize *n_ports)
{
  g_autoptr (GPtrArray) endpoints = effective_endpoints (effective);
  g_autoptr (GArray) ports = g_array_new (FALSE, FALSE, sizeof (guint16));
  const guint16 fallback = 22;

  for (guint i = 0; i < endpoints->len; i++)
    {
      const Endpoint *endpoint = g_ptr_array_index (endpoints, i);
      gboolean known = FALSE;

      for (guint j = 0; j < ports->len && !known; j++)
        known = g_array_index (ports, guint16, j) == endpoint->port;
      if (!known)
        g_array_append_val (ports, endpoint->port);
    }
  if (ports->len == 0)
    g_array_append_val (ports, fallback);
  return g_array_steal (ports, n_ports);
}

static GVariant *
port_read (const Effective *effective)
{
  gsize n;
  g_autofree guint16 *ports = ports_of (effective, &n);

  return g_variant_new_uint16 (ports[0]);
}

static char *
port_beyond (const Effective *effective)
{
  gsize n;

  g_free (ports_of (effective, &n));
  return n > 1 ? g_strdup_printf ("sshd listens on %" G_GSIZE_FORMAT " ports", n) : NULL;
}

static gboolean
port_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  guint16 port;

  if (g_variant_lookup (facts->settings, SETTING_TCP_PORT, "q", &port))
    g_string_append_printf (out, "Port %u\n", port);
  return TRUE;
}

const SshdConfigRow sshd_config_port = {
  .setting = SETTING_TCP_PORT,
  .read = port_read,
  .beyond = port_beyond,
  .write = port_write,
};

static GVariant *
bind_read (const Effective *effective)
{
  g_autoptr (GPtrArray) endpoints = effective_endpoints (effective);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (GStrv) list = NULL;

  for (guint i = 0; i < endpoints->len; i++)
    {
      const Endpoint *endpoint = g_ptr_array_index (endpoints, i);

      if (endpoint->interface != NULL && !g_str_equal (endpoint->interface, "lo")
          && g_hash_table_add (seen, endpoint->interface))
        g_strv_builder_add (names, endpoint->interface);
    }
  list = g_strv_builder_end (names);
  return g_variant_new_strv ((const char *const *) list, -1);
}

static char *
bind_beyond (const Effective *effective)
{
  g_autoptr (GPtrArray) endpoints = effective_endpoints (effective);
  gboolean all = FALSE;
  gboolean some = FALSE;

  for (guint i = 0; i < endpoints->len; i++)
    {
      const Endpoint *endpoint = g_ptr_array_index (endpoints, i);

      if (endpoint->interface == NULL && !endpoint_is_wildcard (endpoint))
        return g_strdup_printf ("sshd is restricted to addresses, such as %s", endpoint->address);
      if (endpoint->interface == NULL)
        all = TRUE;
      else if (!g_str_equal (endpoint->interface, "lo"))
        some = TRUE;
    }
  return all == some ? g_strdup ("sshd listens on a mixture of addresses and interfaces") : NULL;
}

static void
add_address (GStrvBuilder *addresses, const char *address, guint16 port, const char *device)
{
  g_autofree char *text = g_strdup_printf ("%s:%u rdomain %s", address, port, device);

  g_strv_builder_add (addresses, text);
}

/* The ListenAddress values of bound interfaces, in order, loopback first. (transfer full) */
static char **
bind_addresses (const SshdConfigFacts *facts)
{
  g_autoptr (GStrvBuilder) addresses = g_strv_builder_new ();
  gboolean ipv4 = !effective_is (facts->base, "addressfamily", "inet6");
  gboolean ipv6 = facts->ipv6 && !effective_is (facts->base, "addressfamily", "inet");
  gsize n_ports;
  g_autofree guint16 *ports = ports_of (facts->base, &n_ports);

  if (g_variant_lookup (facts->settings, SETTING_TCP_PORT, "q", &ports[0]))
    n_ports = 1;
  for (gsize p = 0; p < n_ports; p++)
    {
      if (ipv4)
        add_address (addresses, "127.0.0.1", ports[p], "lo");
      if (ipv6 && facts->loopback_ipv6)
        add_address (addresses, "[::1]", ports[p], "lo");
      for (gsize i = 0; facts->interfaces[i] != NULL; i++)
        {
          if (ipv4)
            add_address (addresses, "0.0.0.0", ports[p], facts->interfaces[i]);
          if (ipv6)
            add_address (addresses, "[::]", ports[p], facts->interfaces[i]);
        }
    }
  return g_strv_builder_end (addresses);
}

static gboolean
bind_managed (const SshdConfigFacts *facts)
{
  g_autofree const char **names = settings_get_strv (facts->settings, SETTING_BIND_INTERFACES);

  return names[0] != NULL;
}

char *
sshd_config_listen_lines (const SshdConfigFacts *facts)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_auto (GStrv) addresses = bind_managed (facts) ? bind_addresses (facts) : g_new0 (char *, 1);

  for (gsize i = 0; addresses[i] != NULL; i++)
    g_string_append_printf (lines, "ListenAddress %s\n", addresses[i]);
  return g_string_free (g_steal_pointer (&lines), FALSE);
}

/* With those that are missing now, but can come at any time. */
static guint
count_sockets (const SshdConfigFacts *facts)
{
  g_autofree const char **names = settings_get_strv (facts->settings, SETTING_BIND_INTERFACES);
  SshdConfigFacts all = *facts;
  g_auto (GStrv) addresses = NULL;

  all.interfaces = names;
  addresses = bind_addresses (&all);
  return g_strv_length (addresses);
}

static gboolean
bind_write (GString *out, const SshdConfigFacts *facts, GError **error)
{
  g_autofree char *lines = NULL;
  guint n_sockets;

  if (!bind_managed (facts))
    return TRUE;
  n_sockets = count_sockets (facts);
  if (n_sockets > SSHD_CONFIG_MAX_SOCKETS)
    {
      g_set_error (error, TRUENAS_SSH_ERROR, TRUENAS_SSH_ERROR_INVALID_SETTING,
                   SETTING_BIND_INTERFACES ": %u sockets would be needed, loopback's included, and "
                                           "sshd can have %d; name fewer interfaces",
                   n_sockets, SSHD_CONFIG_MAX_SOCKETS);
      return FALSE;
    }
  lines = sshd_config_listen_lines (facts);
  g_string_append (out, lines);
  return TRUE;
}

static gboolean
bind_holds (const SshdConfigFacts *facts, const Effective *effective)
{
  g_auto (GStrv) expected = NULL;
  const char *const *lines = effective_list (effective, "listenaddress");
  g_autofree char *beyond = NULL;

  if (!bind_managed (facts))
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (bind_read (effective));

      beyond = bind_beyond (effective);
      return beyond == NULL && g_variant_n_children (value) == 0;
    }
  expected = bind_addresses (facts);
  for (gsize i = 0; expected[i] != NULL; i++)
    if (!g_strv_contains (lines, expected[i]))
      return FALSE;
  return g_strv_length (expected) == g_strv_length ((char **) lines);
}

const SshdConfigRow sshd_config_interfaces = {
  .setting = SETTING_BIND_INTERFACES,
  .read = bind_read,
  .beyond = bind_beyond,
  .write = bind_write,
  .holds = bind_holds,
};
