# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TcpForwarding: users reach other ports through the machine, or do not."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, effective, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

TARGET = 7000
CLOSED = ['AllowTcpForwarding no', 'Match all', '    AllowTcpForwarding no']
CONNECT = 'exec socat -u TCP:127.0.0.1:7001 -'


@pytest.fixture(scope='module', autouse=True)
def user(machine):
    """A user with a key, and a port on the machine that says hello."""
    machine.user_add('fred')
    machine.key_add('fred')
    machine.run(['systemd-run', '--quiet', '--unit=target', 'socat',
                 f'TCP-LISTEN:{TARGET},bind=127.0.0.1,fork,reuseaddr', 'SYSTEM:echo hello'])
    wait_for(lambda: machine.listening(TARGET))


def local(machine):
    """What a client hears through its -L, and what it complains about."""
    done = machine.ssh('fred', '-L', f'7001:127.0.0.1:{TARGET}', CONNECT, key='/root/key-fred',
                       options={'LogLevel': 'INFO', 'ExitOnForwardFailure': 'yes'})
    return done.stdout, done.stderr


def remote(machine):
    """What a client's -R brings to those on the machine, and what the client complains about."""
    done = machine.ssh('fred', '-R', f'7001:127.0.0.1:{TARGET}', CONNECT, key='/root/key-fred',
                       options={'LogLevel': 'INFO', 'ExitOnForwardFailure': 'yes'})
    return done.stdout, done.stderr


def forwards(machine):
    """Which of -L and -R work; what does not is refused in sshd's own words."""
    found = set()
    for option, (heard, complaint) in (('-L', local(machine)), ('-R', remote(machine))):
        if heard == 'hello\n':
            found.add(option)
        elif option == '-L':
            assert 'open failed: administratively prohibited' in complaint
        else:
            assert 'remote port forwarding failed for listen port 7001' in complaint
    return found


def test_property_tells_what_sshd_does(machine):
    assert machine.get('TcpForwarding') is True
    assert forwards(machine) == {'-L', '-R'}


def test_off_refuses(machine):
    machine.apply({'TcpForwarding': False})
    assert rules(machine) == CLOSED
    assert effective(machine, 'allowtcpforwarding') == 'no'
    assert forwards(machine) == set()


def test_on_forwards(machine):
    write(machine, FOREIGN, 'AllowTcpForwarding no\n')
    wait_for(lambda: machine.get('TcpForwarding') is False)
    assert forwards(machine) == set()
    machine.apply({'TcpForwarding': True})
    assert rules(machine) == ['AllowTcpForwarding yes']
    assert forwards(machine) == {'-L', '-R'}


def test_off_wins_over_other_files(machine):
    write(machine, FOREIGN, 'AllowTcpForwarding yes\nMatch User fred\nAllowTcpForwarding yes\n')
    machine.apply({'TcpForwarding': False})
    assert effective(machine, 'allowtcpforwarding', 'fred') == 'no'
    assert forwards(machine) == set()


def test_reset_gives_back_what_the_system_had(machine):
    machine.apply({'TcpForwarding': False})
    machine.apply({}, reset=['TcpForwarding'])
    assert rules(machine) == []
    assert forwards(machine) == {'-L', '-R'}


@pytest.mark.parametrize('value, works', [('local', '-L'), ('remote', '-R')])
def test_one_direction_is_more_than_it_can_say(machine, value, works):
    text = f'AllowTcpForwarding {value}\n'
    write(machine, FOREIGN, text)
    wait_for(lambda: 'not-expressible' in machine.warnings())
    assert [each['setting'] for each in machine.warnings()['not-expressible']] == ['TcpForwarding']
    assert machine.get('TcpForwarding') is True
    assert forwards(machine) == {works}
    with raises('Conflict', f'^TcpForwarding: .*{FOREIGN}:1 .*replace-foreign'):
        machine.apply({'TcpForwarding': True})
    assert forwards(machine) == {works}
    machine.apply({'TcpForwarding': True}, replace_foreign=True)
    assert forwards(machine) == {'-L', '-R'}
    machine.apply({}, reset=['TcpForwarding'])
    assert machine.read(FOREIGN) == text
    machine.apply({'TcpForwarding': False})
    assert forwards(machine) == set()


def test_other_ways_of_closing_it_are_not_hidden(machine):
    write(machine, FOREIGN, 'DisableForwarding yes\n')
    wait_for(lambda: machine.get('TcpForwarding') is False)
    assert forwards(machine) == set()
    with raises('ConfigRejected', '^TcpForwarding: '):
        machine.apply({'TcpForwarding': True})
