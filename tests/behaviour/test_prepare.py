# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Before sshd starts, its settings are made ready: for the interfaces that exist, and without half a change."""

from harness.machine import wait_for
from harness.operations import make_due

DROP_IN = '/etc/ssh/sshd_config.d/00-truenas.conf'
PREPARE = 'truenas-ssh-prepare.service'
OVERRIDE = f'/etc/systemd/system/{PREPARE}.d/override.conf'


def ports(machine):
    """Where sshd listens."""
    return {port for _address, port, process in machine.listening() if process == 'sshd'}


def bound(machine):
    """The devices to which sshd is bound."""
    return {address.partition('%')[2] for address, _port, process in machine.listening()
            if process == 'sshd'}


def runs(machine):
    """How often it has run since the boot."""
    machine.run(['journalctl', '--sync'])
    return machine.journal(PREPARE, None, '-b').count('Finished')


def missing(machine):
    """The interfaces that the warnings call missing."""
    return sorted(each['interface'] for each in machine.warnings().get('interface-missing', []))


def test_runs_before_every_start(machine):
    before = runs(machine)
    machine.restart_sshd()
    assert runs(machine) == before + 1
    machine.run(['systemctl', 'stop', 'ssh'])
    machine.run(['systemctl', 'start', 'ssh'])
    assert runs(machine) == before + 2


def test_runs_when_sshd_is_started_again_by_itself(machine):
    before, pid = runs(machine), machine.sshd_pid()
    machine.run(['kill', '-KILL', str(pid)])
    wait_for(lambda: machine.sshd_pid() not in (0, pid), 10)
    wait_for(lambda: runs(machine) == before + 1, 5)


def test_reload_does_not_need_it(machine):
    before = runs(machine)
    machine.run(['systemctl', 'reload', 'ssh'])
    assert runs(machine) == before


def test_no_ordering_cycle(machine):
    machine.run(['systemctl', 'enable', 'ssh.socket'])
    machine.reboot()
    assert 'ordering cycle' not in machine.journal(None, None, '-b')
    assert machine.run(['systemctl', 'is-active', 'ssh.socket']).stdout == 'active\n'
    machine.run(['systemctl', 'disable', '--now', 'ssh.socket'])
    machine.reboot()
    assert 'ordering cycle' not in machine.journal(None, None, '-b')
    assert ports(machine) == {22}


def test_pending_change_is_rolled_back_by_a_reboot(machine):
    machine.apply({'TcpPort': 2200})
    text = machine.read(DROP_IN)
    machine.apply({'TcpPort': 2201}, confirm_timeout=3600)
    machine.reboot()
    assert ports(machine) == {2200}
    assert machine.read(DROP_IN) == text
    assert machine.get('PendingDeadline') == 0
    assert machine.get('TcpPort') == 2200


def test_what_cannot_be_undone_at_boot_is_undone_later(machine):
    """A disk that is read-only so early, for one; nobody calls the service."""
    machine.apply({'TcpPort': 2200})
    machine.apply({'TcpPort': 2201}, confirm_timeout=3600)
    machine.write(OVERRIDE, '[Service]\nReadOnlyPaths=/etc/ssh\n')
    machine.reboot()
    wait_for(lambda: ports(machine) == {2200}, 10)
    wait_for(lambda: machine.get('LastChange')['outcome'] == 'rolled-back')
    machine.run(['journalctl', '--sync'])
    assert 'Read-only file system' in machine.journal(PREPARE, None, '-b')
    machine.remove(OVERRIDE)
    machine.run(f'systemctl daemon-reload; systemctl reset-failed {PREPARE}')


def test_is_never_done_at_boot(machine):
    """It is cut off; the service has what is bound to an interface that is late start all the same."""
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    machine.apply({'BindInterfaces': ['lan0']})
    machine.write(OVERRIDE, '[Service]\nTimeoutStartSec=2\nExecStartPre=/bin/sleep 60\n')
    machine.reboot()
    wait_for(lambda: bound(machine) == {'lo'}, 15)
    machine.remove(OVERRIDE)
    machine.run(f'systemctl daemon-reload; systemctl reset-failed {PREPARE}')
    machine.apply(reset=['BindInterfaces'])


def test_sshd_that_runs_is_told(machine):
    """A start of what runs starts this as well; the change is not in the port, but in who gets in."""
    machine.apply(reset=['TcpPort'])
    machine.run('systemctl stop ssh; systemctl start ssh.socket ssh.service')
    machine.user_add('someone', 'a password')
    machine.apply({'PasswordAuthentication': False}, confirm_timeout=3600)
    machine.run("systemctl stop 'truenas-ssh-deadline-*.timer' truenas-ssh.service")
    make_due(machine)
    machine.run(['systemctl', 'start', 'ssh'])
    wait_for(lambda: not machine.exists('/var/lib/truenas-ssh/journal'))
    assert machine.ssh('someone', 'true', password='a password').returncode == 0
    machine.run('systemctl stop ssh.socket ssh.service; systemctl start ssh')


