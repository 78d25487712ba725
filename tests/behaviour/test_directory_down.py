# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A directory that does not answer: nothing opens, settings can be changed, nobody else waits for it."""

import subprocess
import time

from gi.repository import GLib
import pytest

from harness import directory
from harness.bus import NAME, PATH
from harness.machine import raises, wait_for
from harness.outside import may, offered, rules

pytestmark = pytest.mark.usefixtures('pristine')

KEYS = {'publickey'}
ONLY = {'PasswordAuthentication': True, 'PasswordLoginGroups': ['crew']}
MATCH = 'Match Group "crew"'


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """In the directory dora and emil, in whose groups only she is; here lena. All have a password."""
    machine.user_add('lena', 'secret')
    directory.create(machine, directory.user('dora', 5000, 'secret')
                     + directory.user('emil', 5001, 'secret')
                     + directory.group('crew', 5100, ['dora'])
                     + directory.group('a,b', 5101, ['dora']))


@pytest.fixture
def members(machine):
    """Passwords are for members, and she is one."""
    machine.apply(ONLY)
    assert may(machine, 'dora', password='secret')


def groups(machine, prefix):
    """Call ListGroups."""
    return machine.call('ListGroups', GLib.Variant('(su)', (prefix, 0)))


def nobody_else(machine):
    """Whether those who are not members are kept out."""
    return all(offered(machine, user) == KEYS for user in ('emil', 'lena', 'root'))


def test_server_that_is_gone(machine, members):
    directory.stop_server(machine)
    try:
        assert nobody_else(machine)
        assert not may(machine, 'dora', password='secret')
        assert machine.apply({'Compression': False})['changed'] == ['Compression']
        assert MATCH in rules(machine)
        assert nobody_else(machine)
        machine.apply({'PasswordAuthentication': False})
        assert offered(machine, 'dora') == KEYS
        machine.apply({'PasswordAuthentication': True})
        assert nobody_else(machine)
    finally:
        directory.start_server(machine)
    wait_for(lambda: may(machine, 'dora', password='secret'), 30)
    assert nobody_else(machine)


def test_client_that_is_gone(machine, members):
    machine.run(['systemctl', 'stop', 'sssd.service'])
    try:
        assert offered(machine, 'dora') == KEYS and nobody_else(machine)
        assert ('root', 0) in groups(machine, '')
        machine.apply({'Compression': False})
        assert MATCH in rules(machine)
        assert machine.get('PasswordLoginGroups') == ['crew']
        with raises('Failed', '^PasswordLoginGroups: .* directory'):
            machine.apply({'PasswordLoginGroups': ['a,b']})
        machine.run(['groupadd', '-f', '-U', 'lena', 'locals'])
        machine.apply({'PasswordLoginGroups': ['crew', 'locals']})
        assert may(machine, 'lena', password='secret')
        machine.apply(ONLY)
        assert nobody_else(machine)
    finally:
        machine.run(['systemctl', 'start', 'sssd.service'])
    # No further change is needed.
    wait_for(lambda: may(machine, 'dora', password='secret'), 30)
    assert nobody_else(machine)


def longest_wait(machine, processes, seconds):
    """Call something else until the processes are done; returns what the slowest call took."""
    end = time.monotonic() + seconds
    longest = 0
    while any(each.poll() is None for each in processes):
        assert time.monotonic() < end
        for ask in (lambda: machine.get('TcpPort'), lambda: machine.call('ListInterfaces')):
            began = time.monotonic()
            ask()
            longest = max(longest, time.monotonic() - began)
        time.sleep(0.1)
    return longest


def start(machine, *args):
    """A call from a process of its own."""
    return machine.popen(['busctl', '--timeout=100', 'call', NAME, PATH, NAME, *args],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_client_that_never_answers(machine, members):
    with directory.frozen(machine, 'sssd.service'):
        calls = [start(machine, 'ListGroups', 'su', 'not-a-local-one', '0'),
                 start(machine, 'CheckLogin', 'ssa{sv}', 'dora', '', '0'),
                 start(machine, 'Apply', 'a{sv}a{sv}', '1', 'Compression', 'b', 'false', '0')]
        assert longest_wait(machine, calls, 60) < 2
        answers = [each.communicate() for each in calls]
        assert 'does not answer' in answers[0][1] and 'does not answer' in answers[1][1]
        assert calls[2].returncode == 0, answers[2]
        assert MATCH in rules(machine) and 'Compression no' in rules(machine)
        # Passwords can be turned off also now, and not again be given to nobody knows whom.
        machine.apply({'PasswordAuthentication': False})
        with raises('Failed', '^PasswordLoginGroups: the name service does not answer'):
            machine.apply({**ONLY, 'PasswordLoginGroups': ['a,b']})
    wait_for(lambda: offered(machine, 'dora') == KEYS)
    wait_for(lambda: groups(machine, 'crew') == [('crew', 5100)], 30)
    machine.apply(ONLY)
    # The client itself has to find its server again.
    wait_for(lambda: may(machine, 'dora', password='secret'), 30)
    assert nobody_else(machine)


def test_service_starts_while_nothing_answers(machine, members):
    with directory.frozen(machine, 'sssd.service'):
        before = machine.daemon_pid()
        machine.run(['systemctl', 'kill', '--signal=KILL', 'truenas-ssh.service'])
        wait_for(lambda: machine.daemon_pid() != before)
        began = time.monotonic()
        assert machine.get('PasswordLoginGroups') == ['crew']
        assert time.monotonic() - began < 24
    wait_for(lambda: may(machine, 'dora', password='secret'), 30)
