# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may do what: nothing without a grant, and with one exactly what it names."""

import xml.etree.ElementTree

import pytest
from gi.repository import GLib

from harness.bus import NAME, PROPERTIES, settings
from harness.machine import failure, raises
from harness.polkit import ASKABLE, DENIED, action, allow, allow_nothing
from harness.sshd import (DROP_IN, Session, administrator, everywhere, override, ports, reset,
                          undisturbed)

# What everybody may call.
OPEN = {'ListInterfaces', 'ListGroups', 'ListHostKeys'}

# An argument for each type of one.
ARGUMENTS = {'a{sv}': {}, 'as': [], 'b': False, 's': '', 'u': 0}

DBUS = 'org.freedesktop.DBus'


@pytest.fixture(scope='module', autouse=True)
def alice(machine):
    """A user without any rights, who is also logged in from the first test to the last."""
    machine.user_add('alice')
    administrator(machine)
    with Session(machine, 'alice', key=machine.key_add('alice')) as session:
        yield 'alice'
        assert session.lives()


@pytest.fixture
def granted(machine):
    """Takes back what a test has allowed, and what that has come to."""
    yield
    allow_nothing(machine)
    reset(machine)


def introspect(machine):
    """The interface as the service tells it: methods with their types, properties with access."""
    text = machine.call('Introspect', interface='org.freedesktop.DBus.Introspectable')
    found = xml.etree.ElementTree.fromstring(text).find(f"interface[@name='{NAME}']")
    methods = {each.get('name'): [arg.get('type') for arg in each.findall('arg')
                                  if arg.get('direction') == 'in']
               for each in found.findall('method')}
    return methods, {each.get('name'): each.attrib for each in found.findall('property')}


# Without a grant

@pytest.mark.parametrize('interactive', [False, True])
def test_every_method_is_denied_or_open(machine, alice, interactive):
    """Also with the agent's flag, since there is no agent."""
    methods, _properties = introspect(machine)
    assert len(methods) >= 8
    # A generation that one could want to go back to.
    arguments = {**ARGUMENTS, 't': machine.apply({'TcpPort': 2200})['generation']}
    machine.apply(reset=['TcpPort'])
    before = machine.properties()
    with undisturbed(machine):
        for name, types in methods.items():
            values = tuple(arguments[each] for each in types)
            args = GLib.Variant(f"({''.join(types)})", values) if types else None
            if name in OPEN:
                machine.call(name, args, user=alice, interactive=interactive)
                continue
            with raises(DENIED if interactive else ASKABLE, r'^org\.truenas\.ssh\.'):
                machine.call(name, args, user=alice, interactive=interactive)
    assert machine.properties() == before


def test_token_of_nothing(machine, alice):
    """Who has a token needs no grant; who makes one up has nothing."""
    for method in ('Confirm', 'Rollback'):
        with raises('NotPending'):
            machine.call(method, GLib.Variant('(s)', ('made-up',)), user=alice)


@pytest.mark.parametrize('name, change, given', [
    ('configure', {'TcpPort': 2200}, {}),
    ('configure', {'BindInterfaces': ['eth99']}, {}),
    ('configure', {'Compression': False}, {}),
    ('configure', {'SftpLogLevel': 'INFO'}, {}),
    ('configure', {'SftpLogFacility': 'AUTH'}, {}),
    ('configure-authentication', {'PasswordLoginGroups': ['no-such-group']}, {}),
    ('configure-authentication', {'PasswordAuthentication': False}, {}),
    ('configure-authentication', {'KerberosAuthentication': True}, {}),
    ('configure-authentication', {'TcpForwarding': False}, {}),
    ('configure-authentication', {'WeakCiphers': ['AES128-CBC']}, {}),
    ('configure-auxiliary', {'AuxiliaryParameters': 'PrintMotd yes'}, {}),
    ('configure-auxiliary', {'AuxiliaryParameters': '# a comment'}, {}),
    ('configure-auxiliary', {}, {'replace_foreign': True}),
    ('configure-auxiliary', {}, {'overwrite_edits': True}),
    ('configure-privileged', {'AuxiliaryParameters': 'PermitRootLogin yes'}, {}),
    ('configure-privileged', {'AuxiliaryParameters': 'NoSuchKeyword yes'}, {}),
    ('configure-privileged', {'AuxiliaryParameters': 'Match User a\nPrintMotd no'}, {}),
    ('manage-service', {}, {'start': True}),
    ('inspect', {}, {}),
    ('inspect', {}, {'reset': ['TcpPort']}),
    ('inspect', {}, {'if_generation': 4711}),
    ('inspect', {'TcpPort': 2200, 'PasswordAuthentication': False}, {'dry_run': True}),
    ('inspect', {'AuxiliaryParameters': 'Include /etc/shadow'}, {'dry_run': True}),
])
def test_what_a_change_needs(machine, alice, name, change, given):
    """Which is asked before the machine is: names and lines that are wrong make no difference."""
    with raises(ASKABLE, f'^{action(name)}: '):
        machine.apply(change, user=alice, **given)


