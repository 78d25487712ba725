# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change is whole, whoever goes away in the middle of it: its caller, the service, the daemon."""

import contextlib
import random
import subprocess
import time

import pytest
from gi.repository import Gio, GLib

from harness.bus import NAME, PATH, settings
from harness.failures import wrap_sshd
from harness.machine import failure, wait_for
from harness.sshd import DROP_IN, Session, everywhere, files, override, ports, reset, undisturbed

DBUS = 'org.freedesktop.DBus'
SLOW = 'ExecReload=\nExecReload=/bin/sleep 0.7\nExecReload=/bin/kill -HUP $MAINPID'

# Says so in a file when it begins.
SLOW_CHECK = '[ -e /run/checking ] || { touch /run/checking; sleep 0.5; }'


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """Somebody who is logged in from the first test to the last."""
    machine.user_add('person')
    key = machine.key_add('person')
    with Session(machine, 'person', key=key) as session:
        yield key
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it."""
    machine.get('Version')
    yield
    machine.run('[ ! -e /usr/sbin/sshd.real ] || mv /usr/sbin/sshd.real /usr/sbin/sshd;'
                ' rm -f /run/checking')
    reset(machine)


def send(machine, change, answer=None):
    """Send an Apply from a connection of its own; what comes back goes into the list ANSWER."""
    def on_reply(source, result):
        try:
            answer.append(source.call_finish(result).unpack()[0])
        except GLib.Error as error:
            answer.append(failure(error))
    bus = machine.connect()
    args = GLib.Variant('(a{sv}a{sv})', (settings(change), {}))
    bus.call(NAME, PATH, NAME, 'Apply', args, None, Gio.DBusCallFlags.NONE, 60000, None,
             None if answer is None else on_reply)
    bus.flush_sync(None)
    return bus


def idle(machine):
    """Wait until no change is under way."""
    def try_a_change():
        try:
            machine.apply(start=True)
        except GLib.Error as error:
            assert failure(error).name == f'{NAME}.Error.Busy'
            return False
        return True
    wait_for(try_a_change)


def is_whole(machine, old, new):
    """Files, sshd and properties are all as before (True), or all as the change has them."""
    port = machine.get('TcpPort')
    assert port in (old, new)
    assert ports(machine) == everywhere(port)
    assert machine.sshd_T()['port'] == [str(port)]
    if machine.exists(DROP_IN):
        assert f'Port {port}\n' in machine.read(DROP_IN)
    else:
        assert port == 22
    return port == old


# The caller

def test_caller_that_goes_before_anything_is_replaced(machine):
    before, generation = files(machine), machine.get('Generation')
    wrap_sshd(machine, SLOW_CHECK)
    with undisturbed(machine):
        bus = send(machine, {'TcpPort': 2200})
        wait_for(lambda: machine.exists('/run/checking'))
        bus.close_sync(None)
        machine.run(['mv', '/usr/sbin/sshd.real', '/usr/sbin/sshd'])
        idle(machine)
        assert machine.get('TcpPort') == 22
        assert machine.get('Generation') == generation
        assert files(machine) == before


def test_caller_that_goes_after_the_files_are_replaced(machine):
    override(machine, SLOW)
    bus = send(machine, {'TcpPort': 2200})
    wait_for(lambda: machine.exists(DROP_IN))
    bus.close_sync(None)
    idle(machine)
    assert ports(machine) == everywhere(2200)
    assert machine.get('TcpPort') == 2200
    assert machine.get('LastChange')['outcome'] == 'applied'


def test_caller_that_goes_at_any_time(machine):
    seen = set()
    for i in range(8):
        old = machine.get('TcpPort')
        bus = send(machine, {'TcpPort': 2200 + i})
        time.sleep(i * 0.03)
        bus.close_sync(None)
        idle(machine)
        seen.add(is_whole(machine, old, 2200 + i))
    assert seen  # how many were in time is up to the machine


# The service

def owner(machine):
    """The unique name of the service's process; None while there is none."""
    with contextlib.suppress(GLib.Error):
        return machine.call('GetNameOwner', GLib.Variant('(s)', (NAME,)), DBUS, DBUS,
                            '/org/freedesktop/DBus')
    return None


