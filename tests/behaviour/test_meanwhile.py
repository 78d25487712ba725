# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes in the midst of something else: a deadline, a signal, a confirmation, hints."""

import contextlib
import itertools
import threading
import time

import pytest
from gi.repository import GLib

from harness.bus import failure
from harness.machine import raises, wait_for
from harness.sshd import DROP_IN, administrator, everywhere, override, ports

SSHD = '/usr/sbin/sshd'
JOURNAL = '/var/lib/truenas-ssh/journal'
SLOW = '#!/bin/sh\ncase "$*" in *-T*) sleep 0.4;; esac\nexec /usr/sbin/sshd-real "$@"\n'
INCLUDED = '/etc/ssh/sshd_config.d/50-a.conf'
PORTS = itertools.cycle(range(2210, 2290))


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Somebody can log in whatever is changed."""
    administrator(machine)


@pytest.fixture(autouse=True)
def settled(machine):
    """Every test begins with TcpPort 2200 and nothing pending."""
    wait_for(lambda: machine.get('PendingDeadline') == 0, 20)
    machine.apply({'TcpPort': 2200})


@pytest.fixture
def slow(machine):
    """A sshd that takes its time to say what its configuration comes to."""
    machine.run(['mv', SSHD, f'{SSHD}-real'])
    machine.write(SSHD, SLOW, 0o755)
    yield
    machine.run(['mv', f'{SSHD}-real', SSHD])
    machine.restart_sshd()


class Caller(threading.Thread):
    """A call from a connection of its own; its error, if there is one."""

    def __init__(self, machine, function):
        super().__init__()
        self.error = None
        self.bus = machine.connect()
        self.function = function
        self.start()

    def run(self):
        """Call."""
        try:
            self.function(self.bus)
        except GLib.Error as error:
            self.error = failure(error)

    def join(self, timeout=None):
        """Wait for the answer, and close the connection."""
        super().join(timeout)
        self.bus.close_sync(None)


def calling(machine, method, args):
    """Call a method of the service, meanwhile."""
    return Caller(machine, lambda bus: bus.call_sync(
        'org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH', method, args, None, 0, 60000, None))


def trying(machine):
    """Try a change out, meanwhile."""
    args = ({'TcpPort': GLib.Variant('q', next(PORTS))}, {'dry-run': GLib.Variant('b', True)})
    return calling(machine, 'Apply', GLib.Variant('(a{sv}a{sv})', args))


def changing(machine):
    """Change something other than what the tests begin with, meanwhile."""
    args = ({'Compression': GLib.Variant('b', False)}, {})
    return calling(machine, 'Apply', GLib.Variant('(a{sv}a{sv})', args))


def restarting(machine):
    """Have the server restarted, meanwhile."""
    return calling(machine, 'Restart', None)


def propose(machine, seconds=10):
    """A change on probation; returns when that ends, as time.time () has it."""
    return machine.apply({'TcpPort': 2201}, confirm_timeout=seconds)['deadline'] / 1e6


def sleep_until(moment):
    """Sleep, if it is not there yet."""
    time.sleep(max(0, moment - time.time()))


def told(signals):
    """What was told of the end of the change: (PendingDeadline, outcome, warned) after each signal."""
    pending, outcome, warned = 1, 'pending', False
    found = []
    for _member, (_interface, changed, _gone) in signals:
        pending = changed.get('PendingDeadline', pending)
        outcome = changed.get('LastChange', {'outcome': outcome})['outcome']
        if 'Warnings' in changed:
            warned = 'rollback-failed' in [code for code, _details in changed['Warnings']]
        found.append((pending != 0, outcome, warned))
    return found


def assert_rolled_back(machine, seen):
    """It is undone, and that was told in one go."""
    wait_for(lambda: machine.get('LastChange')['outcome'] == 'rolled-back', 5)
    assert machine.get('PendingDeadline') == 0
    assert ports(machine) == everywhere(2200)
    assert set(told(seen)) <= {(True, 'pending', False), (False, 'rolled-back', False)}, told(seen)


# The deadline

@contextlib.contextmanager
def rolling_back(machine, lead):
    """A change on probation: the block begins LEAD seconds before its end, and is given that."""
    deadline = propose(machine)
    with machine.signals() as signals:
        sleep_until(deadline - lead)
        yield deadline
        wait_for(lambda: ports(machine) == everywhere(2200), 10)
        seen = signals.collect(2)
    assert_rolled_back(machine, seen)


def test_deadline_during_a_call(machine):
    """It waits for that; that its time is up is told with its end."""
    with rolling_back(machine, 0.3) as deadline:
        while time.time() < deadline:
            machine.apply({'TcpPort': next(PORTS)}, dry_run=True)


@pytest.mark.parametrize('lead', [0.08, 0.05, 0.03])
def test_deadline_during_a_restart(machine, lead):
    """prepare may come before the service; it is told all the same.

    The restart may fail over it: sshd is not what it was to be.
    """
    with rolling_back(machine, lead):
        calling(machine, 'Restart', None).join()


def test_deadline_before_a_change_that_fails(machine):
    """Whoever comes before the keeper undoes it; then its own change is refused."""
    with rolling_back(machine, 0.05) as deadline:
        caller = trying(machine)
        while time.time() < deadline + 0.5:
            try:
                machine.apply({'TcpPort': 2208}, if_generation=1)
            except GLib.Error as error:
                assert failure(error).name.rpartition('.')[2] in ('Busy', 'Conflict'), error
        caller.join()


def test_deadline_while_prepare_has_the_lock(machine):
    """That is not a failure, and not for long."""
    with rolling_back(machine, 0.3):
        machine.run('flock /var/lib/truenas-ssh/lock sleep 0.8; systemctl restart ssh.service')
    said = machine.journal('truenas-ssh.service')
    assert 'on probation' in said and 'Trying again until it works' not in said


# Other calls

@pytest.mark.parametrize('meanwhile', [trying, restarting])
@pytest.mark.parametrize('method, kept', [('Confirm', True), ('Rollback', False)])
def test_end_during_a_call(machine, slow, method, kept, meanwhile):
    """Whoever ends what is pending is not sent away over what somebody else does."""
    override(machine, 'ExecStartPre=/bin/sleep 1\n')
    propose(machine, 60)
    caller = meanwhile(machine)
    time.sleep(0.3)
    machine.call(method, GLib.Variant('(s)', ('',)))
    caller.join()
    assert caller.error is None
    override(machine)
    assert ports(machine) == everywhere(2201 if kept else 2200)


def test_change_while_one_is_tried_out(machine, slow):
    """As a page does with each letter that is typed: nobody is sent away over that."""
    callers = [trying(machine), trying(machine)]
    time.sleep(0.3)
    port = next(PORTS)
    machine.apply({'TcpPort': port})
    for caller in callers:
        caller.join()
        assert caller.error is None
    assert ports(machine) == everywhere(port)


def test_end_of_what_has_become_pending_meanwhile(machine, slow):
    """Without its word, nobody ends what they have not been asked about."""
    args = ({'TcpPort': GLib.Variant('q', 2201)}, {'confirm-timeout': GLib.Variant('u', 60)})
    caller = calling(machine, 'Apply', GLib.Variant('(a{sv}a{sv})', args))
    wait_for(lambda: machine.exists(JOURNAL))
    with raises('Conflict', 'become pending meanwhile; try again'):
        machine.call('Rollback', GLib.Variant('(s)', ('',)))
    caller.join()
    assert caller.error is None
    machine.call('Rollback', GLib.Variant('(s)', ('',)))
    assert ports(machine) == everywhere(2200)


def test_change_during_a_restart(machine):
    """While prepare runs, sshd is down; that is no server that somebody has stopped."""
    for later in range(0, 160, 8):
        port = next(PORTS)
        restart = machine.popen(['systemctl', 'restart', 'ssh.service'])
        time.sleep(later / 1000)
        machine.apply({'TcpPort': port})
        if restart.poll() is None:
            restart.wait()
        assert ports(machine) == everywhere(port)
        machine.run(['systemctl', 'reset-failed', 'ssh.service'])


# Edits by hand

@pytest.fixture
def nothing_left(machine):
    """What these tests have set is given back."""
    yield
    machine.apply(reset=['Compression'], overwrite_edits=True)


@pytest.mark.usefixtures('nothing_left')
def test_edited_while_a_change_is_checked(machine, slow):
    """It is as if it had been edited before: what somebody has just written is not lost."""
    text = machine.read(DROP_IN) + '# by hand\n'
    caller = changing(machine)
    time.sleep(0.2)
    machine.write(DROP_IN, text)
    caller.join()
    assert caller.error.name.endswith('.Conflict')
    assert 'was edited by hand' in caller.error.message
    assert machine.read(DROP_IN) == text
    assert not machine.exists(JOURNAL)


@pytest.mark.usefixtures('nothing_left')
def test_removed_while_a_change_is_checked(machine, slow):
    """What is gone does not come back with the change."""
    caller = changing(machine)
    time.sleep(0.2)
    machine.remove(DROP_IN)
    caller.join()
    assert caller.error is None
    assert machine.get('ManagedSettings') == ['Compression']
    assert ports(machine) == everywhere(22)


@pytest.mark.usefixtures('nothing_left')
def test_other_file_edited_while_a_change_is_checked(machine, slow):
    """A line of it has to go; what somebody has just added to it stays."""
    machine.write(INCLUDED, 'Port 2299\n')
    args = ({'TcpPort': GLib.Variant('q', 2207)}, {'replace-foreign': GLib.Variant('b', True)})
    caller = calling(machine, 'Apply', GLib.Variant('(a{sv}a{sv})', args))
    time.sleep(0.2)
    machine.write(INCLUDED, 'Port 2299\nMaxSessions 7\n')
    caller.join()
    assert caller.error is None
    assert ports(machine) == everywhere(2207)
    assert machine.sshd_T()['maxsessions'] == ['7']
    machine.apply(reset=['TcpPort'])
    assert machine.read(INCLUDED) == 'Port 2299\nMaxSessions 7\n'
    machine.remove(INCLUDED)


@pytest.mark.usefixtures('nothing_left')
def test_no_text_any_more_while_a_change_is_checked(machine, slow):
    """What is no file of ours by then is not put back, and nothing is left half done."""
    caller = changing(machine)
    time.sleep(0.2)
    machine.run(f"printf 'Port 2200\\n#\\0\\n' >{DROP_IN}")
    caller.join()
    assert not caller.error.name.endswith('.RollbackFailed')
    assert not machine.exists(JOURNAL)
    machine.remove(DROP_IN)


def test_include_that_comes_with_the_change(machine):
    """A file that sshd reads only since then is no other one than it was."""
    machine.write('/etc/ssh/extra.conf', 'MaxSessions 7\nPort 2299\n')
    change = {'TcpPort': 2207, 'AuxiliaryParameters': 'Include /etc/ssh/extra.conf'}
    diff = machine.apply(change, replace_foreign=True, dry_run=True)['diff']
    assert ' MaxSessions 7' in diff.splitlines()
    machine.apply(change, replace_foreign=True)
    assert ports(machine) == everywhere(2207)
    machine.apply(reset=['TcpPort', 'AuxiliaryParameters'])


# Signals

@pytest.mark.parametrize('turn', range(4))
def test_terminated_in_a_change(machine, slow, turn):
    """The change is finished and answered, however often it is told to end."""
    port = next(PORTS)
    caller = Caller(machine, lambda bus: bus.call_sync(
        'org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH', 'Apply',
        GLib.Variant('(a{sv}a{sv})', ({'TcpPort': GLib.Variant('q', port)}, {})), None, 0, 60000,
        None))
    time.sleep(0.2 + 0.3 * turn)
    pid = machine.daemon_pid()
    machine.run(['systemctl', 'kill', '--kill-who=main', '-s', 'TERM', 'truenas-ssh.service'])
    for _time in range(3):
        machine.run(['kill', '-TERM', pid], check=False)
    caller.join()
    assert caller.error is None
    assert ports(machine) == everywhere(port)
    assert machine.get('TcpPort') == port


def test_terminated_while_it_starts(machine, slow):
    """Whoever has called is answered by the next one."""
    for delay in (0.1, 0.4, 0.7):
        machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
        machine.run(['systemctl', 'start', '--no-block', 'truenas-ssh.service'])
        time.sleep(delay)
        caller = calling(machine, 'ListHistory', None)
        time.sleep(0.05)
        machine.run(['systemctl', 'kill', '-s', 'TERM', 'truenas-ssh.service'])
        caller.join()
        assert caller.error is None


# Hints

def test_hints_without_end(machine, slow):
    """However often files change: what they say is told."""
    machine.write(INCLUDED, 'AllowTcpForwarding yes\n')
    wait_for(lambda: machine.get('TcpForwarding') is True, 10)
    machine.write(INCLUDED, 'AllowTcpForwarding no\n')
    with machine.popen(f'while sleep 0.02; do touch {INCLUDED}; done') as hints:
        try:
            wait_for(lambda: machine.get('TcpForwarding') is False, 5)
        finally:
            hints.kill()
    machine.remove(INCLUDED)
    wait_for(lambda: machine.get('TcpForwarding') is True, 10)
