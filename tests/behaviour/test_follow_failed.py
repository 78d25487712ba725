# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An sshd that reads its configuration while a device that it is bound to is gone ends; it comes back, whatever comes in between."""

import contextlib
import time

import pytest
from gi.repository import GLib

from harness.bus import failure, raises
from harness.machine import wait_for
from harness.outside import may
from harness.sshd import everywhere, override, ports

NAME = 'BindInterfaces'
OWN = 'truenas-ssh.service'
PLUG = ('ip link add lan1 type veth peer name lan1p netns lan1-far; ip link set lan1 up;'
        ' ip -n lan1-far link set lan1p up; ip address add 10.30.0.1/24 dev lan1;'
        ' ip -n lan1-far address add 10.30.0.2/24 dev lan1p')
# It is told from elsewhere, at the worst moment.
UNPLUG = ('pid=$(systemctl show --value --property=MainPID ssh); ip link delete lan1;'
          ' kill -HUP $pid; for i in $(seq 100); do kill -0 $pid 2>/dev/null || break;'
          ' sleep 0.002; done')


def bound(*names):
    """The sockets of an sshd that is bound to interfaces."""
    found = {('127.0.0.1%lo', 22), ('[::1]%lo', 22)}
    for name in names:
        found |= {(f'0.0.0.0%{name}', 22), (f'[::]%{name}', 22)}
    return found


@pytest.fixture(scope='module', autouse=True)
def cables(machine):
    """Two cables, and a user with a key."""
    machine.user_add('nic')
    machine.key_add('nic')
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    machine.add_interface('lan1', '10.30.0.1/24', '10.30.0.2/24')


@pytest.fixture(autouse=True)
def both(machine):
    """Each test begins bound to both, with all that systemd allows in starts."""
    machine.run(f'systemctl reset-failed ssh "truenas-ssh-revive@*"; ip link show lan1 || {{ {PLUG}; }}')
    machine.apply({NAME: ['lan0', 'lan1']}, reset=['Compression'])
    wait_for(lambda: ports(machine) == bound('lan0', 'lan1'), 15)


def test_nobody_is_there_to_see_to_it(machine):
    """The service does not run, and nobody calls it."""
    machine.run(['systemctl', 'mask', '--runtime', OWN])
    machine.run(['systemctl', 'stop', OWN])
    try:
        machine.run(UNPLUG)
        wait_for(lambda: ports(machine) == bound('lan0'), 5)
        assert may(machine, 'nic', key='/root/key-nic', host='10.20.0.1', netns='lan0-far')
        assert machine.show(OWN, 'ActiveState') == 'inactive'
    finally:
        machine.run(['systemctl', 'unmask', '--runtime', OWN])


def test_there_again_before_anybody_has_looked(machine):
    """Nothing in the files, and nothing of the machine, tells by then why it has failed."""
    machine.run(f'{UNPLUG}; {PLUG}')
    wait_for(lambda: ports(machine) == bound('lan0', 'lan1'), 5)
    assert may(machine, 'nic', key='/root/key-nic', host='10.30.0.1', netns='lan1-far')


@contextlib.contextmanager
def lost(machine, lasts, before='', after=''):
    """A server that ends over a reload, for which systemd waits: for ExecReload=, and on Debian 13 then 90 s more for word of it."""
    pid, service = machine.show('ssh.service', 'MainPID'), machine.daemon_pid()
    machine.write('/root/told', f'kill -STOP {service}; {before} kill -HUP {pid};'
                                f' for i in $(seq 500); do kill -0 {pid} || break; sleep 0.01; done;'
                                f' {after} kill -CONT {service}; exec sleep {lasts}\n')
    override(machine, 'ExecReload=\nExecReload=/bin/sh /root/told')
    time.sleep(1)  # nothing that was to be done anyway helps
    try:
        machine.run(['systemctl', 'reload', '--no-block', 'ssh.service'])
        wait_for(lambda: machine.show('ssh.service', 'MainPID') != pid)
        yield
        assert machine.show('ssh.service', 'MainPID') not in ('0', pid)
    finally:
        machine.run(f'kill -CONT {service}')
        machine.run('rm /run/systemd/system/ssh.service.d/90-test.conf; systemctl daemon-reload')


@pytest.mark.parametrize('lasts', [0.2, 30])
def test_ends_while_it_is_told(machine, lasts):
    with lost(machine, lasts, before='ip link delete lan1;'):
        wait_for(lambda: ports(machine) == bound('lan0'), 5)
        assert may(machine, 'nic', key='/root/key-nic', host='10.20.0.1', netns='lan0-far')


