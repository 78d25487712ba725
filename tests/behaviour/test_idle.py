# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service ends when nobody needs it, and no call is lost for that."""

import os
import random
import threading
import time

import pytest
from gi.repository import GLib

from harness.bus import NAME, PATH
from harness.machine import wait_for
from harness.sshd import everywhere, ports

UNIT = 'truenas-ssh.service'
OVERRIDE = f'/run/systemd/system/{UNIT}.d/idle.conf'
SOON = 300  # ms

# How many calls are made around the moments at which it ends.
CALLS = 10000 if os.environ.get('TRUENAS_SSH_FULL') else 300


@pytest.fixture(scope='module', autouse=True)
def short(machine):
    """The service waits for SOON instead of a minute."""
    patience(machine, SOON)
    machine.add_interface('lan0', '10.9.0.1/24', '10.9.0.2/24', netns='far')


def patience(machine, ms):
    """Let the service wait so long."""
    machine.write(OVERRIDE, f'[Service]\nEnvironment=TRUENAS_SSH_IDLE={ms}\n')
    machine.run(['systemctl', 'daemon-reload'])
    machine.run(['systemctl', 'stop', UNIT])


def ask(machine, bus=None, method='Version'):
    """Call from a connection of its own, which is gone afterwards, unless one is given."""
    own = bus or machine.connect()
    try:
        return own.call_sync(NAME, PATH, 'org.freedesktop.DBus.Properties', 'Get',
                             GLib.Variant('(ss)', (NAME, method)), None, 0, 60000, None)
    finally:
        if bus is None:
            own.close_sync(None)


def is_running(machine):
    """Whether the service is, without asking it."""
    return machine.show(UNIT, 'ActiveState') not in ('inactive', 'failed')


def stays(machine, seconds=2.0):
    """Whether it is the same process all the time."""
    pid = machine.daemon_pid()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not pid or machine.daemon_pid() != pid:
            return False
        time.sleep(0.05)
    return True


def starts(machine):
    """Whether it runs for somebody who calls, and is there until that has been seen."""
    caller = machine.connect()
    try:
        ask(machine, caller)
        return is_running(machine)
    finally:
        caller.close_sync(None)


def test_ends_when_nobody_is_there(machine):
    assert starts(machine)
    wait_for(lambda: machine.show(UNIT, 'ActiveState') == 'inactive')
    assert machine.show(UNIT, 'Result') == 'success'
    assert starts(machine)


def test_stays_while_a_caller_is_there(machine):
    bus = machine.connect()
    ask(machine, bus)
    assert stays(machine)
    bus.close_sync(None)
    wait_for(lambda: not is_running(machine))


def test_stays_while_interfaces_are_bound(machine):
    machine.apply({'BindInterfaces': ['lan0']})
    machine.disconnect()
    assert stays(machine)
    machine.apply({}, reset=['BindInterfaces'])
    machine.disconnect()
    wait_for(lambda: not is_running(machine))
    assert ports(machine) == everywhere(22)


def test_stays_while_a_change_is_pending(machine):
    machine.apply({'TcpPort': 2222}, confirm_timeout=10)
    machine.disconnect()
    pid = machine.daemon_pid()
    assert stays(machine, 5)
    wait_for(lambda: ports(machine) == everywhere(22), 20)
    wait_for(lambda: not is_running(machine))
    assert pid
    assert machine.get('LastChange').get('outcome') != 'failed'


def test_starts_no_more_often_than_it_is_called(machine):
    machine.disconnect()
    wait_for(lambda: not is_running(machine))
    assert not machine.daemon_pid()
    time.sleep(1)
    assert not is_running(machine)


class Caller(threading.Thread):
    """Calls again and again, from a new connection each time, just when the service may end."""

    def __init__(self, machine, calls, seed):
        super().__init__()
        self.machine, self.calls = machine, calls
        self.random = random.Random(seed)
        self.answers, self.errors = 0, []

    def run(self):
        """Answers are counted, errors kept."""
        for _call in range(self.calls):
            try:
                ask(self.machine)
                self.answers += 1
            except GLib.Error as error:
                self.errors.append(error.message)
            time.sleep(self.random.uniform(0, 0.03))


def test_no_call_is_lost_at_the_end(machine):
    patience(machine, 1)
    machine.disconnect()
    before = machine.journal(UNIT).count('Started ')
    callers = [Caller(machine, CALLS // 2, seed) for seed in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    ended = machine.journal(UNIT).count('Started ') - before
    print(f'{machine.release}: {CALLS} calls, {ended} lives')
    assert [caller.errors for caller in callers] == [[], []]
    assert sum(caller.answers for caller in callers) == CALLS
    assert ended > CALLS // 20
    patience(machine, SOON)
