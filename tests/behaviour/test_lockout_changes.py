# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which changes take the last way in away, and what they are made with all the same."""

import pytest

from harness import lockout
from harness.lockout import NO_PASSWORDS, refused
from harness.machine import raises
from harness.outside import FOREIGN, may, write
from harness.past import end, revert


@pytest.fixture(scope='module', autouse=True)
def main(machine):
    """The people; gives the text of sshd's main file."""
    return lockout.prepare(machine)


@pytest.fixture(autouse=True)
def clean(machine, main):
    """Each test begins with administrators who have a password and no key."""
    lockout.clean(machine, main)


def auxiliary(lines):
    """The change to these lines."""
    return {'AuxiliaryParameters': lines}


# Auxiliary lines

@pytest.mark.parametrize('lines', [
    'AllowUsers nobody', 'AllowGroups team', 'DenyUsers root boss', 'DenyGroups sudo root',
    'DenyUsers *', 'UsePAM no\nDenyGroups root\nAllowUsers root',
    'PermitRootLogin no\nDenyUsers boss', 'Match all\n    PasswordAuthentication no',
    'Match Group sudo\n    PasswordAuthentication no', 'AuthenticationMethods publickey,password',
    'MaxSessions 0',
])
def test_lines_that_keep_everybody_out(machine, lines):
    assert refused(machine, auxiliary(lines)).startswith('AuxiliaryParameters: ')
    machine.apply(auxiliary(lines), allow_lockout=True)
    assert not may(machine, 'boss', password='secret')


@pytest.mark.parametrize('lines', [
    'AllowUsers boss', 'AllowGroups sudo', 'DenyUsers root', 'PermitRootLogin no',
    'DenyUsers boss@10.0.0.0/8', 'Match Address 10.0.0.0/8\n    PasswordAuthentication no',
])
def test_lines_that_leave_somebody(machine, lines):
    machine.apply(auxiliary(lines))
    assert may(machine, 'boss', password='secret')


def test_some_places_are_ways_in(machine):
    lines = 'Match Address 10.0.0.0/8\n    PasswordAuthentication yes'
    write(machine, FOREIGN, 'PasswordAuthentication no\n')
    machine.apply(auxiliary(lines))
    assert not may(machine, 'boss', password='secret')
    machine.apply(auxiliary(f'AllowUsers boss@10.1.0.0/16\n{lines}'))
    refused(machine, auxiliary(f'AllowUsers guest\n{lines}'))


@pytest.mark.parametrize('lines', [
    'AuthorizedKeysCommand /usr/bin/true\nAuthorizedKeysCommandUser nobody',
    'TrustedUserCAKeys /root/key-guest.pub', 'HostbasedAuthentication yes',
])
def test_what_cannot_be_told_is_a_way_in(machine, lines):
    machine.apply({**NO_PASSWORDS, **auxiliary(lines)})
    assert refused(machine, auxiliary('')).startswith('AuxiliaryParameters: ')


# The settings

def test_groups_without_an_administrator(machine):
    change = {'PasswordAuthentication': True, 'PasswordLoginGroups': ['team']}
    message = refused(machine, change)
    assert message.startswith('PasswordLoginGroups, PasswordAuthentication: ')
    machine.apply({**change, 'PasswordLoginGroups': ['team', 'sudo']})
    assert may(machine, 'boss', password='secret')
    refused(machine, {'PasswordLoginGroups': ['team']})


def test_giving_back_to_a_system_that_keeps_out(machine):
    write(machine, FOREIGN, 'PasswordAuthentication no\n')
    machine.apply({'PasswordAuthentication': True})
    assert may(machine, 'boss', password='secret')
    refused(machine, {}, reset=['PasswordAuthentication'])
    machine.key_add('boss')
    machine.apply({}, reset=['PasswordAuthentication'])


def test_going_back_to_settings_that_keep_out(machine):
    then = machine.apply(NO_PASSWORDS, allow_lockout=True)['generation']
    machine.apply({'PasswordAuthentication': True})
    with raises('Lockout', '^PasswordAuthentication: '):
        revert(machine, then)
    revert(machine, then, allow_lockout=True)
    assert not may(machine, 'boss', password='secret')


def test_root_by_password(machine):
    write(machine, FOREIGN, 'PermitRootLogin yes\n')
    machine.run(['gpasswd', '-d', 'boss', 'sudo'])
    assert may(machine, 'root', password='secret')
    assert 'root: PermitRootLogin no' in refused(machine, auxiliary('PermitRootLogin no'))
    machine.key_add('root')
    machine.apply(auxiliary('PermitRootLogin prohibit-password'))
    assert not may(machine, 'root', password='secret')


def test_kerberos_is_a_way_in(machine):
    machine.apply({**NO_PASSWORDS, 'KerberosAuthentication': True})
    assert refused(machine, {'KerberosAuthentication': False}).startswith('KerberosAuth')


def test_other_settings_do_not_ask(machine):
    machine.apply(NO_PASSWORDS, allow_lockout=True)
    machine.apply({'TcpPort': 2222, 'Compression': False, 'TcpForwarding': False})
    machine.apply({}, reset=['TcpPort'])


# All the same

def test_allow_lockout(machine):
    refused(machine, NO_PASSWORDS, allow_lockout=False)
    assert machine.apply(NO_PASSWORDS, dry_run=True, allow_lockout=True)['changed']
    machine.apply(NO_PASSWORDS, allow_lockout=True)
    assert not may(machine, 'boss', password='secret')


def test_on_probation(machine):
    assert machine.apply(NO_PASSWORDS, dry_run=True, confirm_timeout=60)['changed']
    token = machine.apply(NO_PASSWORDS, confirm_timeout=60)['token']
    assert not may(machine, 'boss', password='secret')
    end(machine, 'Rollback', token)
    assert machine.get('PasswordAuthentication') is True
    assert may(machine, 'boss', password='secret')
