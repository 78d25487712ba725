# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each system call of everything that the service does fails in turn, once, in each way it can.

Success is told only where sshd, files and properties have the new settings; after an error they
have the old ones, at once, or, where the way back has failed too, a little later by themselves. The
service lives on; only one that loses its bus ends, and is started again. Which calls there are is
taken from a recording of the operation at each run. Not among them are those for memory, and for
the descriptors that the main loop cannot do without: GLib ends the program when these fail. The
short pass lets each call that changes our files fail in one way, and some others; --full takes all.
"""

import collections
import os

import pytest

from harness.calls import ETC, STATE, has_effect, recurring, with_substitutes
from harness.inject import DAEMON, DAEMON_PROGRAM, GONE, JOURNAL, NeverHeld, Rig, outcome_of
from harness.machine import wait_for
from harness.operations import OPERATIONS
from harness.sshd import Session

FULL = bool(os.environ.get('TRUENAS_SSH_FULL'))
WRITE = ('ENOSPC', 'EIO', 'EDQUOT')
CHANGE = ('EROFS', 'EACCES', *WRITE, 'ENOMEM')
LOOK = ('EIO', 'EACCES', 'ENOMEM')

# What the kernel can answer to each call.
ERRORS = {
    'openat': ('EMFILE', *LOOK), 'read': ('EIO',), 'write': WRITE, 'fallocate': WRITE,
    'fsync': ('EIO', 'ENOSPC', 'EDQUOT', 'EROFS'), 'rename': CHANGE, 'mkdir': CHANGE,
    'unlink': ('EROFS', *LOOK), 'rmdir': ('EROFS', *LOOK), 'fchmod': ('EROFS', *LOOK),
    'getxattr': LOOK, 'flock': ('EIO', 'ENOMEM'), 'newfstatat': LOOK, 'fstat': ('EIO', 'ENOMEM'),
    'statx': LOOK, 'access': LOOK, 'readlink': LOOK, 'getdents64': ('EIO', 'ENOMEM'),
    'socket': ('EMFILE', 'ENOMEM', 'EACCES'), 'setsockopt': ('ENOMEM',),
    'ioctl': ('EIO', 'ENOMEM', 'EACCES'), 'sendto': ('ENOMEM', 'EACCES'),
    'recvfrom': ('EIO', 'ENOMEM'), 'sendmsg': ('ENOMEM', 'EACCES', 'EIO'),
    'recvmsg': ('EIO', 'ENOMEM'), 'pipe2': ('EMFILE', 'ENOMEM'), 'clone': ('ENOMEM',),
    'clone3': ('ENOMEM',), 'pidfd_open': ('EMFILE', 'ENOMEM'),
}

# And to a message to the bus.
MESSAGE = ('EPIPE', 'ECONNRESET', 'ENOMEM')

# How an operation fails that has changed nothing, or has changed it back.
CLEAN = ('Failed', 'ApplyFailed', 'ConfigRejected', 'ServiceFailed', 'Conflict')
UNCLEAN = ('RollbackFailed',)
HEALED = 20
TURNS = 3
NAMES = ('apply', 'apply, other files too', 'confirm', 'roll back', 'recover')


@pytest.fixture(scope='module')
def rig(machine):
    """The machine with somebody who is logged in from the first test to the last."""
    machine.user_add('person')
    key = machine.key_add('person')
    with Session(machine, 'person', key=key) as session:
        rigged = Rig(machine)
        rigged.session = session
        yield rigged
        assert session.lives()


@pytest.fixture(autouse=True)
def nobody_is_held(rig):
    """A test that fails leaves nobody waiting."""
    yield
    rig.let_all_go()


def can_fail(call):
    """Whether it is a call for a file, a process or a socket."""
    if call.role == 'bus':
        return call.name in ('sendmsg', 'recvmsg', 'recvfrom') or call.connection is not None
    if call.name in ('read', 'fstat') and '</' not in call.arguments:
        return False
    if call.name == 'write':
        return call.temporary is not None
    return call.name in ERRORS and 'CLONE_THREAD' not in call.arguments


def errors_of(call):
    """What the kernel can answer to it."""
    return ERRORS[call.name] if call.connection is None else MESSAGE


def failures(calls, name, again):
    """What to try, each as the (call, error) to strike with until something is hit.

    The short pass leaves out what another recording, AGAIN, does not have.
    """
    found = [call for call in calls if can_fail(call)]
    if FULL:
        return [[(call, error)] * TURNS for call in found for error in errors_of(call)]
    found = recurring(found, again)
    ours = [call for call in found if call.is_ours and has_effect(call)]
    others = [call for call in found if call not in ours]
    if name == 'apply':
        chosen = [*ours, *others[3::40]]
    else:
        chosen = [*ours[1::max(1, len(ours) // 4)], *others[7::max(1, len(others) // 4)]]
    return [[(call, errors_of(call)[turn % len(errors_of(call))]) for call in calls]
            for turn, calls in enumerate(with_substitutes(chosen, found))]


def is_settled(rig):
    """Whether there is nothing left to be brought back, and the properties tell of what is."""
    if outcome_of(rig.machine.get, 'Version') is not None:
        return False
    return rig.machine.exists(JOURNAL) == (rig.machine.get('PendingDeadline') != 0)


def settle(rig, operation, allowed):
    """The world, once it is one of those that are allowed."""
    wait_for(lambda: is_settled(rig), HEALED)
    wait_for(lambda: rig.world() in [{key: value for key, value in world.items()
                                      if key != 'pending'} for world in allowed], 20, 0.3)
    return rig.look()


def on_disk(world):
    """The part of the world that does not depend on what the service makes of it."""
    return {key: world[key] for key in ('files', 'sshd', 'ports')}


def check(rig, operation, call, outcome, old, new):
    """What an operation that ended with OUTCOME has led to."""
    short = (outcome or '').rpartition('.')[2]
    found = {'files': rig.texts(), 'sshd': rig.machine.sshd_T(), 'ports': rig.ports()}
    if outcome is None and not operation.certain:
        assert found == on_disk(new)
        allowed = [new]
    elif short in CLEAN and operation.strict:
        assert found == on_disk(old)
        allowed = [old]
    else:
        assert outcome in (None, *GONE) or short in (*CLEAN, *UNCLEAN), outcome
        allowed = [new] if operation.certain else [old, new]
    world = settle(rig, operation, allowed)
    # Where its own folder cannot be emptied, systemd does that in the end.
    assert not rig.leftovers(ETC, STATE)
    return world


def strike(rig, operation, candidates):
    """What the operation comes to with one call failing: process, outcome, the call that did, and
    which one it was aimed at. Not every run makes the call that many times."""
    for call, error in candidates:
        operation.begin()
        pid = rig.machine.daemon_pid()
        outcome, seen = rig.strike(operation.operate, call, f'error={error}')
        rig.let_go(DAEMON_PROGRAM)
        if seen:
            break
    return pid, outcome, seen, (call, error)


@pytest.mark.parametrize('name', NAMES)
def test_each_call_fails(rig, name):
    machine = rig.machine
    operation = OPERATIONS[name](machine)
    operation.begin()
    old = rig.look() if machine.daemon_pid() else None
    calls = rig.record(operation.operate)
    new = rig.look()
    operation.begin()
    again = rig.record(operation.operate)
    count, wrong = collections.Counter(), []
    for candidates in failures(calls, name, again):
        try:
            pid, outcome, seen, (call, error) = strike(rig, operation, candidates)
        except NeverHeld as failure:
            # A service that lost its bus ends a little later, and takes the next call with it.
            count[f'never held: {failure}'] += 1
            continue
        try:
            world = check(rig, operation, call, outcome, old, new)
            died = pid not in (0, machine.daemon_pid())
            assert not died or call.role == 'bus', 'it died'
        except AssertionError as failure:
            wrong.append(f'{error} at {seen}, aimed at {call}: {outcome}: {failure}')
            continue
        count['tried'] += 1
        count['missed'] += seen is None
        count[(outcome or 'success').rpartition('.')[2]] += 1
        count['new' if world == new else 'old'] += 1
        count['restarts'] += died
    assert not wrong, '\n'.join(wrong)
    assert machine.show(DAEMON, 'ActiveState') == 'active'
    operation.begin()
    operation.finish()
    machine.apply({'TcpPort': 2209})
    assert {port for _address, port in rig.ports()} == {2209}
    print(f'{machine.release}: {name}: {dict(count)}')
    never = {key: number for key, number in count.items() if key.startswith('never held')}
    assert not {key for key in never if not key.endswith(GONE)} and sum(never.values()) <= 5, never
    assert count['missed'] * 5 <= count['tried']
