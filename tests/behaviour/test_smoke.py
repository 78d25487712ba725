# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine is real and whole, and the daemon answers on it."""

from harness.bus import NAME


def test_every_unit_started(machine):
    assert machine.run(['systemctl', '--failed', '--no-legend', '--plain']).stdout == ''


def test_release_is_the_one_asked_for(machine):
    assert f'VERSION_CODENAME={machine.release}' in machine.read('/etc/os-release').splitlines()


def test_sshd_runs_and_lets_a_user_in(machine):
    machine.user_add('newcomer', 'a password')
    assert machine.sshd_pid() > 0
    assert machine.ssh('newcomer', 'id', '-un', password='a password').stdout == 'newcomer\n'


def test_wrong_password_is_refused(machine):
    assert machine.ssh('newcomer', 'true', password='wrong').returncode != 0


def test_second_host_reaches_sshd(machine):
    far = machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    done = machine.ssh('newcomer', 'echo $SSH_CONNECTION', password='a password',
                       host='10.20.0.1', netns=far)
    assert done.stdout.startswith('10.20.0.2 '), done


def test_daemon_starts_when_it_is_asked(machine):
    assert machine.get('TcpPort') == 22
    assert machine.daemon_pid() > 0


def test_warnings_of_the_daemon_are_fatal(machine):
    assert 'G_DEBUG=fatal-warnings' in machine.show('truenas-ssh.service', 'Environment')


def test_anybody_may_read(machine):
    assert machine.properties(user='newcomer') == machine.properties()


def test_daemon_ends_in_good_order(machine):
    machine.get('Version')
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    assert machine.show('truenas-ssh.service', 'Result') == 'success'
    assert not machine.reports()


def test_daemon_comes_back(machine):
    assert machine.get('Version')
    owner = machine.run(['busctl', 'status', NAME]).stdout
    assert 'truenas-ssh-daemon' in owner


def test_everything_stays_over_a_reboot(machine):
    machine.write('/etc/mark', 'here\n')
    machine.reboot()
    assert machine.read('/etc/mark') == 'here\n'
    assert machine.ssh('newcomer', 'true', password='a password').returncode == 0
    assert machine.get('TcpPort') == 22
