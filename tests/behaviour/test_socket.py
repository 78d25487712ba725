# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""ssh.socket listens and starts sshd for the first connection."""

import pytest
from gi.repository import GLib

from harness import activation
from harness.activation import open_ports
from harness.machine import raises, wait_for
from harness.sshd import DROP_IN, Session, everywhere

# systemd holds the sockets itself, and sshd the same ones while it runs.
PORTS = {('*', 22)}


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


def login(machine, key, *command, **how):
    """Log in and run a command, which starts sshd."""
    return machine.ssh('person', *(command or ['true']), key=key, **how)


def test_properties(machine, key):
    assert machine.get('Unit') == 'ssh.socket'
    assert machine.get('ActiveState') == 'active'
    assert machine.get('StartOnBoot') is True
    assert open_ports(machine) == PORTS
    assert machine.show('ssh.service', 'ActiveState') == 'inactive'
    assert login(machine, key).returncode == 0
    assert machine.show('ssh.service', 'ActiveState') == 'active'
    assert machine.get('Unit') == 'ssh.socket'
    assert 'not-listening' not in machine.warnings()


@pytest.mark.parametrize('running', [False, True])
def test_other_settings_take_effect_at_the_next_login(machine, key, running):
    if running:
        login(machine, key)
    change = {'AuxiliaryParameters': 'ForceCommand echo forced'}
    assert machine.apply(change)['changed'] == ['AuxiliaryParameters']
    assert login(machine, key, 'id', '-un').stdout == 'forced\n'
    machine.apply(reset=['AuxiliaryParameters'])
    assert login(machine, key, 'id', '-un').stdout == 'person\n'
    assert open_ports(machine) == PORTS


def test_change_does_not_start_sshd(machine, key):
    machine.apply({'Compression': False})
    assert machine.show('ssh.service', 'ActiveState') == 'inactive'
    assert open_ports(machine) == PORTS
    assert machine.get('Compression') is False


def test_stop_and_start(machine, key):
    with Session(machine, 'person', key=key) as session:
        machine.call('Stop')
        assert open_ports(machine) == set()
        assert machine.show('ssh.socket', 'ActiveState') == 'inactive'
        assert machine.show('ssh.service', 'ActiveState') == 'inactive'
        assert machine.get('ActiveState') == 'inactive'
        assert machine.get('Unit') == 'ssh.socket'  # it is the one that starts at boot
        assert login(machine, key).returncode != 0
        machine.call('Start')
        assert open_ports(machine) == PORTS
        assert machine.get('ActiveState') == 'active'
        assert login(machine, key).returncode == 0
        assert session.lives()


@pytest.mark.parametrize('running', [False, True])
def test_restart(machine, key, running):
    if running:
        login(machine, key)
    machine.call('Restart')
    assert open_ports(machine) == PORTS
    assert machine.show('ssh.socket', 'ActiveState') == 'active'
    assert login(machine, key).returncode == 0


def test_start_does_nothing_where_it_is_open(machine, key):
    login(machine, key)
    pid = machine.sshd_pid()
    machine.call('Start')
    assert machine.sshd_pid() == pid
    assert open_ports(machine) == PORTS


def test_nothing_ends_deaf(machine, key):
    """Any package's reload of systemd may follow."""
    for call in (lambda: machine.apply({'Compression': False}), lambda: machine.call('Restart'),
                 lambda: machine.apply(reset=['Compression'])):
        call()
        machine.run(['systemctl', 'daemon-reload'])
        assert open_ports(machine) == PORTS
        assert login(machine, key).returncode == 0


def test_failure_is_rolled_back(machine, key):
    login(machine, key)
    machine.write('/run/systemd/system/ssh.service.d/90-test.conf',
                  f'[Service]\nExecStartPost=/bin/sh -c "! test -e {DROP_IN}"\nRestart=no\n')
    machine.run(['systemctl', 'daemon-reload'])
    with raises('ApplyFailed', 'the previous settings are back'):
        machine.apply({'Compression': False})
    machine.remove('/run/systemd/system/ssh.service.d/90-test.conf')
    machine.run(['systemctl', 'daemon-reload'])
    assert not machine.exists(DROP_IN)
    assert open_ports(machine) == PORTS
    assert login(machine, key).returncode == 0


def test_start_on_boot(machine, key):
    machine.call('SetStartOnBoot', GLib.Variant('(b)', (False,)))
    assert machine.get('StartOnBoot') is False
    assert machine.get('Unit') == 'ssh.socket'
    machine.call('SetStartOnBoot', GLib.Variant('(b)', (True,)))
    assert machine.run(['systemctl', 'is-enabled', 'ssh.socket']).stdout == 'enabled\n'
    assert machine.run(['systemctl', 'is-enabled', 'ssh.service'],
                       check=False).stdout == 'disabled\n'
    machine.reboot()
    assert machine.get('Unit') == 'ssh.socket'
    assert open_ports(machine) == PORTS
    assert login(machine, key).returncode == 0


def test_changed_over_by_somebody_else(machine, key):
    """The settings of one unit are told where they do not hold with the other."""
    if not machine.exists('/sys/class/net/lan0'):
        machine.add_interface('lan0', '10.9.0.1/24')
    activation.to_service(machine)
    machine.apply({'TcpPort': 2200, 'BindInterfaces': ['lan0']})
    assert login(machine, key, port=2200).returncode == 0
    assert 'socket-activated' not in machine.warnings()

    activation.to_socket(machine)
    assert open_ports(machine) == PORTS
    wait_for(lambda: [each['port'] for each in machine.get('ListenAddresses')] == [22])
    warnings = machine.warnings()['socket-activated']
    assert {each['setting'] for each in warnings} == {'TcpPort', 'BindInterfaces'}
    assert all('ssh.socket' in each['message'] for each in warnings)
    assert machine.get('TcpPort') == 2200  # as it was asked for
    machine.apply({'Compression': False})
    assert open_ports(machine) == PORTS
    with raises('NotSupported', '^BindInterfaces: ssh.socket'):
        machine.apply({'TcpPort': 2200})

    machine.apply(reset=['BindInterfaces'])
    assert {each['setting'] for each in machine.warnings()['socket-activated']} == {'TcpPort'}
    assert machine.apply({'TcpPort': 2200})['changed'] == []
    assert open_ports(machine) == {('*', 2200)}
    assert login(machine, key, port=2200).returncode == 0
    assert 'socket-activated' not in machine.warnings()

    activation.to_service(machine)
    wait_for(lambda: {each['port'] for each in machine.get('ListenAddresses')} == {2200})
    assert open_ports(machine) == everywhere(2200)
    assert 'socket-activated' not in machine.warnings()
    machine.apply({'TcpPort': 2201})
    assert open_ports(machine) == everywhere(2201)
    activation.to_socket(machine)  # what was there has been kept in step
    assert open_ports(machine) == {('*', 2201)}
    machine.apply(reset=['TcpPort', 'Compression'])
    assert open_ports(machine) == PORTS


def test_socket_that_is_deaf(machine):
    """Its files were changed and systemd has read them, behind the service's back."""
    machine.write('/run/systemd/system/ssh.socket.d/90-test.conf',
                  '[Socket]\nListenStream=\nListenStream=2200\n')
    machine.run(['systemctl', 'daemon-reload'])
    wait_for(lambda: 'not-listening' in machine.warnings())
    assert 'ssh.socket does not listen' in machine.warnings()['not-listening'][0]['message']
