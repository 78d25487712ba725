# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The power fails at every step of a change: afterwards it is the old settings or the new ones.

Both folders are on a disk of their own. The service is held before one of the system calls that
change files there, the file system is ended with what has reached the disk so far, the machine
is switched off, and boots from what is left. The full pass takes every step; else it is some.
"""

import os
import random
import typing

import pytest
from gi.repository import GLib

from harness import outside
from harness.bus import SETTINGS, options, settings
from harness.disk import Disk
from harness.machine import wait_for
from harness.sshd import DROP_IN, everywhere, files, ports
from harness.steps import ETC, STATE, Call, Follower

FULL = 'TRUENAS_SSH_FULL' in os.environ
SEED = int(os.environ.get('TRUENAS_SSH_SEED') or random.SystemRandom().randrange(10**6))
SITE = f'{ETC}/sshd_config.d/50-site.conf'
MORE = f'{ETC}/sshd_config.d/60-more.conf'
SHORT = {'another': 3, 'foreign': 4, 'reset': 2, 'pending': 2, 'confirm': 2, 'rollback': 2}
PREPARE = 'truenas-ssh-prepare.service'
SERVICE = 'truenas-ssh.service'


class Case(typing.NamedTuple):
    """A call to be cut short."""

    method: str
    args: GLib.Variant
    base: dict
    pending: dict | None = None  # what is on probation by then
    keeps: bool = True  # whether what the call does is there at the next boot
    foreign: bool = False
    edited: bool = False


def change(wanted, **given):
    """The arguments of Apply."""
    return GLib.Variant('(a{sv}a{sv})', (settings(wanted), options(given)))


EMPTY = GLib.Variant('(s)', ('',))
MOVED = {'TcpPort': 2201, 'TcpForwarding': False}
BASE = {'TcpPort': 2200}
CASES = {
    'first': Case('Apply', change(MOVED), {}),
    'another': Case('Apply', change(MOVED), BASE),
    'reset': Case('Apply', change({}, reset=['TcpPort']), BASE),
    'foreign': Case('Apply', change(MOVED, replace_foreign=True), {}, foreign=True),
    'edited': Case('Apply', change(MOVED, overwrite_edits=True), BASE, edited=True),
    'pending': Case('Apply', change(MOVED, confirm_timeout=3600), BASE, keeps=False),
    'pending-foreign': Case('Apply', change(MOVED, confirm_timeout=3600, replace_foreign=True), {},
                            keeps=False, foreign=True),
    'confirm': Case('Confirm', EMPTY, BASE, MOVED),
    'confirm-foreign': Case('Confirm', EMPTY, {}, MOVED, foreign=True),
    'rollback': Case('Rollback', EMPTY, BASE, MOVED, keeps=False),
    'rollback-foreign': Case('Rollback', EMPTY, {}, MOVED, keeps=False, foreign=True),
}


class Numbers:
    """Every generation seen, and the drop-in that it stood for: never another one."""

    def __init__(self):
        self.seen = {}

    def note(self, generation, text):
        """The drop-in is this TEXT at this GENERATION."""
        assert self.seen.setdefault(generation, text) == text, (generation, text, self.seen)

    def note_text(self, text):
        """Note what may have been interrupted: its number stands in it, if it is ours."""
        for line in (text or '').splitlines():
            if line.startswith('#: generation '):
                self.note(int(line.split()[-1]), text)


def whole(found):
    """Without the files that were being written, which nobody reads."""
    return {path: value for path, value in found.items() if '.truenas-ssh-' not in path}


class Rig:
    """A machine on a disk, brought again and again to where a case begins."""

    def __init__(self, machine, kind):
        self.machine = machine
        if not machine.exists('/root/.ssh/authorized_keys'):
            machine.key_add('root')
        if machine.release != 'bookworm':
            machine.write(outside.PATIENT, 'PerSourcePenalties no\n')
        machine.get('Version')
        machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
        self.disk = Disk(machine, kind, (ETC, STATE))
        self.numbers = Numbers()
        self.cuts = 0
        self.way = None
        self.last = None
        self.at = None  # the case at whose beginning the machine is already, and how that looks

    def base(self, case):
        """Bring the machine to where a case begins; returns all of sshd's files."""
        if self.at is not None and self.at[0] == case:
            return self.at[1]
        machine = self.machine
        machine.apply(reset=[*SETTINGS], overwrite_edits=True, replace_foreign=True)
        for path, text in ((SITE, '# ours\nPort 2299\n'), (MORE, 'Port 2298')):
            if machine.exists(path) != case.foreign:
                machine.write(path, text) if case.foreign else machine.remove(path)
        if ports(machine) != (everywhere(2299) | everywhere(2298) if case.foreign
                              else everywhere(22)):
            outside.reload(machine)
        if case.base:
            machine.apply(case.base)
        if case.edited:
            machine.write(DROP_IN, machine.read(DROP_IN) + '# by hand\n')
            wait_for(lambda: 'edited-by-hand' in machine.warnings())
        return self.look()

    def look(self):
        """All of sshd's files, and what it is told to do by them."""
        machine = self.machine
        text = machine.read(DROP_IN) if machine.exists(DROP_IN) else ''
        if not self.is_pending():
            self.numbers.note(machine.get('Generation'), text)
        return files(machine)

    def is_pending(self):
        """Whether something is on probation."""
        return self.machine.get('PendingDeadline') != 0

    def begin(self, case):
        """Everything up to the call; returns sshd's files before."""
        before = self.base(case)
        if case.pending:
            self.machine.apply(case.pending, confirm_timeout=3600, replace_foreign=case.foreign)
        self.at = None
        self.disk.sync()
        return before

    def call(self, case, number=0):
        """Call, and be held before a step; returns the call and the steps done or begun."""
        machine = self.machine
        with Follower(machine, machine.daemon_pid(), number) as follower:
            call = Call(machine, case.method, case.args)
            follower.poll(lambda: call.answered)
            steps = follower.steps()
            if follower.held():
                self.numbers.note_text(self.disk.read(DROP_IN))
                self.cut()
            return call, steps

    def cut(self):
        """Cut the power."""
        self.disk.cut_power(self.way)
        self.cuts += 1

    def measure(self, case):
        """One call without a cut: sshd's files before and after it, and its steps."""
        before = self.begin(case)
        call, steps = self.call(case)
        assert call.answered and call.error is None, call.error
        assert len(steps) >= 5, steps
        after = self.look() if case.keeps else before
        if case.keeps:
            assert after != before
        if self.is_pending():
            self.machine.call('Rollback', EMPTY)
        return before, after, steps

    def cut_at(self, case, number, way):
        """Cut the power before a step, or once all is done; whether there was an answer by then."""
        self.way = way
        self.begin(case)
        call, _steps = self.call(case, number)
        answered = call.answered
        if answered:
            assert call.error is None, call.error
            self.cut()
        self.disk.start()
        return answered

    def check_boot(self, case, before, after, answered):
        """See that sshd has started with the old files or the new ones; whether the new ones."""
        machine = self.machine
        assert machine.daemon_pid() == 0, 'the service has had no part in this'
        machine.run(['/usr/sbin/sshd', '-t'])
        found = whole(files(machine))
        assert found in (before, after), found
        new = found == after and after != before
        assert new or not (answered and case.keeps)
        wanted = {int(port) for port in machine.sshd_T()['port']}
        wait_for(lambda: {port for _address, port in ports(machine)} == wanted)
        assert machine.exists(f'{STATE}/journal') is False
        self.check_service(case, new, wanted)
        self.at = None if new else (case, before)
        return new

    def check_service(self, case, new, wanted):
        """See that the service tells the same, and can go on from there."""
        machine = self.machine
        properties = machine.properties()
        self.look()
        assert {properties['TcpPort']} <= wanted
        assert properties['PendingDeadline'] == 0
        codes = {code for code, _details in properties['Warnings']}
        assert ('edited-by-hand' in codes) is (case.edited and not new)
        assert not codes & {'rollback-failed', 'not-listening', 'configuration-broken'}
        left = [path.name for folder in (ETC, STATE) for path in machine.path(folder).rglob('*')
                if path.name.startswith('journal') or '.truenas-ssh-' in path.name]
        assert left == []
        self.check_history(properties['Generation'], new)

    def check_history(self, generation, new):
        """What has been undone is not told to be in force, and what is in force is there."""
        machine = self.machine
        entries = machine.call('ListHistory')
        numbers = [entry['generation'] for entry in entries]
        assert numbers == sorted(set(numbers), reverse=True)
        assert not numbers or numbers[0] <= generation
        assert 'pending' not in {entry['outcome'] for entry in entries}
        if new:
            assert entries[0]['outcome'] in ('applied', 'confirmed')
            assert entries[0]['generation'] == generation


