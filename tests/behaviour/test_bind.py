# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""BindInterfaces: sshd takes what comes in where it is bound, and nothing else."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, may, refuses_connections, reload, rules, write
from harness.sshd import Session, everywhere, ports, sockets

pytestmark = pytest.mark.usefixtures('pristine')

NAME = 'BindInterfaces'
ADDRESSES = {'lan0': ('10.20.0.1', 'fd20::1'), 'lan1': ('10.30.0.1', 'fd30::1')}


def plug(machine, name):
    """Plug in one of the two cables, with an address of each family at both ends."""
    ipv4, ipv6 = ADDRESSES[name]
    far = machine.add_interface(name, f'{ipv4}/24', f'{ipv4[:-1]}2/24')
    machine.run(f'ip address add {ipv6}/64 dev {name} nodad;'
                f' ip -n {far} address add {ipv6[:-1]}2/64 dev {name}p nodad')


@pytest.fixture(scope='module', autouse=True)
def cables(machine):
    """Two interfaces, each with a host at its far end; and a user with a key."""
    machine.user_add('nic')
    machine.key_add('nic')
    for name in ADDRESSES:
        plug(machine, name)


def bound(*names, port=22):
    """The sockets of an sshd that is bound to interfaces."""
    found = {('127.0.0.1%lo', port), ('[::1]%lo', port)}
    for name in names:
        found |= {(f'0.0.0.0%{name}', port), (f'[::]%{name}', port)}
    return found


def reaches(machine, name, port=22):
    """Whether the host at the far end of a cable gets in, by both families or by none."""
    found = set()
    for host in ADDRESSES[name]:
        how = {'host': host, 'netns': f'{name}-far', 'port': port}
        got_in = may(machine, 'nic', key='/root/key-nic', **how)
        assert got_in or refuses_connections(machine, **how)
        found.add(got_in)
    assert len(found) == 1
    return found.pop()


def reaches_loopback(machine, port=22):
    """Whether the machine itself gets in, by both families."""
    return all(may(machine, 'nic', key='/root/key-nic', host=host, port=port)
               for host in ('127.0.0.1', '::1'))


def listed(machine):
    """What ListenAddresses tells: {(address, port, interface)}."""
    return {(each['address'], each['port'], each.get('interface'))
            for each in machine.get('ListenAddresses')}


def test_bound_to_nothing_listens_everywhere(machine):
    assert machine.get(NAME) == []
    assert ports(machine) == everywhere(22)
    assert reaches(machine, 'lan0') and reaches(machine, 'lan1')
    machine.apply({NAME: []})
    assert rules(machine) == []
    assert ports(machine) == everywhere(22)
    assert reaches(machine, 'lan0')


def test_one_interface(machine):
    machine.apply({NAME: ['lan0']})
    assert ports(machine) == bound('lan0')
    assert set(machine.sshd_T()['listenaddress']) == {
        '127.0.0.1:22 rdomain lo', '[::1]:22 rdomain lo',
        '0.0.0.0:22 rdomain lan0', '[::]:22 rdomain lan0'}
    assert reaches(machine, 'lan0')
    assert not reaches(machine, 'lan1')
    assert reaches_loopback(machine)
    assert machine.get(NAME) == ['lan0']
    assert listed(machine) == {('127.0.0.1', 22, 'lo'), ('::1', 22, 'lo'),
                               ('0.0.0.0', 22, 'lan0'), ('::', 22, 'lan0')}
    told = {each['name']: each['bound'] for each in machine.call('ListInterfaces')}
    assert told['lan0'] is True and told['lan1'] is False


def test_address_of_the_bound_one_by_way_of_the_other(machine):
    """It is the interface that counts, not the address that a packet is for."""
    machine.run('ip -n lan1-far route add 10.20.0.1 via 10.30.0.1')
    assert may(machine, 'nic', key='/root/key-nic', host='10.20.0.1', netns='lan1-far')
    machine.apply({NAME: ['lan0']})
    assert refuses_connections(machine, host='10.20.0.1', netns='lan1-far')
    assert may(machine, 'nic', key='/root/key-nic', host='10.20.0.1')


def test_both_and_back_to_all(machine):
    machine.apply({NAME: ['lan0', 'lan1']})
    assert ports(machine) == bound('lan0', 'lan1')
    assert reaches(machine, 'lan0') and reaches(machine, 'lan1')
    machine.apply({NAME: ['lan1']})
    assert not reaches(machine, 'lan0') and reaches(machine, 'lan1')
    machine.apply({NAME: []})
    assert ports(machine) == everywhere(22)
    machine.apply({NAME: ['lan1']})
    machine.apply({}, reset=[NAME])
    assert ports(machine) == everywhere(22)
    assert reaches(machine, 'lan0')


def test_session_survives(machine):
    with Session(machine, 'nic', key='/root/key-nic') as session:
        machine.apply({NAME: ['lan0']})
        assert session.lives()
        machine.apply({NAME: []})
        assert session.lives()


