# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client beyond the bound interface's own network gets an answer, or somebody is told why not."""

import pytest

from harness.outside import may

LOCAL = {'IPv4': '10.20.0.1', 'IPv6': 'fd20::1'}


@pytest.fixture(scope='module', autouse=True)
def network(machine):
    """A client behind a router at lan0, which the machine would answer by way of lan1."""
    machine.user_add('nic')
    machine.key_add('nic')
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    machine.add_interface('lan1', '10.30.0.1/24', '10.30.0.2/24')
    machine.run('ip address add fd20::1/64 dev lan0 nodad;'
                ' ip -n lan0-far address add fd20::2/64 dev lan0p nodad;'
                ' ip netns add beyond;'
                ' ip link add west netns lan0-far type veth peer name east netns beyond;'
                ' ip -n lan0-far link set west up; ip -n beyond link set east up;'
                ' ip -n lan0-far address add 192.0.2.1/24 dev west;'
                ' ip -n lan0-far address add 2001:db8::1/64 dev west nodad;'
                ' ip -n beyond address add 192.0.2.9/24 dev east;'
                ' ip -n beyond address add 2001:db8::9/64 dev east nodad;'
                ' ip -n beyond route add default via 192.0.2.1;'
                ' ip -n beyond -6 route add default via 2001:db8::1;'
                ' ip netns exec lan0-far sysctl -q net.ipv4.ip_forward=1'
                ' net.ipv6.conf.all.forwarding=1;'
                ' ip route add default via 10.30.0.2')


def warned(machine):
    """What is said of each interface, by the machine as it is at this moment."""
    machine.apply()
    return {each['interface']: each['message']
            for each in machine.warnings().get('no-route-back', [])}


def gets_in(machine, family):
    """Whether the far client gets in."""
    return may(machine, 'nic', key='/root/key-nic', host=LOCAL[family], netns='beyond',
               options={'ConnectTimeout': 2})


def test_unbound_says_nothing(machine):
    assert warned(machine) == {}


def test_no_way_back(machine):
    machine.apply({'BindInterfaces': ['lan0', 'lan1']})
    assert warned(machine) == {
        'lan0': 'BindInterfaces: clients beyond the network of “lan0” get no answer by'
                ' IPv4 and IPv6, no default route leads there; a route with a high metric mends it'}
    assert not gets_in(machine, 'IPv4') and not gets_in(machine, 'IPv6')
    assert may(machine, 'nic', key='/root/key-nic', host=LOCAL['IPv4'], netns='lan0-far')


def test_route_with_a_high_metric(machine):
    machine.run('ip route add default via 10.20.0.2 dev lan0 metric 9999')
    assert 'by IPv6,' in warned(machine)['lan0']
    assert gets_in(machine, 'IPv4')
    machine.run('ip -6 route add default via fd20::2 dev lan0')
    assert warned(machine) == {}
    assert gets_in(machine, 'IPv6')


def test_one_of_several_paths_and_another_table(machine):
    machine.run('ip route delete default via 10.20.0.2 dev lan0 metric 9999')
    assert 'by IPv4,' in warned(machine)['lan0']
    machine.run('ip route replace default nexthop via 10.30.0.2 dev lan1 nexthop via 10.20.0.2 dev lan0')
    assert warned(machine) == {}
    machine.run('ip route replace default via 10.30.0.2')
    assert 'lan0' in warned(machine)
    machine.run('ip route add default via 10.20.0.2 dev lan0 table 77')
    assert warned(machine) == {}


def test_ten_thousand_routes(machine):
    lines = ''.join(f'route add 100.{64 + i // 256}.{i % 256}.0/24 via 10.20.0.2\n'
                    for i in range(10000))
    machine.run(['ip', '-batch', '-'], input=lines)
    assert warned(machine) == {}
    machine.run('ip route flush table 77')
    assert set(warned(machine)) == {'lan0'}