def check_points(rig, name, choose):
    """Cut a case short at the points that CHOOSE gives: (step, way); from some step on it holds."""
    case = CASES[name]
    before, after, steps = rig.measure(case)
    outcomes = {}
    for number, way in choose(len(steps) + 1):
        step = ' '.join(steps[number - 1]) if number <= len(steps) else 'the end'
        print(f'{name}: {way} before step {number} of {len(steps)}, {step}', flush=True)
        answered = rig.cut_at(case, number, way)
        new = rig.check_boot(case, before, after, answered)
        outcomes.setdefault(way, []).append(new)
    for way, found in outcomes.items():
        assert found == sorted(found), (way, found)
        print(f'{name}: {way}: {found.count(False)} times old, {found.count(True)} new', flush=True)


@pytest.fixture(scope='module')
def rig(request, machine):
    """A machine whose folders are on a disk of a kind."""
    print(f'TRUENAS_SSH_SEED={SEED}', flush=True)
    made = Rig(machine, request.param)
    yield made
    print(f'{request.param}: {made.cuts} cuts', flush=True)
    made.disk.move_out()


def on(*kinds):
    """With disks of these kinds."""
    return pytest.mark.parametrize('rig', kinds, indirect=True)


def some(how_many, *ways):
    """Some points at equal distances, a way for each; the last one in the first of the ways."""
    def choose(count):
        chance = random.Random(f'{SEED} {count}')
        distance = count / how_many
        offset = chance.random() * distance
        numbers = sorted({count, *(int(offset + distance * i) + 1 for i in range(how_many - 1))})
        return [(number, chance.choice(ways) if number < count else ways[0]) for number in numbers]
    return choose