def test_with_a_port(machine):
    machine.apply({NAME: ['lan0'], 'TcpPort': 2222})
    assert ports(machine) == bound('lan0', port=2222)
    assert reaches(machine, 'lan0', 2222) and reaches_loopback(machine, 2222)
    assert not reaches(machine, 'lan1', 2222) and not reaches(machine, 'lan0', 22)
    machine.apply({'TcpPort': 2223})
    assert ports(machine) == bound('lan0', port=2223)
    machine.apply({}, reset=[NAME])
    assert ports(machine) == everywhere(2223)
    machine.apply({NAME: ['lan1']})
    machine.apply({}, reset=['TcpPort'])
    assert ports(machine) == bound('lan1')


def test_ports_of_other_files(machine):
    write(machine, FOREIGN, 'Port 2024\nPort 2025\n')
    machine.apply({NAME: ['lan0']})
    assert ports(machine) == bound('lan0', port=2024) | bound('lan0', port=2025)
    assert reaches(machine, 'lan0', 2025) and not reaches(machine, 'lan1', 2025)


def test_address_of_other_files_stands_against_it(machine):
    text = 'ListenAddress 10.30.0.1\n'
    write(machine, FOREIGN, text)
    wait_for(lambda: 'not-expressible' in machine.warnings())
    for value in (['lan0'], []):
        with raises('Conflict', f'^{NAME}: .*“listenaddress” at {FOREIGN}:1 .*replace-foreign'):
            machine.apply({NAME: value})
        assert ports(machine) == {('10.30.0.1', 22)}
    machine.apply({NAME: ['lan0']}, replace_foreign=True)
    assert ports(machine) == bound('lan0')
    machine.apply({}, reset=[NAME])
    assert machine.read(FOREIGN) == text
    assert ports(machine) == {('10.30.0.1', 22)}


def test_address_family_of_other_files(machine):
    write(machine, FOREIGN, 'AddressFamily inet\n')
    machine.apply({NAME: ['lan0']})
    assert ports(machine) == {each for each in bound('lan0') if ':' not in each[0]}


def test_address_that_changes(machine):
    machine.apply({NAME: ['lan0']})
    before = sockets(machine)
    machine.run('ip address add 10.21.0.1/24 dev lan0; ip -n lan0-far address add 10.21.0.2/24 dev lan0p;'
                ' ip address delete 10.20.0.1/24 dev lan0')
    try:
        assert may(machine, 'nic', key='/root/key-nic', host='10.21.0.1', netns='lan0-far')
        assert sockets(machine) == before
    finally:
        machine.run('ip address delete 10.21.0.1/24 dev lan0; ip address add 10.20.0.1/24 dev lan0;'
                    ' ip -n lan0-far address delete 10.21.0.2/24 dev lan0p')
    assert reaches(machine, 'lan0')


def test_interface_that_is_down(machine):
    machine.run('ip link set lan1 down')
    machine.apply({NAME: ['lan1']})
    assert ports(machine) == bound('lan1')
    machine.run('ip link set lan1 up; ip address add fd30::1/64 dev lan1 nodad || true')
    assert reaches(machine, 'lan1')


def test_other_program_on_another_interface_is_no_obstacle(machine):
    machine.run(['systemd-run', '--quiet', '--unit=neighbour', 'socat',
                 'TCP-LISTEN:2026,fork,so-bindtodevice=lan1', 'EXEC:cat'])
    wait_for(lambda: machine.listening(2026))
    try:
        machine.apply({NAME: ['lan0'], 'TcpPort': 2026})
        ours = ports(machine)
        assert ours == bound('lan0', port=2026)
        for value in ([], ['lan1']):
            with raises('PortInUse', '^TcpPort: neighbour.service .*2026'):
                machine.apply({NAME: value})
        assert ports(machine) == ours
    finally:
        machine.run(['systemctl', 'stop', 'neighbour.service'])


@pytest.mark.parametrize('names', [['lan0'], ['lan0', 'lan1']])
def test_interface_that_vanishes(machine, names):
    """It is warned of, and never a reason to listen everywhere; it is used when it is back."""
    machine.apply({NAME: names})
    machine.remove_interface('lan0')
    result = machine.apply({'Compression': False})
    warned = [details for code, details in result['warnings'] if code == 'interface-missing']
    assert [(each['setting'], each['interface']) for each in warned] == [(NAME, 'lan0')]
    assert [each['interface'] for each in machine.warnings()['interface-missing']] == ['lan0']
    assert ports(machine) == bound(*names[1:])
    assert machine.get(NAME) == names
    assert reaches_loopback(machine)
    assert reaches(machine, 'lan1') is ('lan1' in names)
    reload(machine)
    assert ports(machine) == bound(*names[1:])
    plug(machine, 'lan0')
    machine.apply({'Compression': True})
    assert ports(machine) == bound(*names)
    assert reaches(machine, 'lan0')
    wait_for(lambda: 'interface-missing' not in machine.warnings())
