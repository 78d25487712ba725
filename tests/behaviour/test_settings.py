# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All settings alike: set, read back, proven by sshd, given back; and what is refused in each."""

import pytest
from gi.repository import GLib

from harness.bus import SETTINGS
from harness.machine import raises, wait_for
from harness.outside import FOREIGN, effective, rules, write
from harness.sshd import everywhere, ports

pytestmark = pytest.mark.usefixtures('pristine')

SERVER = '/usr/lib/openssh/sftp-server'

# What the property says without us, another value, and what sshd -T says then.
ROWS = {
    'TcpPort': (22, 2222, {'port': '2222'}),
    'PasswordLoginGroups': ([], ['team'], {'passwordauthentication': 'no',
                                           'kbdinteractiveauthentication': 'no'}),
    'PasswordAuthentication': (True, False, {'passwordauthentication': 'no',
                                             'kbdinteractiveauthentication': 'no'}),
    'KerberosAuthentication': (False, True, {'gssapiauthentication': 'yes'}),
    'TcpForwarding': (True, False, {'allowtcpforwarding': 'no'}),
    'Compression': (True, False, {'compression': 'no'}),
    'SftpLogLevel': ('', 'VERBOSE', {'subsystem': f'sftp {SERVER} -l VERBOSE'}),
    'SftpLogFacility': ('', 'LOCAL3', {'subsystem': f'sftp {SERVER} -f LOCAL3'}),
    'AuxiliaryParameters': ('', 'MaxSessions 7\n', {'maxsessions': '7'}),
}

INVALID = [
    ('TcpPort', GLib.Variant('u', 22), '“q”, not “u”'),
    ('TcpPort', 0, '1 to 65535'),
    ('PasswordLoginGroups', GLib.Variant('s', 'team'), '“as”, not “s”'),
    ('KerberosAuthentication', GLib.Variant('i', 1), '“b”, not “i”'),
    ('BindInterfaces', [''], 'empty'),
    ('BindInterfaces', ['a b'], '“a b”'),
    ('BindInterfaces', ['a/b'], '“a/b”'),
    ('BindInterfaces', ['lo:1'], '“lo:1”'),
    ('BindInterfaces', ['x' * 16], '15 bytes'),
    ('SftpLogLevel', 'verbose', '“verbose”.*VERBOSE'),
    ('SftpLogLevel', 'INFO -d /', '“INFO -d /”'),
    ('SftpLogLevel', 'INFO\nPort 1', r'“INFO\\nPort 1”'),
    ('SftpLogFacility', 'LOCAL8', '“LOCAL8”.*LOCAL7'),
    ('WeakCiphers', ['3DES-CBC'], '“3DES-CBC”.*AES128-CBC'),
    ('WeakCiphers', [''], '“”'),
]


@pytest.fixture(scope='module', autouse=True)
def team(machine):
    """The group that the rows name."""
    machine.user_add('member', groups=['team'])


@pytest.mark.parametrize('name', ROWS)
def test_set_and_reset(machine, name):
    theirs, value, told = ROWS[name]
    assert machine.get(name) == theirs
    before = {keyword: effective(machine, keyword) for keyword in told}
    result = machine.apply({name: value})
    assert result['changed'] == [name]
    assert machine.get(name) == value
    assert machine.get('ManagedSettings') == [name]
    assert {keyword: effective(machine, keyword) for keyword in told} == told
    assert told != before
    # Without the groups passwords are open to everybody, which has to be meant.
    meant = ['PasswordAuthentication'] if name == 'PasswordLoginGroups' else []
    result = machine.apply({}, reset=[name, *meant])
    assert result['changed'] == [name]
    assert machine.get(name) == theirs
    assert machine.get('ManagedSettings') == []
    assert {keyword: effective(machine, keyword) for keyword in told} == before
    assert rules(machine) == []


@pytest.mark.parametrize('name', ROWS)
def test_the_value_that_it_has_can_be_managed(machine, name):
    theirs = ROWS[name][0]
    assert machine.apply({name: theirs})['changed'] == [name]
    assert machine.get('ManagedSettings') == [name]
    assert machine.get(name) == theirs
    assert ports(machine) == everywhere(22)


