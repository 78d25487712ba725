# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TcpPort: sshd listens there and nowhere else, and sessions stay."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, MAIN, may, refuses_connections, rules, write
from harness.sshd import Session, everywhere, ports

pytestmark = pytest.mark.usefixtures('pristine')


@pytest.fixture(scope='module')
def key(machine):
    """A user port with a key."""
    machine.user_add('port')
    return machine.key_add('port')


def test_property_tells_what_sshd_does(machine):
    assert machine.get('TcpPort') == 22
    assert 'TcpPort' not in machine.get('ManagedSettings')
    assert ports(machine) == everywhere(22)


def test_port_moves(machine, key):
    result = machine.apply({'TcpPort': 2222})
    assert result['changed'] == ['TcpPort']
    assert machine.sshd_T()['port'] == ['2222']
    assert rules(machine) == ['Port 2222']
    assert ports(machine) == everywhere(2222)
    for host in ('127.0.0.1', '::1'):
        assert may(machine, 'port', key=key, port=2222, host=host)
        assert refuses_connections(machine, port=22, host=host)


def test_properties_follow(machine):
    with machine.signals() as signals:
        machine.apply({'TcpPort': 2222})
        changed = signals.changed()
    assert changed['TcpPort'] == 2222
    assert changed['ManagedSettings'] == ['TcpPort']
    assert [each['port'] for each in changed['ListenAddresses']] == [2222, 2222]
    told = {(each['address'], each['port']) for each in machine.get('ListenAddresses')}
    assert told == {('0.0.0.0', 2222), ('::', 2222)}
    assert not any('interface' in each for each in machine.get('ListenAddresses'))


def test_reset_moves_it_back(machine, key):
    machine.apply({'TcpPort': 2222})
    result = machine.apply({}, reset=['TcpPort'])
    assert result['changed'] == ['TcpPort']
    assert rules(machine) == []
    assert machine.get('ManagedSettings') == []
    assert ports(machine) == everywhere(22)
    assert may(machine, 'port', key=key)
    assert refuses_connections(machine, port=2222)


def test_the_port_that_it_has_can_be_managed(machine):
    machine.apply({'TcpPort': 22})
    assert rules(machine) == ['Port 22']
    assert ports(machine) == everywhere(22)


@pytest.mark.parametrize('port', [1, 65535])
def test_first_and_last_port(machine, key, port):
    machine.apply({'TcpPort': port})
    assert ports(machine) == everywhere(port)
    assert may(machine, 'port', key=key, port=port)


def test_session_survives(machine, key):
    with Session(machine, 'port', key=key) as session:
        machine.apply({'TcpPort': 2222})
        assert refuses_connections(machine, port=22)
        assert session.lives()
        machine.apply({}, reset=['TcpPort'])
        assert session.lives()


def test_port_0_is_refused(machine):
    with raises('InvalidSetting', '^TcpPort: .*1 to 65535'):
        machine.apply({'TcpPort': 0})
    assert ports(machine) == everywhere(22)


def test_foreign_port_would_stay_open(machine):
    text = '# before\n\tPort = 2022   \n'
    write(machine, FOREIGN, text)
    wait_for(lambda: machine.get('TcpPort') == 2022)
    with raises('Conflict', fr'^TcpPort: .*“port” at {FOREIGN}:2 .*replace-foreign'):
        machine.apply({'TcpPort': 2222})
    assert ports(machine) == everywhere(2022)
    assert machine.read(FOREIGN) == text


def test_foreign_port_is_replaced_and_restored(machine, key):
    text = '# before\n\tPort = 2022   \n'
    write(machine, FOREIGN, text)
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert ports(machine) == everywhere(2222)
    assert may(machine, 'port', key=key, port=2222)
    assert [line[0] for line in machine.read(FOREIGN).splitlines()] == ['#', '#']
    machine.apply({'TcpPort': 2223})
    assert ports(machine) == everywhere(2223)
    machine.apply({}, reset=['TcpPort'])
    assert machine.read(FOREIGN) == text
    assert ports(machine) == everywhere(2022)


def test_two_foreign_ports_are_more_than_it_can_say(machine):
    main = machine.read(MAIN)
    write(machine, MAIN, f'{main}\nPort 22\nPort 2022\n')
    wait_for(lambda: 'not-expressible' in machine.warnings())
    assert [each['setting'] for each in machine.warnings()['not-expressible']] == ['TcpPort']
    assert machine.get('TcpPort') == 22
    machine.apply({'TcpPort': 2022}, replace_foreign=True)
    assert ports(machine) == everywhere(2022)
    assert 'not-expressible' not in machine.warnings()


def test_foreign_address_without_a_port_follows(machine, key):
    write(machine, FOREIGN, 'ListenAddress 127.0.0.2\nListenAddress ::1\n')
    machine.apply({'TcpPort': 2222})
    assert ports(machine) == {('127.0.0.2', 2222), ('[::1]', 2222)}
    assert may(machine, 'port', key=key, port=2222, host='::1')
    assert refuses_connections(machine, port=2222, host='127.0.0.1')


def test_foreign_address_family_stays(machine):
    write(machine, FOREIGN, 'AddressFamily inet\nListenAddress 127.0.0.1\n')
    machine.apply({'TcpPort': 2222})
    assert ports(machine) == {('127.0.0.1', 2222)}


def test_foreign_address_with_a_port_stands_against_it(machine):
    text = 'ListenAddress 127.0.0.1\nListenAddress [::1]:2022\n'
    write(machine, FOREIGN, text)
    with raises('Conflict', fr'^TcpPort: .*“listenaddress” at {FOREIGN}:2 '):
        machine.apply({'TcpPort': 2222})
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert ports(machine) == {('127.0.0.1', 2222)}
    machine.apply({}, reset=['TcpPort'])
    assert machine.read(FOREIGN) == text


def test_port_of_another_program_is_refused(machine, key):
    machine.run(['systemd-run', '--quiet', '--unit=squatter', 'socat',
                 'TCP-LISTEN:2022,fork,bind=127.0.0.1', 'EXEC:cat'])
    wait_for(lambda: machine.listening(2022))
    try:
        with raises('PortInUse', r'^TcpPort: squatter.service .*2022'):
            machine.apply({'TcpPort': 2022})
        assert ports(machine) == everywhere(22)
        assert may(machine, 'port', key=key)
    finally:
        machine.run(['systemctl', 'stop', 'squatter.service'])
