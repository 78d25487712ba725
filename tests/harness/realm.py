# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Kerberos realm on a machine, with a KDC of its own."""

CONFIG = '''[libdefaults]
    default_realm = EXAMPLE.TEST
    dns_canonicalize_hostname = false
    dns_lookup_kdc = false
    rdns = false
[realms]
    EXAMPLE.TEST = {
        kdc = 127.0.0.1
    }
[domain_realm]
    machine = EXAMPLE.TEST
'''


def kadmin(machine, *queries):
    """Ask the KDC's database for something."""
    for query in queries:
        machine.run(['kadmin.local', '-q', query])


def create(machine):
    """A KDC with a user kate and the machine's own key, and a ticket for root to be kate."""
    machine.user_add('kate')
    machine.write('/etc/krb5.conf', CONFIG)
    machine.run(['kdb5_util', 'create', '-s', '-P', 'master'])
    kadmin(machine, 'addprinc -pw secret kate', 'addprinc -randkey host/machine',
           'ktadd -q host/machine')
    machine.run(['systemctl', 'start', 'krb5-kdc.service'])
    machine.run(['kinit', 'kate'], input='secret\n')
