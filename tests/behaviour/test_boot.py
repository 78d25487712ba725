# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether SSH starts at boot: said, done, and seen at the next boot; nothing else changes."""

import pytest
from gi.repository import GLib

from harness.machine import raises, wait_for
from harness.sshd import Session, everywhere, ports, reset, undisturbed


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The key of somebody who can log in."""
    machine.user_add('person')
    return machine.key_add('person')


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd that starts at boot, as the package has it."""
    yield
    machine.run('systemctl stop ssh.service; systemctl --quiet unmask ssh.service;'
                ' systemctl --quiet --runtime disable ssh.service;'
                ' systemctl --quiet enable ssh.service')
    reset(machine)


def set_start_on_boot(machine, wanted):
    """Call it, and see that it was done when it has returned."""
    with machine.signals() as signals:
        machine.call('SetStartOnBoot', GLib.Variant('(b)', (wanted,)))
        changed = signals.changed()
    state = machine.run(['systemctl', 'is-enabled', 'ssh.service'], check=False).stdout.strip()
    assert state == ('enabled' if wanted else 'disabled')
    assert machine.get('StartOnBoot') is wanted
    return changed


def check_healthy(machine):
    """systemd knows the process that serves SSH, and can end it and start another."""
    assert ports(machine) == everywhere(22)
    assert machine.sshd_pid() > 0
    machine.restart_sshd()
    assert ports(machine) == everywhere(22)
    machine.run(['systemctl', 'stop', 'ssh.service'])
    assert ports(machine) == set()
    machine.run(['systemctl', 'start', 'ssh.service'])
    assert ports(machine) == everywhere(22)
    assert machine.show('ssh.service', 'ActiveState') == 'active'
    assert machine.run(['systemctl', 'is-system-running']).stdout == 'running\n'


def test_off_and_on_again_over_boots(machine, key):
    with undisturbed(machine):
        assert set_start_on_boot(machine, False)['StartOnBoot'] is False
    machine.reboot()
    assert ports(machine) == set()
    assert machine.get('ActiveState') == 'inactive'
    assert machine.get('StartOnBoot') is False

    set_start_on_boot(machine, True)
    assert ports(machine) == set()  # it says nothing about now
    machine.reboot()
    assert ports(machine) == everywhere(22)
    assert machine.get('ActiveState') == 'active'
    assert machine.get('StartOnBoot') is True
    assert machine.ssh('person', 'true', key=key).returncode == 0


def test_on_while_it_runs(machine, key):
    """What Debian 13's systemd would lose track of sshd by, and end itself over later."""
    machine.run('systemctl stop ssh.service; systemctl --quiet disable ssh.service;'
                ' systemctl start ssh.service')
    with Session(machine, 'person', key=key) as session:
        with undisturbed(machine):
            assert set_start_on_boot(machine, True)['StartOnBoot'] is True
        check_healthy(machine)
        machine.call('Restart')
        machine.call('Stop')
        machine.call('Start')
        check_healthy(machine)
        assert session.lives()
    machine.reboot()
    check_healthy(machine)
    assert machine.get('StartOnBoot') is True


def test_off_while_it_runs(machine, key):
    with Session(machine, 'person', key=key) as session:
        with undisturbed(machine):
            set_start_on_boot(machine, False)
            set_start_on_boot(machine, True)
            set_start_on_boot(machine, False)
        check_healthy(machine)
        with undisturbed(machine):
            set_start_on_boot(machine, True)
        check_healthy(machine)
        assert session.lives()


def test_what_is_so_already(machine):
    before = machine.run('ls -lR /etc/systemd/system').stdout
    with undisturbed(machine):
        assert set_start_on_boot(machine, True) == {}
    assert machine.run('ls -lR /etc/systemd/system').stdout == before


def test_enabled_until_the_next_boot_only(machine):
    machine.run('systemctl stop ssh.service; systemctl --quiet disable ssh.service;'
                ' systemctl --quiet --runtime enable ssh.service')
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    assert machine.get('StartOnBoot') is False
    set_start_on_boot(machine, True)
    machine.reboot()
    assert ports(machine) == everywhere(22)


def test_masked(machine):
    machine.run(['systemctl', 'stop', 'ssh.service'])
    machine.run(['systemctl', '--quiet', 'disable', 'ssh.service'])
    machine.run(['systemctl', '--quiet', 'mask', 'ssh.service'])
    wait_for(lambda: machine.get('StartOnBoot') is False)
    with raises('ServiceFailed', 'systemctl unmask ssh.service'):
        machine.call('SetStartOnBoot', GLib.Variant('(b)', (True,)))
    assert machine.get('StartOnBoot') is False
