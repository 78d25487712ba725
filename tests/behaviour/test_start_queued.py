# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An sshd whose start waits for another unit: it reads what there is then, and nobody waits for it."""

import threading
import time

import pytest
from gi.repository import GLib

from harness.machine import wait_for
from harness.past import end
from harness.sshd import administrator, everywhere, override, ports, reset

FIRST = '/run/systemd/system/first.service'
APPLY = ('/usr/bin/busctl call --timeout=100 org.truenas.SSH /org/truenas/SSH org.truenas.SSH'
         ' Apply a{sv}a{sv} 1 TcpPort q 2222 0')


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Somebody can log in whatever is changed."""
    administrator(machine)
    machine.get('Version')


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with sshd as the package has it."""
    yield
    machine.run(f'systemctl stop first.service; rm -f {FIRST}; systemctl daemon-reload', check=False)
    reset(machine)


def first(machine, command):
    """A unit that comes before sshd, which is stopped."""
    machine.write(FIRST, '[Unit]\nBefore=ssh.service\n[Service]\nType=oneshot\n'
                         f'TimeoutStartSec=120\nExecStart={command}\n')
    machine.run('systemctl daemon-reload; systemctl stop ssh.service')


def test_change_comes_from_what_it_waits_for(machine):
    """As from what sets a machine up at its first boot."""
    first(machine, APPLY)
    began = time.monotonic()
    machine.run(['systemctl', 'start', 'first.service', 'ssh.service'])
    assert time.monotonic() - began < 10
    assert machine.show('first.service', 'Result') == 'success'
    assert ports(machine) == everywhere(2222)


def test_start_is_near(machine):
    """As in the midst of a restart: the change is answered when it is proven."""
    first(machine, '/bin/sleep 1')
    machine.run(['systemctl', 'start', '--no-block', 'first.service', 'ssh.service'])
    machine.apply({'TcpPort': 2222})
    assert ports(machine) == everywhere(2222)


def test_prepare_is_at_it(machine):
    """It has the lock for a moment before every start."""
    with machine.popen('flock /var/lib/truenas-ssh/lock sleep 0.7') as prepare:
        time.sleep(0.2)
        assert prepare.poll() is None
        machine.apply({'TcpPort': 2222})
    assert ports(machine) == everywhere(2222)


def test_start_takes_its_time(machine):
    first(machine, '/bin/sleep 6')
    machine.run(['systemctl', 'start', '--no-block', 'first.service', 'ssh.service'])
    began = time.monotonic()
    machine.apply({'TcpPort': 2222})
    assert time.monotonic() - began < 5.5
    wait_for(lambda: ports(machine) == everywhere(2222), 20)


@pytest.fixture
def long_start(machine):
    """The server listens, and systemd does not call it started yet."""
    override(machine, 'ExecStartPost=/bin/sleep 2\n')
    machine.run(['systemctl', 'restart', '--no-block', 'ssh.service'])
    wait_for(lambda: machine.show('ssh.service', 'SubState') == 'start-post')
    yield
    override(machine)


@pytest.mark.usefixtures('long_start')
def test_change_while_it_starts(machine):
    """It has read what there was, and could not be told of anything else so early."""
    machine.apply({'TcpPort': 2222})
    assert ports(machine) == everywhere(2222)


def test_rollback_while_it_starts(machine, request):
    machine.apply({'TcpPort': 2222}, confirm_timeout=60)
    request.getfixturevalue('long_start')
    end(machine, 'Rollback')
    assert ports(machine) == everywhere(22)


def test_start_is_called_off(machine):
    """It stays stopped."""
    first(machine, '/bin/sleep 4')
    machine.run(['systemctl', 'start', '--no-block', 'first.service', 'ssh.service'])
    bus = machine.connect()
    args = GLib.Variant('(a{sv}a{sv})', ({'TcpPort': GLib.Variant('q', 2222)}, {}))
    caller = threading.Thread(target=lambda: bus.call_sync(
        'org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH', 'Apply', args, None, 0, 60000,
        None))
    caller.start()
    time.sleep(1)
    machine.run(['systemctl', 'stop', 'ssh.service'])
    caller.join()
    bus.close_sync(None)
    time.sleep(1)
    assert machine.show('ssh.service', 'ActiveState') == 'inactive'
    assert machine.get('TcpPort') == 2222
