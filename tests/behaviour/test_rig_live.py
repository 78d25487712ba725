# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Faults while a change is made: SSH is where it was, or where the new settings say.

Each strikes at a random moment after the change's files are in place, as often as the rig's RUNS
says.
"""

import os
import random
import signal
import time

import pytest
from gi.repository import GLib

from harness.bus import failure, raises
from harness.clock import Clock
from harness.machine import wait_for
from harness.outside import FOREIGN, write
from harness.past import end
from harness.rig import RUNS, Fault, Rig, Script, Thief
from harness.sshd import Session, administrator, everywhere, ports, reset

SECOND_NAME = '/etc/systemd/system/sshd.service'
INTERFACES = [f'q{i}' for i in range(16)]
SERVICE = 'truenas-ssh.service'
YEARS = 10 * 365 * 86400  # s
JUMPS = (YEARS, -YEARS, 3600, -3600)


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The key of somebody who is logged in from the first test to the last."""
    administrator(machine)
    machine.user_add('person')
    key = machine.key_add('person')
    with Session(machine, 'person', key=key) as session:
        yield key
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it."""
    reset(machine)


class PartialThief(Thief):
    """The port is taken on one address only."""

    addresses = ('127.0.0.1', '::1')


class Killed(Script):
    """The main process is killed."""

    script = 'kill -KILL {pid}'


class KilledTooOften(Killed):
    """And systemd would not start it once more."""

    soon = 0.05

    def arm(self, port):
        """Use up the starts that it has."""
        self.machine.run('for i in 1 2 3 4 5; do systemctl restart ssh.service || break; done',
                         check=False)
        super().arm(port)


class Masked(Script):
    """The unit is masked.

    With Debian's second name for it, systemd forgets the running server as soon as it is
    unmasked, whoever else is there.
    """

    def __init__(self, of):
        super().__init__(of)
        self.machine.run(f'systemctl stop ssh.service; rm {SECOND_NAME};'
                         ' systemctl daemon-reload; systemctl start ssh.service')

    script = 'systemctl mask --quiet --runtime ssh.service'
    undo = 'systemctl unmask --quiet --runtime ssh.service'


class Frozen(Fault):
    """The manager of the system does not answer."""

    passing = True
    lasts = (1, 3)

    def strike(self):
        """Stop it as a whole."""
        os.kill(self.machine.leader, signal.SIGSTOP)

    def lift(self):
        """Let it go on."""
        os.kill(self.machine.leader, signal.SIGCONT)


FAULTS = [Thief, PartialThief, Killed, KilledTooOften, Frozen, Masked]


@pytest.mark.parametrize('fault', FAULTS, ids=lambda fault: fault.__name__)
def test_fault(machine, key, capsys, fault):
    with Session(machine, 'person', key=key) as session:
        line = (on := Rig(machine, key)).repeat(fault(on), fault.__doc__.splitlines()[0])
        assert session.lives()
    with capsys.disabled():
        print(f'\n{line}')


class Bound(Rig):
    """A machine with two cables, whose far ends may log in."""

    change = {'BindInterfaces': ['e0', 'e1']}

    def sockets(self, port):
        """Nothing listens on an interface that is not there."""
        found = {('127.0.0.1%lo', port), ('[::1]%lo', port)}
        for name in ('e0', 'e1'):
            if self.machine.exists(f'/sys/class/net/{name}'):
                found |= {(f'0.0.0.0%{name}', port), (f'[::]%{name}', port)}
        return found


class Unplugged(Script):
    """An interface that is bound disappears."""

    script = 'ip link delete e0'

    def lift(self):
        """Plug it in again."""
        plug(self.machine, 'e0')


def plug(machine, name):
    """A cable with addresses at both ends."""
    number = int(name[1:])
    machine.add_interface(name, f'10.66.{number}.1/24', f'10.66.{number}.2/24')


def test_interface_that_disappears(machine, key, capsys):
    for name in ('e0', 'e1'):
        plug(machine, name)
    machine.apply({'BindInterfaces': ['e0', 'e1']})
    on = Bound(machine, key, {'host': '10.66.1.1', 'netns': 'e1-far'})
    line = on.repeat(Unplugged(on), Unplugged.__doc__)
    with capsys.disabled():
        print(f'\n{line}')


class Jumped(Fault):
    """The clock is set to another time."""

    def __init__(self, of, clock):
        super().__init__(of)
        self.clock = clock

    def strike(self):
        """Set it."""
        self.clock.set(random.choice(JUMPS))

    def lift(self):
        """Set it right."""
        self.clock.set(0)


def test_clock_that_jumps(machine, key, capsys):
    with Clock(machine, SERVICE) as clock:
        on = Rig(machine, key)
        line = on.repeat(Jumped(on, clock), Jumped.__doc__)
    assert on.counts['new'] == RUNS
    with capsys.disabled():
        print(f'\n{line}')


def test_clock_that_jumps_on_probation(machine):
    """Neither ends the time nor stretches it; until when, the interface tells by the new clock."""
    def look():
        machine.write(FOREIGN, '')
        machine.remove(FOREIGN)

    def told():
        return machine.get('PendingDeadline') / 1e6 - time.time() - ahead
    with Clock(machine, SERVICE) as clock:
        for port, ahead in enumerate(JUMPS[:2], 2210):
            clock.set(0)
            machine.apply({'TcpPort': port}, confirm_timeout=60)
            clock.set(ahead)
            look()
            wait_for(lambda: 30 < told() <= 61)
            assert ports(machine) == everywhere(port)
            end(machine, 'Confirm')
            assert machine.get('LastChange')['outcome'] == 'confirmed'
            clock.set(0)
            began = time.monotonic()
            machine.apply({'TcpPort': 2201}, confirm_timeout=10)
            clock.set(ahead)
            look()
            wait_for(lambda: ports(machine) == everywhere(port), 25)
            assert 9.5 < time.monotonic() - began < 20
            wait_for(lambda: machine.get('LastChange')['outcome'] == 'rolled-back')


def test_seventeen_sockets(machine):
    machine.write('/etc/NetworkManager/conf.d/90-q.conf',
                  '[device-q]\nmatch-device=interface-name:q*\nmanaged=0\n')
    machine.run('nmcli general reload conf;' + ';'.join(
        f'ip link add {name} type veth peer name {name}p' for name in INTERFACES))
    write(machine, FOREIGN, 'AddressFamily inet\n')
    before = ports(machine)
    with raises('InvalidSetting', '^BindInterfaces: 17 sockets .* 16'):
        machine.apply({'BindInterfaces': INTERFACES})
    assert ports(machine) == before
    machine.apply({'BindInterfaces': INTERFACES[1:]})
    assert len(ports(machine)) == 16


def test_server_that_systemd_forgets(machine):
    """Debian's two names and an unmasking bring it about; what is applied is nevertheless true.

    The last test: some systemds end when that server does.
    """
    machine.run(['ln', '-sf', '/lib/systemd/system/ssh.service', SECOND_NAME])
    machine.run(['systemctl', 'daemon-reload'])
    machine.run(['systemctl', 'mask', '--quiet', '--runtime', 'ssh.service'])
    machine.run(['systemctl', 'unmask', '--quiet', '--runtime', 'ssh.service'])
    before = ports(machine)
    try:
        machine.apply({'TcpPort': 2200})
    except GLib.Error as error:
        assert failure(error).name.endswith('.ServiceFailed'), failure(error)
        assert 'its server still runs' in failure(error).message
        assert ports(machine) == before
        assert machine.get('TcpPort') == 22
    else:
        assert ports(machine) == everywhere(2200)
