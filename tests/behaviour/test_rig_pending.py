# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can happen to a change on probation, in random orders, against a model of it.

Confirmed, rolled back, with a right token, a wrong one and none; its time passes; the service
crashes, is stopped, started and replaced; the machine restarts; somebody edits the file. After
every step machine and model are compared. A clock that is set is not among it: a container
cannot set its own.

TRUENAS_SSH_SEED repeats the same orders, TRUENAS_SSH_ONLY just some of them, by their numbers:
TRUENAS_SSH_SEED=442915 TRUENAS_SSH_ONLY=9,340 tests/run …
"""

import os
import queue
import random
import threading

import pytest
from conftest import CRASH, OURS, TAIL, UNITS
from harness import outside
from harness.machine import Machine
from harness.pending import Pending

FULL = 'TRUENAS_SSH_FULL' in os.environ
SEED = int(os.environ.get('TRUENAS_SSH_SEED') or random.SystemRandom().randrange(10**6))
ONLY = [int(number) for number in os.environ.get('TRUENAS_SSH_ONLY', '').split(',') if number]
PARTS, HOW_MANY = (20, 50) if FULL else (1, 40)
MACHINES = 4 if FULL else 3
DEADLINES = 0.1  # of them wait for a deadline
MOST_FAILURES = 5


def prepare(machine):
    """Somebody can log in whatever is changed, and may try often."""
    machine.key_add('root')
    if machine.release != 'bookworm':
        outside.write(machine, outside.PATIENT, 'PerSourcePenalties no\n')


def journals(machine):
    """What the journals say last."""
    return '\n'.join(machine.journal(unit, None, '-n', str(TAIL)) for unit in UNITS)


def run_one(machine, number):
    """One order of steps; returns the steps, and what went wrong."""
    pending = None
    try:
        pending = Pending(machine, f'{SEED} {number}')
        pending.run(DEADLINES)
    except Exception as error:  # pylint: disable=broad-except
        return pending and pending.steps, f'{type(error).__name__}: {error}\n{journals(machine)}'
    return pending.steps, None


def work(numbers, done, failures):
    """Take numbers and run them on a machine of one's own; after a failure on another one."""
    while not numbers.empty() and len(failures) < MOST_FAILURES:
        with Machine.from_environment() as machine:
            prepare(machine)
            error = None
            while error is None and len(failures) < MOST_FAILURES:
                try:
                    number = numbers.get_nowait()
                except queue.Empty:
                    break
                steps, error = run_one(machine, number)
                if error is not None:
                    failures.append(f'number {number}: {steps}: {error}')
                done.append(number)
            machine.run(['systemctl', 'stop', 'truenas-ssh.service'], check=False)
            for unit in OURS:
                failures += filter(CRASH.search, machine.journal(unit).splitlines())


def guarded(numbers, done, failures):
    """The same; whatever ends it early is a failure."""
    try:
        work(numbers, done, failures)
    except BaseException as error:  # pylint: disable=broad-except
        failures.append(f'{type(error).__name__}: {error}')
        raise


@pytest.mark.parametrize('part', [0] if ONLY else range(PARTS))
def test_random_orders(part):
    print(f'TRUENAS_SSH_SEED={SEED}', flush=True)
    numbers, done, failures = queue.SimpleQueue(), [], []
    wanted = ONLY or range(part * HOW_MANY, (part + 1) * HOW_MANY)
    for number in wanted:
        numbers.put(number)
    threads = [threading.Thread(target=guarded, args=(numbers, done, failures))
               for _number in range(min(len(wanted), MACHINES))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f'{len(done)} orders, {len(failures)} wrong', flush=True)
    assert failures == [], '\n\n'.join(failures)
    assert sorted(done) == sorted(wanted)