def test_sshd_does_not_start_with_what_is_undone(machine):
    """Not at once, and not until systemd has given up; nobody calls the service."""
    machine.apply({'TcpPort': 2200})
    machine.apply({'TcpPort': 2201}, confirm_timeout=3600)
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    make_due(machine)
    machine.run('mv /usr/sbin/sshd /usr/sbin/sshd.real; printf "#!/bin/sh\nexit 1\n" >/usr/sbin/sshd;'
                ' chmod 755 /usr/sbin/sshd; systemctl kill --kill-who=main -s KILL ssh')
    wait_for(lambda: machine.show('ssh.service', 'ActiveState') == 'failed')
    assert machine.read(DROP_IN).endswith('Port 2200\n')
    machine.run(['mv', '/usr/sbin/sshd.real', '/usr/sbin/sshd'])
    wait_for(lambda: ports(machine) == {2200}, 5)
    wait_for(lambda: machine.get('LastChange')['outcome'] == 'rolled-back')


def test_pending_change_outlives_a_restart_of_sshd(machine):
    machine.apply({'TcpPort': 2202}, confirm_timeout=3600)
    machine.restart_sshd()
    assert ports(machine) == {2202}
    assert machine.get('PendingDeadline')
    machine.reboot()
    assert ports(machine) == {2200}


def test_vanished_interfaces_do_not_keep_sshd_from_starting(machine):
    for name, net in (('lan0', 20), ('lan1', 21)):
        machine.add_interface(name, f'10.{net}.0.1/24', f'10.{net}.0.2/24')
    machine.apply({'BindInterfaces': ['lan0', 'lan1']})
    assert bound(machine) == {'lo', 'lan0', 'lan1'}
    machine.remove_interface('lan0')
    machine.restart_sshd()
    assert bound(machine) == {'lo', 'lan1'}
    machine.remove_interface('lan1')
    machine.restart_sshd()
    assert bound(machine) == {'lo'}
    assert machine.get('BindInterfaces') == ['lan0', 'lan1']
    wait_for(lambda: missing(machine) == ['lan0', 'lan1'])
    assert 'edited-by-hand' not in machine.warnings()


def test_all_of_them_are_missing_at_boot(machine):
    machine.reboot()
    assert bound(machine) == {'lo'}
    assert machine.run(['systemctl', 'is-active', 'ssh']).stdout == 'active\n'
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24', netns='again')
    machine.restart_sshd()
    assert bound(machine) == {'lo', 'lan0'}
    machine.apply(reset=['BindInterfaces'])


def test_its_failure_does_not_stop_sshd(machine):
    """What cannot be understood is kept, and a warning says so until somebody has taken it away."""
    broken = '/var/lib/truenas-ssh/journal.broken'
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    machine.write('/var/lib/truenas-ssh/journal', 'rubbish\n')
    machine.restart_sshd()
    assert ports(machine) == {2200}
    assert machine.read(broken) == 'rubbish\n'
    wait_for(lambda: 'journal-broken' in machine.warnings())
    [details] = [found for code, found in machine.get('Warnings') if code == 'journal-broken']
    assert details['file'] == broken and details['message'].startswith(f'{broken}: ')
    machine.apply({'TcpPort': 2204})
    assert 'journal-broken' in machine.warnings()
    machine.remove(broken)
    wait_for(lambda: 'journal-broken' not in machine.warnings())
    machine.run(['systemctl', 'reset-failed', PREPARE], check=False)


def test_it_breaks_under_a_living_service(machine):
    broken = '/var/lib/truenas-ssh/journal.broken'
    assert 'journal-broken' not in machine.warnings()
    daemon = machine.daemon_pid()
    machine.write('/var/lib/truenas-ssh/journal', 'rubbish\n')
    machine.restart_sshd()
    wait_for(lambda: 'journal-broken' in machine.warnings())
    assert machine.daemon_pid() == daemon
    machine.remove(broken)
    wait_for(lambda: 'journal-broken' not in machine.warnings())
    machine.run(['systemctl', 'reset-failed', PREPARE], check=False)


def test_edited_file_is_not_touched(machine):
    machine.apply({'TcpPort': 2203})
    text = machine.read(DROP_IN) + 'ListenAddress 127.0.0.1:2203\n'
    machine.write(DROP_IN, text)
    machine.restart_sshd()
    assert machine.read(DROP_IN) == text
    machine.apply(reset=['TcpPort'], overwrite_edits=True)


def test_needs_neither_bus_nor_name_service(machine):
    done = machine.run('systemctl stop truenas-ssh.service;'
                       ' ASAN_OPTIONS=detect_leaks=0'
                       ' STATE_DIRECTORY=/var/lib/truenas-ssh strace -f -e trace=connect,openat'
                       ' /usr/libexec/truenas-ssh-prepare 2>&1')
    assert 'connect(' not in done.stdout
    assert 'nsswitch' not in done.stdout and '/etc/passwd' not in done.stdout
