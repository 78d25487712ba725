# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From ssh.socket to ssh.service with the option use-service, and back where it does not last."""

import pytest

from harness import activation
from harness.activation import FILE, check_back, open_ports, state
from harness.machine import failure, raises, wait_for
from harness.sshd import DROP_IN, Session, everywhere, override, ports

BOUND = {'127.0.0.1%lo', '[::1]%lo', '0.0.0.0%lan0', '[::]%lan0'}


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The machine changes over; the key of somebody who can log in."""
    machine.user_add('person')
    key = machine.key_add('person')
    machine.write('/etc/systemd/system/thief.service', activation.THIEF.format(port=2222))
    return key


@pytest.fixture(autouse=True)
def begin(machine, key):
    """Each test begins with the socket open, no sshd running, and an interface."""
    activation.reset(machine)
    if not machine.exists('/sys/class/net/lan0'):
        machine.add_interface('lan0', '10.9.0.1/24', '10.9.0.2/24', netns='far')
    yield
    machine.run('systemctl reset-failed truenas-ssh.service', check=False)


def login(machine, key, port=22, **how):
    """Whether somebody can log in."""
    return machine.ssh('person', 'true', key=key, port=port, **how).returncode == 0


def check_moved(machine):
    """The service is what runs now and at boot."""
    assert state(machine, 'ssh.socket') == ('disabled', 'inactive')
    assert state(machine, 'ssh.service') == ('enabled', 'active')
    assert machine.get('Unit') == 'ssh.service'
    assert machine.get('StartOnBoot') is True
    assert machine.run(['systemctl', 'is-system-running']).stdout == 'running\n'


def check_not_moved(machine, key):
    """The socket is, as if nothing had been."""
    check_back(machine)
    assert state(machine, 'ssh.socket') == ('enabled', 'active')
    assert state(machine, 'ssh.service')[0] == 'disabled'
    assert not machine.exists('/etc/systemd/system/sshd.service')
    assert login(machine, key)


def bound(machine, port):
    """Where sshd listens, if on no other port."""
    assert {number for _address, number in ports(machine)} == {port}
    return {address for address, _number in ports(machine)}


@pytest.mark.parametrize('running', [False, True])
def test_moves(machine, key, running):
    if running:
        assert login(machine, key)
    with Session(machine, 'person', key=key) as session:
        result = machine.apply({'BindInterfaces': ['lan0']}, use_service=True)
        assert result['changed'] == ['BindInterfaces']
        assert session.lives()
        check_moved(machine)
        assert bound(machine, 22) == BOUND
        assert login(machine, key)
        assert login(machine, key, host='10.9.0.1', netns='far')
        machine.run(['systemctl', 'restart', 'ssh.service'])
        assert session.lives()
        assert bound(machine, 22) == BOUND
    assert 'socket-activated' not in machine.warnings()
    pid = machine.sshd_pid()
    assert machine.apply({'BindInterfaces': ['lan0']}, use_service=True)['changed'] == []
    assert machine.sshd_pid() == pid


def test_moves_with_a_port_of_its_own(machine, key):
    machine.apply({'TcpPort': 2222})
    assert machine.exists(FILE)
    machine.apply({'TcpPort': 2223, 'BindInterfaces': ['lan0']}, use_service=True)
    check_moved(machine)
    assert bound(machine, 2223) == BOUND
    assert login(machine, key, 2223)
    machine.reboot()
    check_moved(machine)
    assert login(machine, key, 2223)
    machine.apply(reset=['TcpPort', 'BindInterfaces'])
    check_moved(machine)
    assert ports(machine) == everywhere(22)
    assert not machine.exists(FILE)


def test_nothing_else_changes(machine, key):
    assert machine.apply(use_service=True)['changed'] == []
    check_moved(machine)
    assert ports(machine) == everywhere(22)
    assert not machine.exists(DROP_IN)
    with Session(machine, 'person', key=key) as session:
        pid = machine.sshd_pid()
        machine.apply(use_service=True)  # there is nothing to do
        assert machine.sshd_pid() == pid
        assert session.lives()


def test_dry_run(machine, key):
    result = machine.apply({'BindInterfaces': ['lan0']}, use_service=True, dry_run=True)
    assert 'rdomain lan0' in result['config']
    check_not_moved(machine, key)


def test_socket_that_is_closed(machine):
    """What was not open is not afterwards."""
    machine.call('Stop')
    machine.apply({'BindInterfaces': ['lan0']}, use_service=True)
    assert state(machine, 'ssh.socket') == ('disabled', 'inactive')
    assert state(machine, 'ssh.service') == ('enabled', 'inactive')
    assert open_ports(machine) == set()
    machine.call('Start')
    assert bound(machine, 22) == BOUND


def test_needs_to_be_allowed(machine):
    machine.user_add('visitor')
    with raises('org.freedesktop.DBus.Error.InteractiveAuthorizationRequired',
                'manage-service|configure'):
        machine.apply({'TcpPort': 2222}, use_service=True, user='visitor')
    assert state(machine, 'ssh.socket') == ('enabled', 'active')


def test_port_in_use(machine, key):
    machine.run(['systemctl', 'start', 'thief.service'])
    with raises('PortInUse', '^TcpPort: thief.service'):
        machine.apply({'TcpPort': 2222}, use_service=True)
    check_not_moved(machine, key)


@pytest.mark.parametrize('running', [False, True])
def test_service_does_not_start(machine, key, running):
    if running:
        assert login(machine, key)
    override(machine, f'ExecStartPre=/bin/sh -c "! grep -qs rdomain {DROP_IN}"\nRestart=no\n')
    with Session(machine, 'person', key=key) as session:
        with raises('ApplyFailed', 'the previous settings are back'):
            machine.apply({'BindInterfaces': ['lan0']}, use_service=True)
        assert session.lives()
    check_not_moved(machine, key)


def test_nobody_confirms(machine, key):
    machine.apply({'BindInterfaces': ['lan0']}, use_service=True, confirm_timeout=10)
    check_moved(machine)
    with Session(machine, 'person', key=key) as session:
        activation.settle(machine, 'rolled-back')
        assert session.lives()
    check_not_moved(machine, key)


@pytest.mark.parametrize('how', ['reboot', 'crash'])
def test_boot_while_it_is_pending(machine, key, how):
    machine.apply({'TcpPort': 2223, 'BindInterfaces': ['lan0']}, use_service=True,
                  confirm_timeout=3600)
    assert bound(machine, 2223) == BOUND
    getattr(machine, how)()
    # Whatever serves SSH meanwhile, it is at the port from before.
    wait_for(lambda: state(machine, 'ssh.socket') == ('enabled', 'active'), 30)
    check_not_moved(machine, key)
    assert machine.show('truenas-ssh.service', 'Result') == 'success'


def test_killed_in_between(machine, key):
    assert login(machine, key)
    override(machine, f'ExecStartPre=/bin/sh -c "if grep -qs rdomain {DROP_IN}; then'
                      ' systemctl kill -s KILL truenas-ssh.service; sleep 1; fi"\n')
    with pytest.raises(Exception) as caught:
        machine.apply({'BindInterfaces': ['lan0']}, use_service=True)
    assert 'NoReply' in failure(caught.value).name
    wait_for(lambda: state(machine, 'ssh.socket') == ('enabled', 'active'), 30)
    check_not_moved(machine, key)