def test_denied_before_anything_else_is_said(machine, alice):
    override(machine, 'ExecReload=\nExecReload=/bin/sleep 1\nExecReload=/bin/kill -HUP $MAINPID')
    with raises(ASKABLE):
        machine.apply({'TcpPort': 2200}, user=alice, if_generation=4711)
    with machine.popen(['busctl', 'call', NAME, '/org/truenas/SSH', NAME, 'Apply', 'a{sv}a{sv}',
                        '1', 'TcpPort', 'q', '2200', '0']) as busy:
        while not machine.exists(DROP_IN):
            pass
        with raises(ASKABLE):
            machine.apply({'TcpPort': 2201}, user=alice)
        assert busy.wait() == 0
    reset(machine)


def test_reading_is_open(machine, alice):
    assert machine.properties(alice) == machine.properties()
    assert machine.call('ListHostKeys', user=alice) == machine.call('ListHostKeys')
    assert machine.call('ListInterfaces', user=alice) == machine.call('ListInterfaces')
    args = GLib.Variant('(su)', ('', 0))
    assert machine.call('ListGroups', args, user=alice) == machine.call('ListGroups', args)


# With one

def test_configure(machine, alice, granted):
    allow(machine, alice, 'configure')
    assert machine.apply({'TcpPort': 2200}, user=alice)['changed'] == ['TcpPort']
    assert ports(machine) == everywhere(2200)
    with undisturbed(machine, 2200):
        for name, change, given in (
                ('configure-authentication', {'PasswordAuthentication': False}, {}),
                ('configure-authentication', {'TcpPort': 2201, 'TcpForwarding': False}, {}),
                ('configure-auxiliary', {'AuxiliaryParameters': 'PrintMotd yes'}, {}),
                ('configure-auxiliary', {'TcpPort': 2201}, {'replace_foreign': True}),
                ('configure-privileged', {'AuxiliaryParameters': 'Banner none'}, {}),
                ('manage-service', {'TcpPort': 2201}, {'start': True}),
                ('inspect', {'TcpPort': 2201}, {'dry_run': True}),
                ('inspect', {'TcpPort': 2200}, {})):
            with raises(ASKABLE, f'^{action(name)}: '):
                machine.apply(change, user=alice, **given)
        for method in ('Start', 'Stop', 'Restart'):
            with raises(ASKABLE, f"^{action('manage-service')}: "):
                machine.call(method, user=alice)
    machine.apply(reset=['TcpPort'], user=alice)
    assert ports(machine) == everywhere(22)


def test_configure_authentication(machine, alice, granted):
    allow(machine, alice, 'configure-authentication')
    machine.apply({'PasswordAuthentication': False, 'TcpForwarding': False}, user=alice)
    assert machine.sshd_T()['passwordauthentication'] == ['no']
    with raises(ASKABLE, f"^{action('configure')}: "):
        machine.apply({'TcpPort': 2200}, user=alice)
    with raises(ASKABLE, f"^{action('configure-auxiliary')}: "):
        machine.apply({'AuxiliaryParameters': 'PrintMotd yes'}, user=alice)
    machine.apply(reset=['PasswordAuthentication', 'TcpForwarding'], user=alice)


def test_configure_auxiliary(machine, alice, granted):
    def refused(text):
        with raises(ASKABLE, f"^{action('configure-privileged')}: "):
            machine.apply({'AuxiliaryParameters': text}, user=alice)

    allow(machine, alice, 'configure-auxiliary')
    machine.apply({'AuxiliaryParameters': 'PrintMotd yes'}, user=alice)
    assert machine.sshd_T()['printmotd'] == ['yes']
    refused('PrintMotd yes\nPermitRootLogin yes')
    refused('PrintMotd yes\nMatch User nobody\nPrintMotd no')
    refused('PrintMotd yes\nNoSuchKeyword 1')
    machine.apply({'AuxiliaryParameters': 'MaxSessions 9'}, user=alice)
    assert machine.sshd_T()['printmotd'] == ['no']

    machine.apply({'AuxiliaryParameters': 'MaxSessions 9\nPermitRootLogin no\nMatch User nobody\n'
                                          'X11Forwarding no'})
    refused('MaxSessions 9\nMatch User nobody\nX11Forwarding no')
    refused('MaxSessions 9\nPermitRootLogin no')
    refused('PermitRootLogin no\nMaxSessions 9\nMatch User nobody\nX11Forwarding no')
    refused('MaxSessions 9\nPermitRootLogin no\nMatch User nobody\nX11Forwarding no\nPrintMotd no')
    refused('')
    with raises(ASKABLE, f"^{action('configure-privileged')}: "):
        machine.apply(reset=['AuxiliaryParameters'], user=alice)
    machine.apply({'AuxiliaryParameters': 'MaxSessions 8\nPermitRootLogin no\nMatch User nobody\n'
                                          'X11Forwarding no'}, user=alice)
    assert machine.sshd_T()['maxsessions'] == ['8']
    assert machine.sshd_T()['permitrootlogin'] == ['no']


