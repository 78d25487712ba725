# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starting and stopping SSH: done when the call returns, or refused with what to do."""

import pytest
from gi.repository import GLib

from harness.machine import raises, wait_for
from harness.sshd import Session, everywhere, override, ports, reset, sockets, undisturbed

FOREIGN = '/etc/ssh/sshd_config.d/50-foreign.conf'
MASK = '/etc/systemd/system/ssh.service'


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """Somebody who is logged in from the first test to the last."""
    machine.user_add('person')
    key = machine.key_add('person')
    with Session(machine, 'person', key=key) as session:
        yield session
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it."""
    yield
    machine.remove(MASK)
    machine.remove('/etc/ssh/sshd_not_to_be_run')
    reset(machine)


def is_active(machine):
    """The state in systemd's words, which has to be that of the property."""
    state = machine.run(['systemctl', 'is-active', 'ssh.service'], check=False).stdout.strip()
    assert machine.get('ActiveState') == state
    return state


def login(machine):
    """Whether somebody can log in."""
    return machine.ssh('person', 'true', key='/root/key-person').returncode == 0


def test_stop(machine, person):
    with machine.signals() as signals:
        machine.call('Stop')
        assert ports(machine) == set()
        assert is_active(machine) == 'inactive'
        changed = signals.changed()
    assert changed['ActiveState'] == 'inactive'
    assert changed['ListenAddresses'] == machine.get('ListenAddresses') == []
    assert not login(machine)
    assert person.lives()
    with raises('org.freedesktop.DBus.Error.UnknownMethod'):
        machine.call('Nothing')
    machine.call('Stop')  # what is done already is no error
    assert is_active(machine) == 'inactive'


def test_start(machine, person):
    machine.call('Stop')
    with machine.signals() as signals:
        machine.call('Start')
        assert ports(machine) == everywhere(22)
        assert is_active(machine) == 'active'
        changed = signals.changed()
    assert changed['ActiveState'] == 'active'
    assert len(changed['ListenAddresses']) == 2
    assert login(machine)


def test_start_does_nothing_where_it_runs(machine):
    with undisturbed(machine):
        machine.call('Start')
    # Not even where the files say something else than what it runs with.
    machine.write(FOREIGN, 'Port 2022\n')
    with undisturbed(machine):
        machine.call('Start')
    machine.write(FOREIGN, 'Nonsense\n')
    with undisturbed(machine):
        machine.call('Start')


def test_restart(machine, person):
    pid, before = machine.sshd_pid(), sockets(machine)
    machine.call('Restart')
    assert ports(machine) == everywhere(22)
    assert is_active(machine) == 'active'
    assert machine.sshd_pid() not in (0, pid)
    assert not sockets(machine) & before
    assert login(machine)
    assert person.lives()


def test_restart_reads_the_files(machine):
    machine.write(FOREIGN, 'Port 2022\n')
    machine.call('Restart')
    assert ports(machine) == everywhere(2022)


def test_restart_starts_what_is_stopped(machine):
    machine.call('Stop')
    machine.call('Restart')
    assert ports(machine) == everywhere(22)


def test_restarting_often_is_no_failure(machine):
    """systemd's limit of starts is for what fails by itself."""
    for _ in range(7):
        machine.call('Restart')
    assert ports(machine) == everywhere(22)


def test_broken_configuration(machine, person):
    machine.write(FOREIGN, '\nPort 22\nNonsense yes\n')
    with undisturbed(machine), raises('ConfigRejected', f'^{FOREIGN}:3: '):
        machine.call('Restart')
    assert login(machine)
    machine.call('Stop')
    with raises('ConfigRejected', f'^{FOREIGN}:3: ') as error:
        machine.call('Start')
    assert is_active(machine) == 'inactive'
    with raises('ConfigRejected', f'^{FOREIGN}:3: '):
        machine.apply(start=True)
    assert 'Nonsense' not in error.message  # a file that the caller did not send
    machine.remove(FOREIGN)
    machine.call('Start')
    assert ports(machine) == everywhere(22)


