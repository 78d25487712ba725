# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bound interfaces of other kinds, with and without NetworkManager: sshd goes with each of them."""

import pytest

from harness.machine import wait_for
from harness.outside import may, refuses_connections
from harness.sshd import Session, everywhere, ports, sockets
from harness.tunnel import Tunnel

NAME = 'BindInterfaces'


def bound(*names):
    """The sockets of an sshd that is bound to interfaces."""
    found = {('127.0.0.1%lo', 22), ('[::1]%lo', 22)}
    for name in names:
        found |= {(f'0.0.0.0%{name}', 22), (f'[::]%{name}', 22)}
    return found


def is_bound(machine, *names):
    """Wait until sshd is bound to these, and to nothing else."""
    wait_for(lambda: ports(machine) == bound(*names), 30)


def gets_in(machine, host, netns):
    """Whether a client of a network namespace gets in."""
    return may(machine, 'nic', key='/root/key-nic', host=host, netns=netns)


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """A user with a key."""
    machine.user_add('nic')
    machine.key_add('nic')


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins and ends with nothing set."""
    yield
    machine.apply(reset=[NAME])
    assert ports(machine) == everywhere(22)


def test_tunnel_goes_and_comes(machine):
    machine.run('ip netns add site; ip -n site link set lo up')
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    with Tunnel(machine, 'vpn0', 'site') as tunnel:
        tunnel.address('10.8.0.1', '10.8.0.2')
        machine.apply({NAME: ['vpn0']})
        is_bound(machine, 'vpn0')
        assert gets_in(machine, '10.8.0.1', 'site')
        assert refuses_connections(machine, host='10.20.0.1', netns='lan0-far')
    is_bound(machine)
    assert refuses_connections(machine, host='10.20.0.1', netns='lan0-far')
    # Long after sshd has started, with another address.
    with Tunnel(machine, 'vpn0', 'site') as tunnel:
        is_bound(machine, 'vpn0')
        before = sockets(machine)
        tunnel.address('10.9.0.1', '10.9.0.2')
        assert gets_in(machine, '10.9.0.1', 'site')
        assert sockets(machine) == before
        with Session(machine, 'nic', key='/root/key-nic', host='10.9.0.1', netns='site') as session:
            machine.run(['systemctl', 'reload', 'ssh'])
            assert session.lives()
    machine.remove_interface('lan0')


def test_network_manager_gives_it_another_address(machine):
    machine.add_interface('lan2', '10.40.0.1/24', '10.40.0.2/24', managed=True)
    machine.run('ip -n lan2-far address add 10.41.0.2/24 dev lan2p')
    machine.apply({NAME: ['lan2']})
    is_bound(machine, 'lan2')
    assert gets_in(machine, '10.40.0.1', 'lan2-far')
    before = sockets(machine)
    machine.run('nmcli connection modify lan2 ipv4.addresses 10.41.0.1/24'
                ' && nmcli --wait 15 connection up lan2')
    assert gets_in(machine, '10.41.0.1', 'lan2-far')
    machine.run('nmcli connection down lan2; nmcli --wait 15 connection up lan2')
    machine.run(['systemctl', 'restart', 'NetworkManager'])
    wait_for(lambda: '10.41.0.1' in machine.run(['ip', 'address', 'show', 'lan2']).stdout)
    assert gets_in(machine, '10.41.0.1', 'lan2-far')
    assert sockets(machine) == before
    machine.remove_interface('lan2')
    is_bound(machine)
    machine.run(['nmcli', 'connection', 'delete', 'lan2'])


def test_without_network_manager(machine):
    machine.add_interface('lan3', '10.50.0.1/24', '10.50.0.2/24')
    machine.apply({NAME: ['lan3']})
    machine.run(['systemctl', 'stop', 'NetworkManager'])
    machine.remove_interface('lan3')
    is_bound(machine)
    machine.run('ip link add lan3 type veth peer name lan3p netns lan3-far; ip link set lan3 up;'
                ' ip -n lan3-far link set lan3p up; ip address add 10.50.0.1/24 dev lan3;'
                ' ip -n lan3-far address add 10.50.0.2/24 dev lan3p')
    is_bound(machine, 'lan3')
    assert gets_in(machine, '10.50.0.1', 'lan3-far')
    told = {each['name']: each['bound'] for each in machine.call('ListInterfaces')}
    assert told['lan3'] is True
    machine.run(['systemctl', 'start', 'NetworkManager'])
    machine.remove_interface('lan3')


def test_bridge_and_its_ports(machine):
    """What comes in by any of its ports, also one that it has been given since."""
    for name in ('port4', 'port5'):
        machine.add_interface(name, None, f'10.60.0.{name[-1]}/24')
    machine.run('ip link add bridge0 type bridge forward_delay 0; ip link set bridge0 up;'
                ' ip address add 10.60.0.1/24 dev bridge0; ip link set port4 master bridge0')
    machine.apply({NAME: ['bridge0']})
    is_bound(machine, 'bridge0')
    before = sockets(machine)
    machine.run('ip link set port5 master bridge0')
    assert gets_in(machine, '10.60.0.1', 'port4-far') and gets_in(machine, '10.60.0.1', 'port5-far')
    machine.run('ip link set port4 nomaster; ip link set port4 master bridge0')
    assert gets_in(machine, '10.60.0.1', 'port4-far')
    assert sockets(machine) == before
    machine.run('ip link delete bridge0')
    is_bound(machine)
    machine.run('ip link add bridge0 type bridge forward_delay 0; ip link set bridge0 up;'
                ' ip address add 10.60.0.1/24 dev bridge0; ip link set port5 master bridge0;'
                ' ip -n port5-far neighbour flush all')
    is_bound(machine, 'bridge0')
    assert gets_in(machine, '10.60.0.1', 'port5-far')


def test_names_of_all_kinds(machine):
    names = ['eth0.100', 'a@b', 'x' * 15]
    for name in names:
        machine.run(['ip', 'link', 'add', name, 'type', 'bridge'])
    machine.apply({NAME: names})
    is_bound(machine, *names)
    for name in names:
        machine.run(f'ip link delete {name}; ip link add {name} type bridge')
        wait_for(lambda: 'interface-missing' not in machine.warnings()
                 and 'not-listening' not in machine.warnings())
    is_bound(machine, *names)
    machine.run(['ip', 'link', 'delete', 'a@b'])
    is_bound(machine, 'eth0.100', 'x' * 15)


def test_ipv6_comes_and_goes(machine):
    machine.add_interface('lan6', '10.70.0.1/24', '10.70.0.2/24')
    machine.apply({NAME: ['lan6']})
    machine.run('ip address add fd70::1/64 dev lan6 nodad;'
                ' ip -n lan6-far address add fd70::2/64 dev lan6p nodad')
    assert gets_in(machine, 'fd70::1', 'lan6-far')
    machine.run('sysctl -q net.ipv6.conf.lan6.disable_ipv6=1')
    machine.remove_interface('lan6')
    is_bound(machine)
    machine.run('ip link add lan6 type veth peer name lan6p netns lan6-far; ip link set lan6 up;'
                ' ip -n lan6-far link set lan6p up; ip -n lan6-far address add fd70::2/64 dev lan6p'
                ' nodad; ip address add fd70::1/64 dev lan6 nodad')
    is_bound(machine, 'lan6')
    assert gets_in(machine, 'fd70::1', 'lan6-far')