def test_configure_privileged_covers_the_other_three(machine, alice, granted):
    allow(machine, alice, 'configure-privileged')
    machine.apply({'TcpPort': 2200, 'PasswordAuthentication': False,
                   'AuxiliaryParameters': 'PrintMotd yes\nPermitRootLogin no'}, user=alice)
    assert ports(machine) == everywhere(2200)
    machine.apply({'TcpPort': 2201}, user=alice)
    machine.apply(reset=['AuxiliaryParameters'], replace_foreign=True, user=alice)
    for call in (lambda: machine.call('Restart', user=alice),
                 lambda: machine.apply({'TcpPort': 2202}, start=True, user=alice)):
        with raises(ASKABLE, f"^{action('manage-service')}: "):
            call()
    assert ports(machine) == everywhere(2201)


def test_manage_service(machine, alice, granted):
    allow(machine, alice, 'manage-service')
    machine.call('Stop', user=alice)
    assert ports(machine) == set()
    machine.call('Start', user=alice)
    machine.call('Stop', user=alice)
    machine.apply(start=True, user=alice)
    assert ports(machine) == everywhere(22)
    machine.call('Restart', user=alice)
    machine.call('SetStartOnBoot', GLib.Variant('(b)', (True,)), user=alice)
    with raises(ASKABLE, f"^{action('configure')}: "):
        machine.apply({'TcpPort': 2200}, start=True, user=alice)
    assert ports(machine) == everywhere(22)


def test_inspect(machine, alice, granted):
    allow(machine, alice, 'inspect')
    with undisturbed(machine):
        assert machine.apply(user=alice)['changed'] == []
        assert 'Port 2200\n' in machine.apply({'TcpPort': 2200}, dry_run=True, user=alice)['config']
        with raises(ASKABLE, f"^{action('configure')}: "):
            machine.apply({'TcpPort': 2200}, user=alice)
        # What root can read is not shown to who may only inspect.
        with raises('ConfigRejected') as error:
            machine.apply({'AuxiliaryParameters': 'Include /etc/shadow'}, dry_run=True, user=alice)
    assert 'root:' not in error.message and '$y$' not in error.message


def test_mixed_change_needs_all(machine, alice, granted):
    change = {'TcpPort': 2200, 'PasswordAuthentication': False}
    allow(machine, alice, 'configure')
    with undisturbed(machine), raises(ASKABLE, f"^{action('configure-authentication')}: "):
        machine.apply(change, user=alice)
    allow(machine, alice, 'configure', 'configure-authentication')
    assert sorted(machine.apply(change, user=alice)['changed']) == sorted(change)
    assert ports(machine) == everywhere(2200)


def test_refusal_is_final(machine, alice, granted):
    allow(machine, alice, 'configure', 'manage-service', result='NO')
    for interactive in (False, True):
        args = GLib.Variant('(a{sv}a{sv})', (settings({'TcpPort': 2200}), {}))
        with raises(DENIED, f"^{action('configure')}: polkit does not allow it$"):
            machine.call('Apply', args, user=alice, interactive=interactive)
        with raises(DENIED, f"^{action('manage-service')}: polkit does not allow it$"):
            machine.call('Stop', user=alice, interactive=interactive)


# The bus

def test_nobody_else_can_own_the_name(machine, alice):
    args = GLib.Variant('(su)', (NAME, 3))
    with raises(DENIED):
        machine.call('RequestName', args, DBUS, DBUS, '/org/freedesktop/DBus', user=alice)


@pytest.mark.parametrize('user', [None, 'alice'])
def test_no_property_is_writable(machine, user):
    _methods, properties = introspect(machine)
    before = machine.properties()
    assert properties.keys() == before.keys()
    assert {each['access'] for each in properties.values()} == {'read'}
    values = machine.bus.call_sync(NAME, '/org/truenas/SSH', PROPERTIES, 'GetAll',
                                   GLib.Variant('(s)', (NAME,)), None, 0, -1,
                                   None).get_child_value(0)
    for name in properties:
        args = GLib.Variant('(ssv)', (NAME, name, values.lookup_value(name, None)))
        with pytest.raises(GLib.Error) as error:
            machine.call('Set', args, PROPERTIES, user=user)
        assert 'not writable' in failure(error).message, name
    assert machine.properties() == before
