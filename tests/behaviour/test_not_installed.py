# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenSSH's server is not there: calls say so, and properties make sense."""

import pytest
from gi.repository import GLib

from harness.machine import raises, wait_for
from harness.sshd import DROP_IN, everywhere, ports, reset

BINARY = '/usr/sbin/sshd'

CALLS = {
    'Apply': GLib.Variant('(a{sv}a{sv})', ({'TcpPort': GLib.Variant('q', 2200)}, {})),
    'Start': None,
    'Stop': None,
    'Restart': None,
    'SetStartOnBoot': GLib.Variant('(b)', (True,)),
    'ListHostKeys': None,
}


@pytest.fixture
def without_binary(machine):
    """Its program is gone, but not its unit."""
    machine.run(['systemctl', 'stop', 'ssh.service'])
    machine.run(['mv', BINARY, f'{BINARY}.away'])
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    yield
    machine.run(['mv', f'{BINARY}.away', BINARY])
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    reset(machine)


@pytest.fixture
def removed(machine):
    """The package is removed, and what is left of it is left."""
    machine.run(['dpkg', '--remove', '--force-all', 'openssh-server'], timeout=120)
    machine.run(['systemctl', 'daemon-reload'])


def check_properties(machine, unit):
    """Each property answers, with what is true of a machine without sshd."""
    found = machine.properties()
    assert found['Unit'] == unit
    assert found['ActiveState'] == 'inactive'
    assert found['ListenAddresses'] == []
    assert found['SshdVersion'] == ''
    assert found['AvailableWeakCiphers'] == []
    assert found['ManagedSettings'] == []
    assert found['TcpPort'] == 22
    assert found['BindInterfaces'] == []
    return found


def check_calls(machine):
    """Each call that needs sshd says that it is not installed, the others work."""
    for method, args in CALLS.items():
        with raises('NotInstalled', 'install OpenSSH'):
            machine.call(method, args)
    assert isinstance(machine.call('ListInterfaces'), list)
    assert ('root', 0) in machine.call('ListGroups', GLib.Variant('(su)', ('', 0)))
    assert not machine.exists(DROP_IN)


def test_program_is_gone(machine, without_binary):
    check_properties(machine, 'ssh.service')
    for method in ('Apply', 'Start', 'Restart', 'ListHostKeys'):
        with raises('NotInstalled', f'^{BINARY}: .*install OpenSSH'):
            machine.call(method, CALLS[method])
    assert not machine.exists(DROP_IN)


def test_program_goes_while_the_service_runs(machine):
    assert machine.get('SshdVersion').startswith('OpenSSH_')
    machine.run(['mv', BINARY, f'{BINARY}.away'])
    with raises('NotInstalled'):
        machine.apply({'TcpPort': 2200})
    with raises('NotInstalled'):
        machine.call('Restart')
    assert ports(machine) == everywhere(22)  # which would have been the end of it
    assert machine.get('SshdVersion') == ''
    machine.run(['mv', f'{BINARY}.away', BINARY])
    machine.apply({'TcpPort': 2200})
    assert ports(machine) == everywhere(2200)
    assert machine.get('SshdVersion').startswith('OpenSSH_')
    machine.apply(reset=['TcpPort'])


def test_package_is_removed(machine, removed):
    wait_for(lambda: machine.get('Unit') == '')
    found = check_properties(machine, '')
    assert found['StartOnBoot'] is False
    check_calls(machine)
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    assert check_properties(machine, '') == {**found, 'LastChange': {}}
    check_calls(machine)


def test_package_is_purged(machine):
    """Nothing is left in /etc/ssh either."""
    machine.run(['dpkg', '--purge', '--force-all', 'openssh-server'], timeout=120)
    machine.run(['systemctl', 'daemon-reload'])
    machine.run(['rm', '-rf', '/etc/ssh'])
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    check_properties(machine, '')
    check_calls(machine)
    machine.reboot()
    check_properties(machine, '')
    check_calls(machine)