def stop_while(machine, moment, change):
    """Stop the service when MOMENT is true; returns what the change was answered."""
    answer = []
    bus = send(machine, change, answer)
    wait_for(moment)
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    assert machine.show('truenas-ssh.service', 'Result') == 'success'
    wait_for(lambda: GLib.MainContext.default().iteration(False) or answer)
    bus.close_sync(None)
    return answer[0]


def test_service_that_is_stopped_after_the_files_are_replaced(machine):
    override(machine, SLOW)
    answer = stop_while(machine, lambda: machine.exists(DROP_IN), {'TcpPort': 2200})
    assert answer['changed'] == ['TcpPort'], answer
    assert ports(machine) == everywhere(2200)
    assert machine.get('TcpPort') == 2200


def test_service_that_is_stopped_during_the_check(machine):
    wrap_sshd(machine, SLOW_CHECK)
    answer = stop_while(machine, lambda: machine.exists('/run/checking'), {'TcpPort': 2200})
    assert answer['changed'] == ['TcpPort'], answer
    assert machine.get('TcpPort') == 2200
    assert ports(machine) == everywhere(2200)


def test_service_that_is_stopped_again_and_again(machine):
    """Nobody's call is lost: each is answered by the service that goes or by the one that comes."""
    caller = machine.popen(
        'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do busctl --timeout=20 call org.truenas.SSH'
        " /org/truenas/SSH org.truenas.SSH Apply 'a{sv}a{sv}' 1 Compression b $((i % 2)) 0"
        ' || exit 1; done', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while caller.poll() is None:
        wait_for(lambda: owner(machine) or caller.poll() is not None)
        time.sleep(random.uniform(0, 0.4))
        # A call that comes meanwhile has systemd cancel the wish to stop, not the stopping.
        machine.run(['systemctl', 'stop', 'truenas-ssh.service'], check=False)
    assert caller.wait() == 0, caller.stdout.read()
    caller.stdout.close()


# Its process

def kill_daemon(machine):
    """End the daemon as nothing else could."""
    before = owner(machine)
    machine.run(['systemctl', 'kill', '--signal=KILL', '--kill-whom=main', 'truenas-ssh.service'])
    wait_for(lambda: owner(machine) != before)


def temporary_files(machine):
    """Files that a process has not come to rename; sshd's Include line finds no hidden ones."""
    return [path.name for path in machine.path('/etc/ssh').rglob('*')
            if 'truenas-ssh-' in path.name]


def test_process_that_is_killed_before_anything_is_replaced(machine):
    before = files(machine)
    wrap_sshd(machine, SLOW_CHECK)
    bus = send(machine, {'TcpPort': 2200})
    wait_for(lambda: machine.exists('/run/checking'))
    kill_daemon(machine)
    bus.close_sync(None)
    machine.run(['mv', '/usr/sbin/sshd.real', '/usr/sbin/sshd'])
    assert machine.get('TcpPort') == 22
    assert files(machine) == before
    assert ports(machine) == everywhere(22)
    machine.apply({'TcpPort': 2200})
    assert ports(machine) == everywhere(2200)


def test_process_that_is_killed_after_the_files_are_replaced(machine):
    override(machine, SLOW)
    bus = send(machine, {'TcpPort': 2200})
    wait_for(lambda: machine.exists(DROP_IN))
    kill_daemon(machine)
    bus.close_sync(None)
    override(machine)
    wait_for(lambda: machine.get('ActiveState') == 'active')
    idle(machine)
    assert machine.apply({'TcpPort': 2201})['changed'] == ['TcpPort']
    assert ports(machine) == everywhere(2201)
    assert is_whole(machine, 22, 2201) is False


def test_process_that_is_killed_at_any_time(machine):
    for i in range(6):
        old = machine.get('TcpPort')
        bus = send(machine, {'TcpPort': 2200 + i})
        time.sleep(random.uniform(0, 0.3))
        kill_daemon(machine)
        bus.close_sync(None)
        machine.get('Version')
        idle(machine)
        is_whole(machine, old, 2200 + i)
        machine.run(['/usr/sbin/sshd', '-t'])
        assert all(name.startswith('.') for name in temporary_files(machine))
    machine.apply({'TcpPort': 2222})
    assert ports(machine) == everywhere(2222)
    assert temporary_files(machine) == []