@pytest.mark.parametrize('lasts', [0.2, 30])
def test_ends_while_it_is_told_and_all_is_as_before(machine, lasts):
    """There is nothing to be written anew."""
    with lost(machine, lasts, before='ip link delete lan1;', after=f'{PLUG};'):
        wait_for(lambda: ports(machine) == bound('lan0', 'lan1'), 5)
        assert may(machine, 'nic', key='/root/key-nic', host='10.30.0.1', netns='lan1-far')


@pytest.mark.parametrize('ask', [lambda machine: machine.call('Start'),
                                 lambda machine: machine.apply({'Compression': False})],
                         ids=['start', 'change'])
def test_ended_while_it_was_told_and_somebody_helps(machine, ask):
    """Nothing is bound, so nobody sees to it before; once somebody does, it is there at once."""
    machine.apply(reset=[NAME])
    pid = machine.show('ssh.service', 'MainPID')
    with lost(machine, 30, before=f'kill -KILL {pid};'):
        assert machine.show('ssh.service', 'ActiveState') == 'reloading'
        ask(machine)
        assert ports(machine) == everywhere(22)


def test_device_goes_while_a_change_is_told(machine):
    """Systemd starts the server over and over, in vain while the change is not undone, and begins again to count, as from Debian 13 on."""
    override(machine, 'ExecReload=\nExecReload=/bin/sh -c "ip link delete lan1; kill -HUP $MAINPID"\n'
                      'ExecStartPre=\nExecStartPre=/bin/systemctl reset-failed ssh.service\n'
                      'ExecStartPre=/usr/sbin/sshd -t')
    try:
        began = time.monotonic()
        with raises('ApplyFailed'):
            machine.apply({'Compression': False})
        assert time.monotonic() - began < 5
        wait_for(lambda: ports(machine) == bound('lan0'), 1)
        assert may(machine, 'nic', key='/root/key-nic', host='10.20.0.1', netns='lan0-far')
    finally:
        machine.run('rm /run/systemd/system/ssh.service.d/90-test.conf; systemctl daemon-reload')


@pytest.fixture
def slow(machine):
    """A unit like Fedora's."""
    override(machine, 'RestartSec=42s\nRestartPreventExitStatus=')
    yield
    machine.run('rm /run/systemd/system/ssh.service.d/90-test.conf; systemctl daemon-reload')


@pytest.mark.usefixtures('slow')
def test_systemd_takes_its_time(machine):
    """The service does not wait for that."""
    machine.run(UNPLUG)
    wait_for(lambda: ports(machine) == bound('lan0'), 5)


@pytest.mark.usefixtures('slow')
def test_systemd_takes_its_time_and_a_change_comes(machine):
    """It does not, either, and is proven."""
    machine.run('kill -9 $(systemctl show --value --property=MainPID ssh)')
    wait_for(lambda: machine.show('ssh.service', 'SubState') == 'auto-restart')
    began = time.monotonic()
    machine.apply({NAME: ['lan0']})
    assert ports(machine) == bound('lan0')
    assert time.monotonic() - began < 4


@pytest.mark.parametrize('change', [{'reset': [NAME]}, {'change': {NAME: ['lan0']}},
                                    {'change': {'Compression': False}}],
                         ids=['unbound', 'rebound', 'other'])
@pytest.mark.parametrize('later', range(0, 120, 10))
def test_a_change_comes_in_between(machine, change, later):
    """It is not taken for one of a server that somebody has stopped: it is used and proven, or it fails, and the server is back."""
    unplug = machine.popen(['sh', '-c', UNPLUG])
    time.sleep(later / 1000)
    try:
        machine.apply(**change)
        expected = everywhere(22) if 'reset' in change else bound('lan0')
    except GLib.Error as error:
        # It has been checked, and written, for the device that is gone; or sshd has ended in the
        # midst of being told.
        assert (change == {'change': {'Compression': False}}
                or 'systemd\u2019s job' in error.message or "systemd's job" in error.message), error
        assert failure(error).name.rpartition('.')[2] in ('ApplyFailed', 'ConfigRejected'), error
        expected = bound('lan0')
    assert unplug.wait() == 0
    wait_for(lambda: ports(machine) == expected, 5)
    assert machine.show('ssh.service', 'ActiveState') == 'active'
