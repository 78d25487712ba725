# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What sshd has said is remembered, but never longer than it would say the same again."""

import os
import time

import pytest

from harness.machine import wait_for
from harness.sshd import everywhere, ports, reset

SSHD = '/usr/sbin/sshd'
REAL = '/usr/sbin/sshd-real'
CALLS = 'sshd-calls'
FOLDER = '/etc/ssh/sshd_config.d'

# Tells the journal what it is asked, as it may not write to files, and answers like the real one,
# with MORE before what the files say.
ASKED = f'''#!/bin/sh
logger -t {CALLS} -- "$*"
exec {REAL} MORE "$@"
'''


@pytest.fixture(autouse=True)
def clean(machine):
    """Takes back what a test has done to sshd."""
    yield
    reset(machine)


@pytest.fixture
def asked(machine):
    """Where sshd is asked, that is written down."""
    machine.run(['mv', SSHD, REAL])
    put(machine, '')
    yield
    machine.run(['mv', REAL, SSHD])


def put(machine, more):
    """The program that is asked, as a new file."""
    machine.write(SSHD + '.new', ASKED.replace('MORE', more), 0o755)
    machine.run(['mv', SSHD + '.new', SSHD])


def look(machine):
    """Make the service look again soon, though no file of sshd's has changed."""
    machine.run(['systemctl', 'daemon-reload'])


def questions(machine):
    """How often sshd has been asked what its configuration comes to."""
    machine.run(['journalctl', '--sync'])
    return sum(' -T' in line for line in machine.journal(None, None, '-t', CALLS).splitlines())


def looked(machine):
    """Make the service look, and wait until it asks no more."""
    look(machine)
    before, now = -1, 0
    while now > before:
        time.sleep(0.7)
        before, now = now, questions(machine)


def seen(machine, **values):
    """Wait until the properties have these values, which sshd has as well."""
    wait_for(lambda: all(machine.get(name) == value for name, value in values.items()), 10)


def same_size(machine, path, text):
    """Write into a file in place, and let it look as old as it was."""
    file = machine.path(path)
    before = file.stat()
    assert before.st_size == len(text)
    file.write_text(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_it_is_asked_once(machine, asked):
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    machine.properties()
    before = questions(machine)
    assert before > 0
    for _turn in range(5):
        look(machine)
        time.sleep(0.5)
        generation = machine.get('Generation')
    assert questions(machine) == before
    # Without our drop-in, with it, and once more when it is there.
    assert machine.apply({'TcpPort': 2200})['generation'] > generation
    assert questions(machine) == before + 3
    assert machine.get('TcpPort') == 2200


def test_what_is_without_us_is_asked_once(machine, asked):
    """But each change is judged, and proven, however often the same was tried out before."""
    def asked_by(**given):
        before = questions(machine)
        machine.apply({'TcpPort': next(ports_left), 'AuxiliaryParameters': auxiliary}, **given)
        return questions(machine) - before

    auxiliary = 'MaxSessions 7\n'
    ports_left = iter(range(2201, 2300))
    asked_by()
    assert [asked_by(dry_run=True), asked_by(dry_run=True), asked_by(), asked_by()] == [1, 1, 2, 2]
    for other in (lambda: machine.write(f'{FOLDER}/50-a.conf', 'Include /etc/ssh/nested\n'),
                  lambda: machine.write('/etc/ssh/nested', 'Compression no \n'),
                  lambda: same_size(machine, '/etc/ssh/nested', 'Compression yes\n'),
                  lambda: machine.run(['touch', '/etc/ssh/ssh_host_rsa_key']),
                  lambda: put(machine, '-oMaxSessions=7')):
        other()
        looked(machine)
        assert [asked_by(), asked_by()] == [3, 2]
    for auxiliary in ('MaxSessions 8\n', 'MaxSessions 9\n', 'MaxSessions 6\n'):
        assert asked_by(allow_lockout=True) == 3
    assert asked_by() == 2
    machine.remove(f'{FOLDER}/50-a.conf')
    machine.remove('/etc/ssh/nested')


def test_another_sshd_is_asked(machine, asked):
    machine.properties()
    for more, value in (('-oCompression=no', False), ('-oCompression=yes', True)) * 3:
        put(machine, more)
        look(machine)
        seen(machine, Compression=value)


def test_every_file_counts(machine):
    machine.write(f'{FOLDER}/50-a.conf', 'Include /etc/ssh/nested\nPort 2201\n')
    seen(machine, TcpPort=2201, Compression=True)
    machine.write('/etc/ssh/nested', 'Compression no \n')
    seen(machine, Compression=False)
    for turn in range(5):
        port = 2203 + turn
        same_size(machine, f'{FOLDER}/50-a.conf', f'Include /etc/ssh/nested\nPort {port}\n')
        same_size(machine, '/etc/ssh/nested', f'Compression {"no " if turn % 2 else "yes"}\n')
        seen(machine, TcpPort=port, Compression=turn % 2 == 0)
    machine.write(f'{FOLDER}/10-b.conf', 'Port 2299\n')
    seen(machine, TcpPort=2299)
    machine.remove(f'{FOLDER}/10-b.conf')
    seen(machine, TcpPort=2207)
    machine.run(['mv', f'{FOLDER}/50-a.conf', f'{FOLDER}/50-a.off'])
    seen(machine, TcpPort=22)
    machine.remove('/etc/ssh/nested')


def test_many_edits_in_a_row(machine):
    """None of them is missed that is the last one."""
    path = f'{FOLDER}/50-a.conf'
    for turn in range(20):
        for port in range(2201, 2206 + turn % 3):
            machine.path(path).write_text(f'Port {port}\n')
        seen(machine, TcpPort=port)
        assert machine.sshd_T()['port'] == [str(port)]


def test_host_keys_count(machine):
    machine.apply({'TcpPort': 2200})
    machine.run('mkdir /root/keys; mv /etc/ssh/ssh_host_* /root/keys')
    look(machine)
    wait_for(lambda: 'configuration-broken' in dict(machine.get('Warnings')), 10)
    machine.run('mv /root/keys/* /etc/ssh; rmdir /root/keys')
    look(machine)
    wait_for(lambda: 'configuration-broken' not in dict(machine.get('Warnings')), 10)
    assert ports(machine) == everywhere(2200)
