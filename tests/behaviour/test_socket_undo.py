# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change of the port under ssh.socket that fails, is cut short, or that nobody confirms."""

import pytest

from harness import activation
from harness.activation import FILE, check_back, check_not_deaf, everywhere, open_ports
from harness.machine import failure, raises, wait_for
from harness.sshd import DROP_IN, Session, override

IF_NEW = f'grep -qs 2222 {FILE}'


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The machine changes over; the key of somebody who can log in."""
    machine.user_add('person')
    key = machine.key_add('person')
    machine.write('/etc/systemd/system/thief.service', activation.THIEF.format(port=2222))
    activation.to_socket(machine)
    return key


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with the socket open and no sshd running."""
    yield
    activation.reset(machine)


def login(machine, key, port):
    """Whether somebody can log in, which starts sshd."""
    return machine.ssh('person', 'true', key=key, port=port).returncode == 0


def before_it_opens(machine, command):
    """Have systemd run a command when the socket is opened at the new port."""
    machine.write(activation.OVERRIDE,
                  f'[Socket]\nExecStartPre=/bin/sh -c "if {IF_NEW}; then {command}; fi"\n')
    machine.run(['systemctl', 'daemon-reload'])


def test_port_in_use(machine, key):
    machine.run(['systemctl', 'start', 'thief.service'])
    before = activation.socket_inodes(machine)
    with raises('PortInUse', '^TcpPort: thief.service listens on port 2222'):
        machine.apply({'TcpPort': 2222})
    assert activation.socket_inodes(machine) == before
    check_back(machine)
    assert login(machine, key, 22)


@pytest.mark.parametrize('running', [False, True])
def test_port_is_taken_just_before(machine, key, running):
    if running:
        assert login(machine, key, 22)
    before_it_opens(machine, 'systemctl start thief.service')
    with Session(machine, 'person', key=key) as session:
        with raises('ApplyFailed', 'ssh.socket.*the previous settings are back'):
            machine.apply({'TcpPort': 2222})
        assert session.lives()
    assert machine.get('LastChange')['outcome'] == 'rolled-back'
    check_back(machine)
    assert login(machine, key, 22)


def test_back_to_the_port_before(machine, key):
    machine.apply({'TcpPort': 2221})
    text = machine.read(FILE)
    before_it_opens(machine, 'false')
    with raises('ApplyFailed', 'the previous settings are back'):
        machine.apply({'TcpPort': 2222})
    assert machine.read(FILE) == text
    assert 'Port 2221\n' in machine.read(DROP_IN)
    check_not_deaf(machine, everywhere(2221))
    assert login(machine, key, 2221)


def test_sshd_does_not_start_behind_it(machine, key):
    assert login(machine, key, 22)
    override(machine, f'ExecStartPost=/bin/sh -c "! {IF_NEW}"\nRestart=no\n')
    with raises('ApplyFailed', 'the previous settings are back'):
        machine.apply({'TcpPort': 2222})
    check_back(machine)
    assert login(machine, key, 22)


def test_nobody_confirms(machine, key):
    assert login(machine, key, 22)
    machine.apply({'TcpPort': 2222}, confirm_timeout=10)
    check_not_deaf(machine, everywhere(2222))
    assert login(machine, key, 2222)
    activation.settle(machine, 'rolled-back')
    check_back(machine)
    assert login(machine, key, 22)


def test_service_that_is_stopped(machine, key):
    """The timer wakes it, and it finds what is to be undone."""
    machine.apply({'TcpPort': 2222}, confirm_timeout=10)
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    assert login(machine, key, 2222)
    wait_for(lambda: open_ports(machine) == everywhere(22), 30)
    check_back(machine)


@pytest.mark.parametrize('how', ['reboot', 'crash'])
def test_boot_while_it_is_pending(machine, key, how):
    machine.apply({'TcpPort': 2222}, confirm_timeout=3600)
    getattr(machine, how)()
    check_back(machine)
    assert login(machine, key, 22)
    assert 'ordering cycle' not in machine.journal(None, None, '-b')
    assert machine.get('PendingDeadline') == 0


def test_killed_while_the_socket_is_down(machine, key):
    assert login(machine, key, 22)
    before_it_opens(machine, 'systemctl kill -s KILL truenas-ssh.service')
    with pytest.raises(Exception) as caught:
        machine.apply({'TcpPort': 2222})
    assert 'NoReply' in failure(caught.value).name
    wait_for(lambda: open_ports(machine) == everywhere(22), 30)
    check_back(machine)
    assert login(machine, key, 22)


def test_power_fails_while_the_socket_is_down(machine, key):
    before_it_opens(machine, 'sleep 60')
    machine.popen(['busctl', 'call', 'org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH',
                   'Apply', 'a{sv}a{sv}', '1', 'TcpPort', 'q', '2222', '0'])
    wait_for(lambda: machine.exists(FILE) and machine.show('ssh.socket', 'SubState') == 'start-pre')
    machine.crash()
    check_back(machine)
    assert login(machine, key, 22)
