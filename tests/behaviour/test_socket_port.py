# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The port under ssh.socket: a drop-in of the unit opens it, and sshd is reached there."""

import pytest

from harness import activation
from harness.activation import FILE, check_not_deaf, everywhere, open_ports, state
from harness.machine import raises
from harness.sshd import DROP_IN, Session


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The machine changes over; the key of somebody who can log in."""
    machine.user_add('person')
    key = machine.key_add('person')
    activation.to_socket(machine)
    return key


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with the socket open and no sshd running."""
    yield
    activation.reset(machine)


def login(machine, key, port, **how):
    """Whether somebody can log in, which starts sshd."""
    return machine.ssh('person', 'true', key=key, port=port, **how).returncode == 0


@pytest.mark.parametrize('running', [False, True])
def test_port(machine, key, running):
    if running:
        assert login(machine, key, 22)
    with machine.signals() as signals:
        assert machine.apply({'TcpPort': 2222})['changed'] == ['TcpPort']
        changed = signals.changed()
    assert changed['TcpPort'] == 2222
    assert [(each['address'], each['port']) for each in machine.get('ListenAddresses')] \
        == [('::', 2222)]
    check_not_deaf(machine, everywhere(2222))
    assert machine.show('ssh.service', 'ActiveState') == ('active' if running else 'inactive')
    assert state(machine, 'ssh.socket') == ('enabled', 'active')
    assert machine.get('ManagedSettings') == ['TcpPort']
    assert machine.warnings().keys().isdisjoint({'socket-activated', 'not-listening',
                                                 'setting-overridden'})
    assert login(machine, key, 2222)
    assert not login(machine, key, 22)
    assert 'Port 2222\n' in machine.read(DROP_IN)
    lines = [line for line in machine.read(FILE).splitlines() if not line.startswith('#')]
    assert lines == ['[Socket]', 'ListenStream=', 'ListenStream=2222']

    assert machine.apply(reset=['TcpPort'])['changed'] == ['TcpPort']
    assert login(machine, key, 22)
    assert not machine.exists('/etc/systemd/system/ssh.socket.d')
    activation.check_back(machine)


def test_sessions_survive(machine, key):
    with Session(machine, 'person', key=key) as session:
        for port in (2222, 2223):
            machine.apply({'TcpPort': port})
            assert session.lives()
            assert open_ports(machine) == everywhere(port)
        with Session(machine, 'person', key=key, port=2223) as second:
            machine.apply(reset=['TcpPort'])
            assert session.lives()
            assert second.lives()
    assert login(machine, key, 22)


def test_port_that_is_open_already(machine, key):
    machine.apply({'TcpPort': 22})
    assert login(machine, key, 22)
    check_not_deaf(machine, everywhere(22))
    assert machine.exists(FILE)


def test_other_settings_leave_the_socket_alone(machine, key):
    machine.apply({'TcpPort': 2222})
    before = activation.socket_inodes(machine), machine.path(FILE).stat().st_ino
    machine.apply({'Compression': False, 'AuxiliaryParameters': 'ForceCommand echo forced'})
    assert login(machine, key, 2222)
    assert machine.ssh('person', 'true', key=key, port=2222).stdout == 'forced\n'
    machine.apply({'Compression': True})
    assert (activation.socket_inodes(machine), machine.path(FILE).stat().st_ino) == before
    assert machine.apply({'TcpPort': 2222})['changed'] == []
    assert (activation.socket_inodes(machine), machine.path(FILE).stat().st_ino) == before


def test_stays_over_a_boot(machine, key):
    machine.apply({'TcpPort': 2222})
    machine.reboot()
    check_not_deaf(machine, everywhere(2222))
    assert 'ordering cycle' not in machine.journal(None, None, '-b')
    assert login(machine, key, 2222)
    for call in ('Restart', 'Stop', 'Start'):
        machine.call(call)
    check_not_deaf(machine, everywhere(2222))
    assert login(machine, key, 2222)


def test_dry_run(machine):
    before = activation.socket_inodes(machine)
    result = machine.apply({'TcpPort': 2222}, dry_run=True)
    assert FILE in result['diff']
    assert '+ListenStream=2222\n' in result['diff']
    assert '+Port 2222\n' in result['diff']
    assert activation.socket_inodes(machine) == before
    assert not machine.exists(FILE)
    assert not machine.exists(DROP_IN)
    assert not machine.exists('/etc/systemd/system/ssh.socket.d')


def test_socket_that_is_closed(machine, key):
    machine.call('Stop')
    machine.apply({'TcpPort': 2222})
    assert open_ports(machine) == set()
    assert machine.get('TcpPort') == 2222
    machine.apply({'TcpPort': 2223}, start=True)
    check_not_deaf(machine, everywhere(2223))
    assert login(machine, key, 2223)


def test_interfaces_are_not_supported(machine, key):
    if not machine.exists('/sys/class/net/lan0'):
        machine.add_interface('lan0', '10.9.0.1/24')
    for change in ({'BindInterfaces': ['lan0']}, {'TcpPort': 2222, 'BindInterfaces': ['lan0']}):
        with raises('NotSupported', '^BindInterfaces: ssh.socket .*use-service'):
            machine.apply(change)
    assert not machine.exists(DROP_IN)
    assert not machine.exists(FILE)
    assert login(machine, key, 22)