def every(way):
    """Every point."""
    def choose(count):
        return [(number, way) for number in range(1, count + 1)]
    return choose


@on('ext4')
@pytest.mark.parametrize('name', CASES if FULL else SHORT)
def test_ext4(rig, name):
    if FULL:
        check_points(rig, name, every('nothing'))
        check_points(rig, name, some(3, 'image', 'log', 'flush'))
    else:
        check_points(rig, name, some(SHORT[name], 'nothing', 'nothing', 'log', 'flush'))


def interrupt(rig, case):
    """Leave a change that has replaced every file, and a service that does not come back."""
    machine = rig.machine
    rig.begin(case)
    with Follower(machine, machine.daemon_pid(), rig.last) as follower:
        call = Call(machine, case.method, case.args)
        follower.poll(lambda: call.answered)
        assert follower.held()
        machine.run(['kill', '-KILL', machine.daemon_pid()])
    wait_for(lambda: machine.daemon_pid() == 0)
    rig.disk.sync()


def restart(rig, number=0):
    """Restart sshd; hold what runs before it starts at a step; returns its steps."""
    machine = rig.machine
    machine.run(['systemctl', 'restart', '--no-block', 'ssh.service'])
    pid = wait_for(lambda: int(machine.show(PREPARE, 'MainPID')))
    wait_for(lambda: 'State:\tT' in machine.read(f'/proc/{pid}/status'))
    with Follower(machine, pid, number) as follower:
        machine.run(['kill', '-CONT', pid])
        follower.poll(lambda: False)
        if follower.held():
            rig.cut()
        return follower.steps()


def stay_away(machine, wanted):
    """Have the service not come back, and what runs before sshd starts wait to be followed."""
    for unit, lines in ((SERVICE, 'Restart=no'),
                        (PREPARE, 'TimeoutStartSec=60\nExecStart=\nExecStart=/bin/sh -c '
                                  '"kill -STOP $$$$; exec /usr/libexec/truenas-ssh-prepare"')):
        path = f'/run/systemd/system/{unit}.d/90-test.conf'
        machine.write(path, f'[Service]\n{lines}\n') if wanted else machine.remove(path)
    machine.run(['systemctl', 'daemon-reload'])


@on('ext4')
@pytest.mark.parametrize('name', ['another', 'foreign'] if FULL else ['foreign'])
def test_recovery_is_cut_short_too(rig, name):
    """What undoes a change before sshd starts loses power itself; the next boot finishes it."""
    case, machine = CASES[name], rig.machine
    before, _after, steps = rig.measure(case)
    rig.last, rig.way = steps.index(('unlink', f'{STATE}/journal')) + 1, 'nothing'
    stay_away(machine, True)
    interrupt(rig, case)
    steps = restart(rig)
    assert len(steps) >= 8, steps
    wait_for(machine.sshd_pid)
    assert whole(files(machine)) == before
    for number in range(1, len(steps) + 1) if FULL else (5,):
        print(f'{name}: recovery, step {number}, {" ".join(steps[number - 1])}', flush=True)
        stay_away(machine, True)
        interrupt(rig, case)
        restart(rig, number)
        assert machine.leader is None
        rig.disk.start()
        rig.check_boot(case, before, before, False)
    stay_away(machine, False)


if FULL:
    @on('xfs', 'btrfs')
    @pytest.mark.parametrize('name', SHORT)
    def test_others(rig, name):
        """The other file systems; the last has no such call, so that its image has to do."""
        ways = ('image',) if rig.disk.kind == 'btrfs' else ('nothing', 'log', 'flush', 'image')
        check_points(rig, name, some(6, *ways))
