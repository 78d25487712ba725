# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change on probation whose clock cannot be set, or that cannot be undone at once."""

import time

import pytest
from gi.repository import GLib

from harness.machine import raises, wait_for
from harness.sshd import DROP_IN, administrator, everywhere, ports, sockets

JOURNAL = '/var/lib/truenas-ssh/journal'
SSHD = '/usr/sbin/sshd'


@pytest.fixture(scope='module', autouse=True)
def settled(machine):
    """Everything begins with TcpPort 2200."""
    administrator(machine)
    machine.apply({'TcpPort': 2200})


def end(machine, method, token):
    """Confirm or roll back."""
    machine.call(method, GLib.Variant('(s)', (token,)))


def test_no_clock_no_probation(machine):
    """Without systemd's timer nobody would see to its end: nothing is changed."""
    before = machine.read(DROP_IN)
    taken = f'truenas-ssh-deadline-{machine.get("Generation") + 1}'
    machine.run(['systemd-run', '--quiet', f'--unit={taken}', '--on-active=1h', '/bin/true'])
    with raises('ServiceFailed', f'^{taken}.timer: '):
        machine.apply({'TcpPort': 2201}, confirm_timeout=60)
    machine.run(['systemctl', 'stop', f'{taken}.timer'])
    assert machine.read(DROP_IN) == before and not machine.exists(JOURNAL)
    assert ports(machine) == everywhere(2200) and machine.get('PendingDeadline') == 0
    machine.apply({'TcpPort': 2201})
    machine.apply({'TcpPort': 2200})


def test_sshd_that_cannot_come_back_at_once(machine):
    """It is undone as soon as it can be, and nobody can confirm it any more."""
    before = machine.get('Generation')
    token = machine.apply({'TcpPort': 2201}, confirm_timeout=600)['token']
    machine.run(['mv', SSHD, f'{SSHD}.real'])
    with raises('RollbackFailed', 'the previous settings could not be brought back: '):
        end(machine, 'Rollback', token)
    assert machine.get('LastChange')['outcome'] == 'failed'
    assert 'rollback-failed' in machine.warnings()
    with raises('NotPending'):
        end(machine, 'Confirm', token)
    machine.run(['mv', f'{SSHD}.real', SSHD])
    wait_for(lambda: machine.get('LastChange')['outcome'] == 'rolled-back')
    assert machine.get('LastChange')['reason']
    assert ports(machine) == everywhere(2200) and not machine.exists(JOURNAL)
    entries = machine.call('ListHistory')
    last = next(each for each in entries if each['generation'] == before + 1)
    assert last['outcome'] == 'rolled-back'


def test_what_prepare_undoes_is_told(machine):
    """Where it comes before the next try, as when somebody restarts sshd."""
    token = machine.apply({'TcpPort': 2201}, confirm_timeout=600)['token']
    machine.run(['mv', SSHD, f'{SSHD}.real'])
    with raises('RollbackFailed'):
        end(machine, 'Rollback', token)
    machine.run(f'mv {SSHD}.real {SSHD} && systemctl restart ssh.service')
    wait_for(lambda: machine.get('LastChange')['outcome'] == 'rolled-back')
    assert machine.get('PendingDeadline') == 0 and not machine.exists(JOURNAL)
    assert ports(machine) == everywhere(2200)


def test_disk_of_its_own_folder_turns_read_only(machine):
    """The settings are on another one: they come back, once, and the rest when it can be written."""
    own = '/var/lib/truenas-ssh'
    machine.run(f'systemctl stop truenas-ssh.service; cp -a {own} /root/own;'
                f' mount -t tmpfs -o mode=700 own {own}; cp -a /root/own/. {own}/')
    machine.apply({'TcpPort': 2201}, confirm_timeout=10)
    machine.run(['mount', '-o', 'remount,ro', own])
    wait_for(lambda: ports(machine) == everywhere(2200), 15)
    wait_for(lambda: 'rollback-failed' in machine.warnings())
    before = sockets(machine)
    time.sleep(5)
    assert sockets(machine) == before  # it is not told again and again
    machine.run(['mount', '-o', 'remount,rw', own])
    wait_for(lambda: 'rollback-failed' not in machine.warnings())
    assert not machine.exists(JOURNAL) and ports(machine) == everywhere(2200)
    machine.run(f'systemctl stop truenas-ssh.service; cp -a {own}/. /root/own/; umount {own};'
                f' cp -a /root/own/. {own}/')
