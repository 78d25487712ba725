# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon, and prepare, are killed before each system call of everything they do in turn.

What counts as a point is taken from a recording of the operation at each run. A kill before a call
that has no effect outside of the process leaves the same world as one before the next call that
has, so only calls with an effect are points. The short pass takes those that change files of one
change, but for fsync and fchmod of temporary files, which the disk's content does not show without
a power cut, and a few of every other operation; --full takes all.
"""

import collections
import os
import time

import pytest

from harness.calls import has_effect, recurring, with_substitutes
from harness.inject import (DAEMON, DAEMON_PROGRAM, GONE, JOURNAL, PREPARE_PROGRAM, Rig,
                            outcome_of)
from harness.machine import wait_for
from harness.operations import OLD, OPERATIONS
from harness.sshd import Session, everywhere, ports

FULL = bool(os.environ.get('TRUENAS_SSH_FULL'))
RECOVERY = 5
LITTLE = ('fsync', 'fchmod')


@pytest.fixture(scope='module')
def rig(machine):
    """The machine with somebody who is logged in from the first test to the last."""
    machine.user_add('person')
    key = machine.key_add('person')
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
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


def points(calls, name, again):
    """The calls to kill before, in their order: for each, what to strike until something is hit.

    The short pass leaves out those that another recording, AGAIN, does not have.
    """
    found = [call for call in calls if has_effect(call)]
    if FULL:
        return [[call] * 4 for call in found]
    found = recurring(found, again)
    changing = [call for call in found if call.is_ours and call.name not in LITTLE]
    others = [call for call in found if call not in changing]
    if name == 'apply':
        chosen = [*changing, *others[5::20]]
    else:
        chosen = [*changing[1::max(1, len(changing) // 4)], *others[7::40]]
    return with_substitutes(sorted(chosen, key=found.index), found)


def check_disk(rig, operation):
    """As things are right now, sshd would start, and where it was or is to be."""
    done = rig.machine.run(['/usr/sbin/sshd', '-t'], check=False)
    assert done.returncode == 0, done.stderr
    assert rig.machine.sshd_T()['port'] in operation.ports


def recover(rig, operation):
    """What was killed is started again, and has seen to everything soon."""
    machine = rig.machine
    if operation.program == DAEMON_PROGRAM:
        wait_for(rig.find_held, 30)
    check_disk(rig, operation)
    rig.let_go(operation.program)
    began = time.monotonic()
    if operation.program == PREPARE_PROGRAM:
        wait_for(lambda: ports(machine), 2)  # the service may just be telling it
    if operation.once_more:
        machine.restart_sshd()
    wait_for(lambda: outcome_of(machine.get, 'Version') is None)
    wait_for(lambda: machine.exists(JOURNAL) == (machine.get('PendingDeadline') != 0), 20)
    wait_for(lambda: not rig.leftovers(), 20)
    took = time.monotonic() - began
    assert took < RECOVERY, took
    outcomes = [entry['outcome'] for entry in machine.call('ListHistory')]
    assert ('pending' in outcomes) is (machine.get('PendingDeadline') != 0), outcomes


def kill(rig, operation, call):
    """Kill before one call: what was hit or None, and the world after it."""
    outcome, seen = rig.strike(operation.operate, call, 'signal=KILL', operation.program)
    assert outcome in (None, *GONE), outcome
    if outcome is None:
        rig.let_go(operation.program)
    else:
        recover(rig, operation)
    return seen if outcome else None, rig.look()


@pytest.mark.parametrize('name', OPERATIONS)
def test_killed_at_each_step(rig, name):
    operation = OPERATIONS[name](rig.machine)
    operation.begin()
    old = rig.look() if rig.machine.daemon_pid() else None
    operation.ports = [rig.machine.sshd_T()['port']]
    calls = rig.record(operation.operate, operation.program)
    new = rig.look()
    operation.ports.append(new['sshd']['port'])
    operation.begin()
    again = rig.record(operation.operate, operation.program)
    count, held = collections.Counter(), []
    for candidates in points(calls, name, again):
        for call in candidates:  # done before it came to that, it need not be so again
            operation.begin()
            seen, world = kill(rig, operation, call)
            if seen is not None:
                break
        count['tried'] += 1
        count['missed'] += seen is None
        allowed = [new] if operation.certain or seen is None else [old, new]
        assert world in allowed, (call, seen, world)
        count['new' if world == new else 'old'] += 1
        count['elsewhere'] += seen is not None and seen.label != call.label
        if seen and seen.label == call.label and call.is_ours and call.role == 'worker':
            held.append(world == new)
    operation.begin()
    operation.finish()
    print(f'{rig.machine.release}: {name}: {dict(count)}')
    assert count['missed'] * 5 <= count['tried']
    # Until a certain step it is undone, from then on it holds.
    assert held == sorted(held)
    assert held


def test_stopped_while_it_starts(rig):
    """It ends in good order, and what it has found is undone before."""
    operation = OPERATIONS['recover'](rig.machine)
    operation.begin()
    rig.hold(DAEMON_PROGRAM)
    rig.machine.run(['systemctl', 'start', '--no-block', DAEMON])
    wait_for(rig.find_held, 30)
    rig.machine.run(['systemctl', 'stop', '--no-block', DAEMON])
    rig.let_go(DAEMON_PROGRAM)
    wait_for(lambda: rig.machine.show(DAEMON, 'ActiveState') in ('inactive', 'failed'), 30)
    assert rig.machine.show(DAEMON, 'Result') == 'success'
    assert not rig.machine.exists(JOURNAL)
    assert rig.look()['ports'] == everywhere(OLD)
