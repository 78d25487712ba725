# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is brought back after a failed change, and what is said where nothing can be."""

import pytest

from harness import failures
from harness.failures import HUP, IF_NEW, check_back
from harness.machine import raises, wait_for
from harness.sshd import DROP_IN, OVERRIDE, Session, everywhere, files, override, ports

FOREIGN = '/etc/ssh/sshd_config.d/50-foreign.conf'


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """Somebody who is logged in from the first test to the last."""
    key = failures.prepare(machine)
    with Session(machine, 'person', key=key) as session:
        yield key
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it."""
    yield
    failures.clean(machine)


@pytest.mark.parametrize('name', ['port is taken just before the reload', 'reload fails'])
def test_settings_from_before_are_back_with_the_lines_taken_out_for_them(machine, person, name):
    machine.write(FOREIGN, 'Port 2022\n  ListenAddress 0.0.0.0:2023 # ours\n', 0o640)
    machine.apply({'TcpPort': 2200, 'PasswordAuthentication': False}, replace_foreign=True)
    before, generation = files(machine), machine.get('Generation')
    assert before[FOREIGN][-1].count('truenas-ssh took out') == 2
    failures.fail(machine, name)
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222, 'PasswordAuthentication': True, 'Compression': False})
    check_back(machine, person, before, generation, 2200)
    assert machine.get('PasswordAuthentication') is False
    assert sorted(machine.get('ManagedSettings')) == ['PasswordAuthentication', 'TcpPort']
    assert machine.sshd_T()['passwordauthentication'] == ['no']


def test_lines_that_were_taken_out_for_nothing_are_back(machine):
    machine.write(FOREIGN, 'Port 22\n\tPort 2022', 0o604)
    machine.run(['setfacl', '-m', 'u:nobody:r', FOREIGN])
    machine.restart_sshd()
    before = files(machine)
    failures.fail(machine, 'reload fails')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert files(machine) == before
    assert ports(machine) == everywhere(22) | everywhere(2022)
    assert 'user:nobody:r--' in machine.run(['getfacl', '-p', FOREIGN]).stdout


def test_reset_that_fails_is_undone(machine, person):
    machine.apply({'TcpPort': 2200, 'AuxiliaryParameters': 'MaxSessions 9'})
    before, generation = files(machine), machine.get('Generation')
    override(machine, f'ExecReload=\nExecReload=/bin/sh -c "test -e {DROP_IN}"\n{HUP}')
    with raises('ApplyFailed'):
        machine.apply(reset=['TcpPort', 'AuxiliaryParameters'])
    check_back(machine, person, before, generation, 2200)
    assert machine.get('AuxiliaryParameters') == 'MaxSessions 9'


def test_sshd_that_ends_with_the_new_settings_only(machine, person):
    before, generation = files(machine), machine.get('Generation')
    failures.wrap_sshd(machine, f'case "$*" in -D*) if {IF_NEW}; then exit 1; fi;; esac')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222})
    check_back(machine, person, before, generation)


def test_sshd_that_ends_a_moment_later(machine, person):
    """To have been seen is not enough: it has to be there still."""
    before, generation = files(machine), machine.get('Generation')
    failures.wrap_sshd(machine, f'case "$*" in -D*) if {IF_NEW}; then ('
                       'until ss -Hlnt sport = :2222 | grep -q .; do :; done; sleep 0.02;'
                       ' kill -KILL $$) & fi;; esac')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222})
    check_back(machine, person, before, generation)


def test_reload_that_does_nothing_where_the_port_stays(machine, person):
    """The sockets are the right ones, but those of before."""
    before, generation = files(machine), machine.get('Generation')
    override(machine, 'ExecReload=\nExecReload=/bin/true')
    with raises('ApplyFailed'):
        machine.apply({'Compression': False})
    check_back(machine, person, before, generation)


def test_settings_that_sshd_reads_otherwise_than_checked(machine, person):
    """The check and the files differ, as where somebody writes a file in between."""
    before, generation = files(machine), machine.get('Generation')
    failures.wrap_sshd(machine, f'if [[ $1 = -T && $* != *-f* ]] && {IF_NEW};'
                       ' then set -- -o MaxAuthTries=3 "$@"; fi')
    with raises('ApplyFailed', 'reads something else'):
        machine.apply({'TcpPort': 2222})
    check_back(machine, person, before, generation)


def test_nothing_can_bring_sshd_back(machine, person):
    before, generation = files(machine), machine.get('Generation')
    override(machine, 'ExecReload=\nExecReload=/bin/sh -c "mv /usr/sbin/sshd /usr/sbin/sshd.real;'
             ' kill -HUP $MAINPID"')
    with raises('RollbackFailed', 'the previous settings could not be brought back: '
                '/usr/sbin/sshd: No such file') as error:
        machine.apply({'TcpPort': 2222})
    assert 'are back' not in error.message
    assert files(machine) == before
    last = machine.get('LastChange')
    assert last['outcome'] == 'failed'
    assert last['reason'] == error.message
    assert machine.get('Generation') > generation
    # The service goes on trying, and sshd is back once its binary is there again.
    machine.remove(OVERRIDE)
    machine.run(['systemctl', 'daemon-reload'])
    machine.run(['mv', '/usr/sbin/sshd.real', '/usr/sbin/sshd'])
    wait_for(lambda: ports(machine) == everywhere(22), 60)
    wait_for(lambda: 'rollback-failed' not in machine.warnings(), 60)
    machine.apply({'TcpPort': 2200})
    assert ports(machine) == everywhere(2200)
    assert machine.ssh('person', 'true', key=person, port=2200).returncode == 0


def test_start_that_fails_leaves_it_stopped(machine):
    machine.call('Stop')
    before, generation = files(machine), machine.get('Generation')
    override(machine, f'ExecStartPost=/bin/sh -c "if {IF_NEW}; then sleep 0.1; exit 1; fi"')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222}, start=True)
    assert ports(machine) == set()
    assert files(machine) == before
    assert machine.get('Generation') > generation
    assert machine.get('LastChange')['outcome'] == 'rolled-back'
    assert machine.show('ssh.service', 'ActiveState') in ('inactive', 'failed')
    assert machine.show('ssh.service', 'Job') == ''


def test_start_without_proof_leaves_it_stopped(machine):
    machine.call('Stop')
    before = files(machine)
    failures.wrap_sshd(machine,
                       f'case "$*" in -D*) if {IF_NEW}; then set -- "$@" -p 2223; fi;; esac')
    with raises('ApplyFailed', r'sshd does not listen on \S+ port 2222'):
        machine.apply({'TcpPort': 2222}, start=True)
    assert ports(machine) == set()
    assert files(machine) == before
    assert machine.get('ActiveState') == 'inactive'