def test_all_in_one_change_and_back(machine):
    change = {name: value for name, (_theirs, value, _told) in ROWS.items()}
    change |= {'BindInterfaces': [], 'WeakCiphers': ['AES128-CBC'], 'PasswordAuthentication': True}
    assert set(change) == set(SETTINGS)
    result = machine.apply(change)
    assert set(result['changed']) == set(SETTINGS) == set(machine.get('ManagedSettings'))
    assert {name: machine.get(name) for name in SETTINGS} == change
    assert ports(machine) == everywhere(2222)
    assert effective(machine, 'passwordauthentication', 'member') == 'yes'
    assert 'aes128-cbc' in effective(machine, 'ciphers').split(',')
    told = {'subsystem': f'sftp {SERVER} -l VERBOSE -f LOCAL3'}
    for name in ('PasswordLoginGroups', 'Compression', 'TcpForwarding', 'AuxiliaryParameters',
                 'KerberosAuthentication'):
        told |= ROWS[name][2]
    assert {keyword: effective(machine, keyword) for keyword in told} == told
    machine.apply({}, reset=[*SETTINGS])
    assert {name: machine.get(name) for name in ROWS} == {name: row[0] for name, row in ROWS.items()}
    assert machine.get('ManagedSettings') == rules(machine) == []


def test_a_change_touches_only_what_it_names(machine):
    machine.apply({'Compression': False})
    result = machine.apply({'TcpForwarding': False})
    assert result['changed'] == ['TcpForwarding']
    assert machine.get('Compression') is False
    assert machine.apply({'Compression': True}, reset=['TcpForwarding'])['changed'] == [
        'TcpForwarding', 'Compression']
    assert rules(machine) == ['Compression yes']


def test_what_is_not_managed_follows_the_system(machine):
    machine.apply({'TcpForwarding': False})
    write(machine, FOREIGN, 'Compression no\nGSSAPIAuthentication yes\n')
    wait_for(lambda: machine.get('Compression') is False)
    assert machine.get('KerberosAuthentication') is True
    assert machine.get('ManagedSettings') == ['TcpForwarding']


def test_changed_properties_are_announced(machine):
    with machine.signals() as signals:
        machine.apply({'Compression': False, 'SftpLogLevel': 'ERROR'})
        changed = signals.changed()
    assert changed['Compression'] is False and changed['SftpLogLevel'] == 'ERROR'
    assert changed['ManagedSettings'] == ['Compression', 'SftpLogLevel']
    assert 'TcpPort' not in changed


@pytest.mark.parametrize('name, value, match', INVALID)
def test_invalid_value(machine, name, value, match):
    with raises('InvalidSetting', f'^{name}: .*{match}') as raised:
        machine.apply({name: value, 'Compression': False})
    assert '\n' not in raised.message
    assert rules(machine) == []


def test_unknown_setting(machine):
    with raises('InvalidSetting', '^PermitRootLogin: no such setting.*TcpPort'):
        machine.apply({'PermitRootLogin': GLib.Variant('b', True)})
    with raises('InvalidSetting', '^tcpport: no such setting'):
        machine.apply({}, reset=['tcpport'])


def test_set_and_reset_at_once(machine):
    with raises('InvalidSetting', '^TcpPort: both set and reset'):
        machine.apply({'TcpPort': 2222}, reset=['TcpPort'])


@pytest.mark.parametrize('name', SETTINGS)
def test_no_property_is_writable(machine, name):
    value = GLib.Variant(SETTINGS[name], machine.get(name))
    with raises('org.freedesktop.DBus.Error.InvalidArgs', 'not writable'):
        machine.call('Set', GLib.Variant('(ssv)', ('org.truenas.SSH', name, value)),
                     interface='org.freedesktop.DBus.Properties')


def test_foreign_compression_counts(machine):
    """Whatever stands for yes in sshd_config(5)."""
    write(machine, FOREIGN, 'Compression delayed\n')
    wait_for(lambda: machine.get('Compression') is True)
    assert effective(machine, 'compression') == 'yes'


def compressed(machine):
    """Whether a client that asks for compression gets it, and what the server offers."""
    done = machine.ssh('member', 'true', key='/root/key-member',
                       options={'LogLevel': 'DEBUG2', 'Compression': 'yes'})
    assert done.returncode == 0
    server = done.stderr.split('peer server KEXINIT proposal')[1]
    offered = next(line for line in server.splitlines() if 'compression stoc' in line)
    chosen = next(line for line in done.stderr.splitlines()
                  if 'kex: server->client' in line).rpartition('compression: ')[2]
    return chosen, offered.rpartition(' ')[2]


def test_compression_as_a_client_finds_it(machine):
    machine.key_add('member')
    assert compressed(machine) == ('zlib@openssh.com', 'none,zlib@openssh.com')
    machine.apply({'Compression': False})
    assert compressed(machine) == ('none', 'none')
    machine.apply({'Compression': True})
    assert compressed(machine) == ('zlib@openssh.com', 'none,zlib@openssh.com')
    write(machine, FOREIGN, 'Compression no\n')
    assert compressed(machine) == ('zlib@openssh.com', 'none,zlib@openssh.com')
