# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A directory that a machine is joined to: OpenLDAP's server, and sssd that asks it."""

import contextlib

from .container import wait_for

BASE = 'dc=example,dc=test'
SERVER = 'directory.service'
URI = 'ldap://127.0.0.1'
ADMINISTRATOR = ('-x', '-H', URI, '-D', f'cn=admin,{BASE}', '-w', 'secret')

SLAPD = f'''include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile /run/directory/pid
database mdb
suffix {BASE}
rootdn cn=admin,{BASE}
rootpw secret
directory /var/lib/directory
dbnosync
access to attrs=userPassword by anonymous auth
access to * by * read
'''

# Two domains of one directory: names as they are, and, as in a Windows domain, DOM\name. Nothing
# is listed, and nothing is remembered for longer than a question takes.
SSSD = f'''[sssd]
config_file_version = 2
services = nss, pam
domains = plain, DOM

[nss]
memcache_timeout = 0
entry_negative_timeout = 0
filter_groups = root
filter_users = root

[pam]
pam_id_timeout = 0

[domain/plain]
id_provider = ldap
auth_provider = ldap
access_provider = permit
ldap_uri = {URI}
ldap_schema = rfc2307
ldap_search_base = ou=plain,{BASE}
ldap_search_timeout = 2
ldap_network_timeout = 2
ldap_opt_timeout = 2
ldap_enumeration_search_timeout = 2
offline_timeout = 1
offline_timeout_random_offset = 0
entry_cache_timeout = 0
ldap_id_use_start_tls = false
ldap_auth_disable_tls_never_use_in_production = true

[domain/DOM]
id_provider = ldap
auth_provider = ldap
access_provider = permit
ldap_uri = {URI}
ldap_schema = rfc2307
ldap_search_base = ou=dom,{BASE}
ldap_search_timeout = 2
ldap_network_timeout = 2
ldap_opt_timeout = 2
ldap_enumeration_search_timeout = 2
offline_timeout = 1
offline_timeout_random_offset = 0
entry_cache_timeout = 0
ldap_id_use_start_tls = false
ldap_auth_disable_tls_never_use_in_production = true
use_fully_qualified_names = true
re_expression = ^(?:(?P<domain>[^\\\\]+)\\\\)?(?P<name>[^\\\\]+)$
full_name_format = %2$s\\%1$s
'''

ROOTS = f'''dn: {BASE}
objectClass: domain
dc: example

dn: ou=plain,{BASE}
objectClass: organizationalUnit
ou: plain

dn: ou=dom,{BASE}
objectClass: organizationalUnit
ou: dom

'''


def change(machine, text):
    """Change the directory: LDIF, with a changetype where it is no new entry."""
    machine.run(['ldapmodify', '-a', *ADMINISTRATOR], input=text)


def user(name, number, password, unit='plain'):
    """A user as LDIF, with a primary group that has no name."""
    return (f'dn: uid={name},ou={unit},{BASE}\nobjectClass: account\nobjectClass: posixAccount\n'
            f'objectClass: shadowAccount\nuid: {name}\ncn: {name}\nuidNumber: {number}\n'
            f'gidNumber: {number}\nhomeDirectory: /home/{name}\nloginShell: /bin/bash\n'
            f'userPassword: {password}\n\n')


def dn_of_group(name, unit='plain'):
    """The name of a group's entry."""
    special = ''.join(f'\\{ord(c):02x}' if c in '\\,+"<>;=# ' else c for c in name)
    return f'cn={special},ou={unit},{BASE}'


def group(name, number, members=(), unit='plain'):
    """A group as LDIF."""
    lines = ''.join(f'memberUid: {member}\n' for member in members)
    return (f'dn: {dn_of_group(name, unit)}\nobjectClass: posixGroup\ncn: {name}\n'
            f'gidNumber: {number}\n{lines}\n')


def remove_group(name, unit='plain'):
    """LDIF that takes a group out."""
    return f'dn: {dn_of_group(name, unit)}\nchangetype: delete\n\n'


def start_server(machine):
    """Run the server, and wait until it answers."""
    machine.run(['systemd-run', '--quiet', f'--unit={SERVER}', '--property=RuntimeDirectory=directory',
                 '--property=StateDirectory=directory', '--property=KillMode=mixed',
                 '/usr/sbin/slapd', '-d', '0', '-f', '/etc/directory.conf', '-h', URI])
    wait_for(lambda: machine.run(['ldapsearch', '-x', '-H', URI, '-s', 'base', '-b', ''],
                                 check=False).returncode == 0)


def stop_server(machine):
    """End the server: whoever asks it is refused."""
    machine.run(['systemctl', 'stop', SERVER])


@contextlib.contextmanager
def frozen(machine, unit):
    """The block finds all processes of a unit standing still: whoever asks them gets no answer."""
    machine.run(['systemctl', 'kill', '--signal=STOP', unit])
    try:
        yield
    finally:
        machine.run(['systemctl', 'kill', '--signal=CONT', unit])


def join(machine):
    """Have names and passwords come from the directory too."""
    machine.write('/etc/sssd/sssd.conf', SSSD, 0o600)
    machine.run(['chown', '--reference=/etc/sssd', '/etc/sssd/sssd.conf'])
    machine.run(['systemctl', 'start', 'sssd.service'])
    machine.run(['pam-auth-update', '--enable', 'sss', 'mkhomedir'])
    # A wrong password need not take two seconds.
    machine.run(['sed', '-i', '/pam_unix.so/s/$/ nodelay/', '/etc/pam.d/common-auth'])
    machine.run(['sed', '-i', '-E', 's/^((passwd|group|shadow):.*)/\\1 sss/', '/etc/nsswitch.conf'])


def leave(machine):
    """Have them come from the machine's own files only."""
    machine.run(['sed', '-i', 's/ sss$//', '/etc/nsswitch.conf'])
    machine.run(['sed', '-i', '/pam_sss.so/d', '/etc/pam.d/common-auth'])
    machine.run(['systemctl', 'stop', 'sssd.service'])


def create(machine, entries):
    """A directory with ENTRIES (LDIF), and the machine joined to it."""
    machine.write('/etc/directory.conf', SLAPD)
    start_server(machine)
    change(machine, ROOTS + entries)
    join(machine)
