# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""BindInterfaces: which interfaces can be named, and how many."""

import pytest

from harness.machine import raises
from harness.outside import FOREIGN, may, rules, write
from harness.sshd import everywhere, ports

pytestmark = pytest.mark.usefixtures('pristine')

NAME = 'BindInterfaces'
MANY = [f'many{i}' for i in range(8)]


@pytest.fixture(scope='module', autouse=True)
def links(machine):
    """A bridge with a port, an interface on top of it, and eight that lead nowhere; and a user."""
    machine.user_add('nic')
    machine.key_add('nic')
    machine.write('/etc/NetworkManager/conf.d/90-test.conf', '[device-test]\nmanaged=0\n')
    machine.run(['nmcli', 'general', 'reload', 'conf'])
    far = machine.add_interface('port0', peer_address='10.40.0.2/24')
    # Only the interface that has an address is to answer for it.
    machine.run('sysctl -qw net.ipv4.conf.all.arp_ignore=1')
    machine.run('ip link add bridge0 type bridge && ip link set port0 master bridge0'
                ' && ip link set bridge0 up && ip address add 10.40.0.1/24 dev bridge0'
                ' && ip link add link bridge0 name bridge0.7 type macvlan'
                ' && ip link set bridge0.7 up && ip address add 10.47.0.1/24 dev bridge0.7'
                f' && ip -n {far} address add 10.47.0.2/24 dev port0p')
    machine.run(' && '.join(f'ip link add {name} type veth peer name {name}p' for name in MANY))


def test_unknown_interface(machine):
    with raises('UnknownInterface', f'^{NAME}: “eth99”: .*ListInterfaces'):
        machine.apply({NAME: ['bridge0', 'eth99']})
    assert rules(machine) == []
    assert ports(machine) == everywhere(22)


def test_loopback_is_not_to_be_named(machine):
    with raises('UnknownInterface', f'^{NAME}: “lo”: loopback is always bound'):
        machine.apply({NAME: ['lo']})


def test_port_of_a_bridge_is_refused_and_the_bridge_is_not(machine):
    with raises('UnknownInterface', f'^{NAME}: “port0”: .*port of a bond or bridge'):
        machine.apply({NAME: ['port0']})
    machine.apply({NAME: ['bridge0']})
    assert may(machine, 'nic', key='/root/key-nic', host='10.40.0.1', netns='port0-far')


def test_interface_on_top_of_another(machine):
    machine.apply({NAME: ['bridge0.7']})
    assert may(machine, 'nic', key='/root/key-nic', host='10.47.0.1', netns='port0-far')
    assert not may(machine, 'nic', key='/root/key-nic', host='10.40.0.1', netns='port0-far')


def test_no_more_than_sshd_can_have(machine):
    machine.apply({NAME: MANY[:7]})
    assert len(ports(machine)) == 16
    with raises('InvalidSetting', f'^{NAME}: 18 sockets .* 16'):
        machine.apply({NAME: MANY})
    assert len(ports(machine)) == 16
    assert machine.get(NAME) == MANY[:7]


def test_every_port_counts(machine):
    write(machine, FOREIGN, 'Port 22\nPort 2024\n')
    with raises('InvalidSetting', f'^{NAME}: 20 sockets .* 16'):
        machine.apply({NAME: MANY[:4]})
    machine.apply({NAME: MANY[:3]})
    assert len(ports(machine)) == 16


def test_ipv4_alone_needs_fewer(machine):
    write(machine, FOREIGN, 'AddressFamily inet\n')
    machine.apply({NAME: MANY})
    assert len(ports(machine)) == 9


def test_named_twice_counts_once(machine):
    machine.apply({NAME: ['many0', 'many0']})
    assert machine.get(NAME) == ['many0']
    assert len(ports(machine)) == 4