def test_masked_unit(machine):
    machine.call('Stop')
    machine.path(MASK).symlink_to('/dev/null')
    machine.run(['systemctl', 'daemon-reload'])
    for method, args in (('Start', None), ('Restart', None),
                         ('SetStartOnBoot', GLib.Variant('(b)', (True,)))):
        with raises('ServiceFailed', r'^ssh\.service: .*masked.*`systemctl unmask ssh\.service`'):
            machine.call(method, args)
    assert ports(machine) == set()
    assert machine.get('Unit') == 'ssh.service'
    machine.remove(MASK)
    machine.run(['systemctl', 'daemon-reload'])
    machine.call('Start')
    assert ports(machine) == everywhere(22)


def test_masked_unit_that_runs(machine):
    machine.path(MASK).symlink_to('/dev/null')
    machine.run(['systemctl', 'daemon-reload'])
    with undisturbed(machine):
        machine.call('Start')
        with raises('ServiceFailed', 'masked'):
            machine.call('Restart')
    machine.call('Stop')
    assert ports(machine) == set()


def test_failed_unit_is_revived(machine):
    machine.write(FOREIGN, 'ListenAddress 192.0.2.99\n')
    machine.run(['systemctl', 'restart', 'ssh.service'], check=False)
    wait_for(lambda: machine.show('ssh.service', 'ActiveState') == 'failed')
    with raises('ServiceFailed', 'ssh.service'):
        machine.call('Start')
    machine.remove(FOREIGN)
    machine.call('Start')
    assert ports(machine) == everywhere(22)
    assert is_active(machine) == 'active'


def test_unit_whose_start_limit_is_reached(machine):
    override(machine, 'ExecStartPost=/usr/bin/test -e /run/start\nRestart=no')
    for _ in range(8):
        machine.run(['systemctl', 'restart', 'ssh.service'], check=False)
    machine.write('/run/start', '')
    refused = machine.run(['systemctl', 'start', 'ssh.service'], check=False)
    assert 'repeated too quickly' in refused.stderr + machine.journal('ssh.service')
    assert refused.returncode
    machine.call('Start')
    machine.remove('/run/start')
    assert ports(machine) == everywhere(22)


def test_start_that_cannot_listen(machine):
    """systemd calls it started, and it is not."""
    machine.call('Stop')
    machine.run(['systemd-run', '--quiet', '--unit=thief', 'socat',
                 'TCP4-LISTEN:22,bind=127.0.0.1,reuseaddr', 'STDOUT'])
    wait_for(lambda: machine.listening(22))
    with raises('ServiceFailed', r'sshd does not listen on 0\.0\.0\.0 port 22$'):
        machine.call('Start')
    machine.run(['systemctl', 'stop', 'thief.service'])
    machine.call('Restart')
    assert ports(machine) == everywhere(22)


def test_start_that_comes_to_nothing(machine):
    """A condition of the unit is not met, which systemd calls done."""
    machine.call('Stop')
    machine.write('/etc/ssh/sshd_not_to_be_run', '')
    with raises('ServiceFailed', r'^ssh\.service: '):
        machine.call('Start')
    assert ports(machine) == set()


def test_outside_changes_are_seen(machine):
    with machine.signals() as signals:
        machine.run(['systemctl', 'stop', 'ssh.service'])
        signals.wait(lambda _member, given: given[1].get('ActiveState') == 'inactive')
        assert machine.get('ListenAddresses') == []
        machine.run(['systemctl', 'start', 'ssh.service'])
        signals.wait(lambda _member, given: given[1].get('ActiveState') == 'active')
        wait_for(lambda: len(machine.get('ListenAddresses')) == 2)
    machine.write(FOREIGN, 'Port 2022\n')
    machine.run(['systemctl', 'reload', 'ssh.service'])
    wait_for(lambda: {each['port'] for each in machine.get('ListenAddresses')} == {2022})
    assert machine.get('TcpPort') == 2022
