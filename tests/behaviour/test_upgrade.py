# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenSSH's package is installed anew while SSH is in use, at the worst moments; SSH stays."""

import contextlib

import pytest

from harness.machine import wait_for
from harness.outside import may
from harness.sshd import DROP_IN, Session, everywhere, ports

OWN = 'truenas-ssh.service'
REINSTALL = ('DEBIAN_FRONTEND=noninteractive apt-get install --yes --reinstall'
             ' /var/cache/packages/openssh-server_*.deb')


@pytest.fixture(scope='module', autouse=True)
def cables(machine):
    """Two cables, and a user with a key."""
    machine.user_add('nic')
    machine.key_add('nic')
    for name, net in (('lan0', 20), ('lan1', 30)):
        machine.add_interface(name, f'10.{net}.0.1/24', f'10.{net}.0.2/24')


@contextlib.contextmanager
def reinstalled(machine):
    """Behind the block the package is installed again, which restarts sshd; a session lives on."""
    before = machine.sshd_pid()
    with Session(machine, 'nic', key='/root/key-nic', host='10.20.0.1', netns='lan0-far',
                 port=machine.get('TcpPort')) as session:
        yield
        machine.run(REINSTALL, timeout=120)
        assert session.lives()
    assert machine.sshd_pid() not in (0, before)
    assert machine.show('ssh.service', 'ActiveState') == 'active'


def bound(*names, port=2200):
    """The sockets of an sshd that is bound to interfaces."""
    found = {('127.0.0.1%lo', port), ('[::1]%lo', port)}
    for name in names:
        found |= {(f'0.0.0.0%{name}', port), (f'[::]%{name}', port)}
    return found


def test_settings_stay(machine):
    machine.apply({'TcpPort': 2200, 'SftpLogLevel': 'VERBOSE', 'Compression': False})
    text = machine.read(DROP_IN)
    with reinstalled(machine):
        pass
    assert machine.read(DROP_IN) == text
    assert ports(machine) == everywhere(2200)
    assert '-l VERBOSE' in machine.sshd_T()['subsystem'][0]
    wait_for(lambda: 'edited-by-hand' not in machine.warnings()
             and 'setting-overridden' not in machine.warnings())


def test_bound_interface_is_gone(machine):
    """Nobody is there to render for what is left but what runs before sshd starts."""
    machine.apply({'BindInterfaces': ['lan0', 'lan1']})
    assert ports(machine) == bound('lan0', 'lan1')
    with reinstalled(machine):
        machine.run(['systemctl', 'stop', OWN])
        machine.remove_interface('lan1')
    wait_for(lambda: ports(machine) == bound('lan0'))
    assert may(machine, 'nic', key='/root/key-nic', host='10.20.0.1', netns='lan0-far', port=2200)
    machine.add_interface('lan1', '10.30.0.1/24', '10.30.0.2/24')
    machine.get('Version')
    wait_for(lambda: ports(machine) == bound('lan0', 'lan1'), 15)


def test_change_on_probation(machine):
    """It stays on probation, and ends as any other."""
    machine.apply({'TcpPort': 2201}, confirm_timeout=600)
    with reinstalled(machine):
        pass
    wait_for(lambda: ports(machine) == bound('lan0', 'lan1', port=2201))
    assert machine.get('PendingDeadline')
    machine.run(['systemctl', 'stop', OWN])
    machine.reboot()
    assert {port for _address, port in ports(machine)} == {2200}
    assert machine.get('PendingDeadline') == 0
