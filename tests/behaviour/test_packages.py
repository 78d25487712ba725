# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian packages come, are upgraded and go; sshd serves all the while and gets its files back."""

import pytest

from harness import activation, outside
from harness.client import Client
from harness.ctl import ctl
from harness.machine import wait_for
from harness.packages import FIRST, NEXT, PACKAGES
from harness.sshd import everywhere, files, ports, sockets

NAMES = ('truenas-ssh', 'libtruenas-ssh1', 'gir1.2-truenasssh-1', 'cockpit-truenas-ssh')
OWN = 'truenas-ssh.service'
JOURNAL = '/var/lib/truenas-ssh/journal'
COCKPIT = 9090  # the port of its socket
# Between two answers, where sshd reads its files again, on a machine with much else to do.
SOON = 2

# Lines that stand against a setting, the last of them without an end.
SITE = 'AllowTcpForwarding local\n#\n\n  AllowTcpForwarding remote'
CHANGE = {'Compression': False, 'SftpLogLevel': 'VERBOSE', 'TcpForwarding': True}


def install(machine, version=FIRST):
    """Install the packages, or upgrade to them."""
    paths = ' '.join(f'{PACKAGES}/{version}/{name}_*.deb' for name in NAMES)
    machine.run(f'DEBIAN_FRONTEND=noninteractive dpkg --install {paths}', timeout=240)


def dpkg(machine, *args, **how):
    """Run dpkg."""
    return machine.run(['dpkg', *args], timeout=120, **how)


def version(machine):
    """Which version of the service is installed, and whether it is whole."""
    return machine.run(['dpkg-query', '-W', '-f', '${Version} ${Status}', NAMES[0]]).stdout


def everything(machine):
    """What is in /etc: path → (mode, owner, group, content)."""
    found = {}
    top = machine.path('/etc')
    for path in top.rglob('*'):
        info = path.lstat()
        content = path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
        found[f'/etc/{path.relative_to(top)}'] = info.st_mode, info.st_uid, info.st_gid, content
    del found['/etc/ld.so.cache']
    return found


def changed(machine, before):
    """What is not as BEFORE in /etc."""
    now = everything(machine)
    return {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}


def running(machine):
    """The sshd that runs: its process, its sockets."""
    return machine.sshd_pid(), sockets(machine)


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """Somebody who can log in by a key; an sshd that minds no number of connections; a cable."""
    if machine.release != 'bookworm':
        outside.write(machine, outside.PATIENT, 'PerSourcePenalties no\n')
    outside.write(machine, outside.FOREIGN, SITE)
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    return machine.key_add('root')


@pytest.fixture(autouse=True)
def before(machine):
    """The machine before the test; it has nothing of ours, and is the same behind the test."""
    state = everything(machine)
    yield state
    dpkg(machine, '--purge', *reversed(NAMES))
    assert not changed(machine, state)
    assert not machine.exists('/var/lib/truenas-ssh')
    assert not machine.exists('/run/truenas-ssh')
    assert not [path for folder in ('/run', '/usr/lib/systemd/system', '/usr/libexec')
                for path in machine.path(folder).glob('*truenas*')]
    wait_for(lambda: ports(machine) == everywhere(22))
    assert machine.run(['systemctl', '--failed', '--no-legend', '--plain']).stdout == ''


def test_install(machine):
    sshd = running(machine)
    with Client(machine) as client:
        install(machine)
        assert running(machine) == sshd
        assert machine.get('TcpPort') == 22
        assert 'TcpPort' in ctl(machine, 'status')
        machine.python('import gi; gi.require_version ("TruenasSsh", "1")\n'
                       'from gi.repository import TruenasSsh\nassert TruenasSsh.Client.new ()')
    assert client.refused == 0
    assert machine.exists('/usr/share/cockpit/truenas-ssh/manifest.json')
    # Nothing is enabled; what starts it at boot is what runs before sshd.
    assert machine.run(['systemctl', 'is-enabled', OWN]).stdout == 'static\n'
    machine.restart_sshd()
    assert machine.show('truenas-ssh-prepare.service', 'ExecMainExitTimestampMonotonic') != '0'
    assert machine.show('truenas-ssh-prepare.service', 'Result') == 'success'


def test_purge_gives_back_all_files(machine, before):
    install(machine)
    sshd_T = machine.sshd_T()
    machine.apply(CHANGE, replace_foreign=True)
    assert outside.FOREIGN in changed(machine, before)
    assert (outside.MAIN in changed(machine, before)) == (machine.release == 'bookworm')
    assert machine.sshd_T() != sshd_T
    pid = machine.sshd_pid()
    with Client(machine) as client:
        dpkg(machine, '--purge', *reversed(NAMES))
        assert not changed(machine, before)
        wait_for(lambda: machine.sshd_T() == sshd_T)
    assert client.gap < SOON
    assert machine.sshd_pid() == pid  # it has read its files again, in the same process


def test_removal_keeps_settings(machine, before):
    install(machine)
    machine.apply(CHANGE, replace_foreign=True)
    kept, sshd = files(machine), running(machine)
    with Client(machine) as client:
        dpkg(machine, '--remove', *reversed(NAMES))
        assert (files(machine), running(machine)) == (kept, sshd)
    assert client.refused == 0
    machine.restart_sshd()
    assert outside.effective(machine, 'compression') == 'no'
    install(machine)
    assert sorted(machine.get('ManagedSettings')) == sorted(CHANGE)
    assert machine.call('ListHistory')
    dpkg(machine, '--remove', *reversed(NAMES))
    # Long after, with nothing of ours there but the script.
    with Client(machine) as client:
        dpkg(machine, '--purge', *reversed(NAMES))
    assert client.gap < SOON
    assert not changed(machine, before)


def test_upgrade_with_pending_change(machine):
    install(machine)
    machine.apply({'Compression': False}, confirm_timeout=600)
    deadline, pid = machine.get('PendingDeadline'), machine.daemon_pid()
    kept, sshd = files(machine), running(machine)
    with Client(machine) as client:
        install(machine, NEXT)
        assert (files(machine), running(machine)) == (kept, sshd)
    assert client.refused == 0
    assert version(machine) == '0.1.0.1 install ok installed'
    assert machine.daemon_pid() not in (0, pid)
    assert abs(machine.get('PendingDeadline') - deadline) < 1e6
    ctl(machine, 'confirm')
    assert machine.get('LastChange')['outcome'] == 'confirmed'
    assert files(machine) == kept


@pytest.mark.parametrize('stopped', [False, True])
@pytest.mark.parametrize('late', [False, True])
def test_time_is_up_around_an_upgrade(machine, stopped, late):
    """After it, or in the middle: the new files are there, and nobody has configured them yet."""
    install(machine)
    machine.apply({'SftpLogLevel': 'ERROR'})
    old = files(machine)
    machine.apply(CHANGE, replace_foreign=True, confirm_timeout=15)
    assert files(machine) != old
    with Client(machine) as client:
        if stopped:
            machine.run(['systemctl', 'stop', OWN])
        machine.run(f'dpkg --unpack {PACKAGES}/{NEXT}/truenas-ssh_*.deb', timeout=120)
        if late:
            wait_for(lambda: not machine.exists(JOURNAL), 30)
            assert version(machine) == '0.1.0.1 install ok unpacked'
        assert machine.exists(JOURNAL) != late
        dpkg(machine, '--configure', NAMES[0])
        wait_for(lambda: not machine.exists(JOURNAL), 30)
        assert machine.call('ListHistory')[0]['outcome'] == 'rolled-back'
        assert files(machine) == old
    assert client.gap < SOON
    wait_for(lambda: machine.get('ManagedSettings') == ['SftpLogLevel'])


def test_removal_undoes_pending_change(machine):
    install(machine)
    machine.apply({'SftpLogLevel': 'ERROR'})
    old = files(machine)
    machine.apply(CHANGE, replace_foreign=True, confirm_timeout=600)
    with Client(machine) as client:
        dpkg(machine, '--remove', *reversed(NAMES))
    assert client.gap < SOON
    assert files(machine) == old
    assert machine.run('systemctl list-units --all --plain --no-legend "truenas-ssh*"').stdout == ''


def test_removal_is_refused(machine):
    """Where a pending change cannot be undone, the program that could later stays."""
    install(machine)
    old = files(machine)
    machine.apply({'Compression': False}, confirm_timeout=600)
    machine.run(f'systemctl stop {OWN}; systemctl mask --runtime {OWN}')
    sshd = running(machine)
    done = dpkg(machine, '--remove', *reversed(NAMES[:1] + NAMES[3:]), check=False)
    assert done.returncode != 0
    assert 'cannot be undone' in done.stderr
    assert version(machine).endswith(' ok installed')
    assert running(machine) == sshd
    machine.run(['systemctl', 'unmask', '--runtime', OWN])
    assert machine.get('PendingDeadline')
    install(machine)
    dpkg(machine, '--remove', *reversed(NAMES))
    assert files(machine) == old


def test_bound_interfaces_are_followed_again(machine):
    install(machine)
    machine.apply({'BindInterfaces': ['lan0']})
    done = dpkg(machine, '--remove', *reversed(NAMES))
    assert 'stays bound' in done.stderr
    assert ('0.0.0.0%lan0', 22) in ports(machine)
    install(machine)
    assert machine.show(OWN, 'ActiveState') == 'active'
    assert 'interface-missing' not in machine.warnings()
    machine.remove_interface('lan0')
    wait_for(lambda: ('0.0.0.0%lan0', 22) not in ports(machine))


def test_purge_where_a_socket_listens(machine, before):
    install(machine)
    activation.to_socket(machine)
    to_socket = everything(machine)
    machine.apply({'TcpPort': 2222, 'Compression': False})
    assert machine.ssh('root', 'true', key='/root/key-root', port=2222).returncode == 0
    dpkg(machine, '--purge', *reversed(NAMES))
    assert not changed(machine, to_socket)
    machine.run(['systemctl', 'daemon-reload'])  # which closes the socket where it is not as it reads
    assert {each for each in activation.open_ports(machine) if each[1] != COCKPIT} \
        == activation.everywhere(22)
    assert machine.ssh('root', 'true', key='/root/key-root').returncode == 0
    assert machine.show('ssh.service', 'ActiveState') == 'active'
    machine.run('systemctl disable --quiet --now ssh.socket; systemctl stop ssh.service;'
                ' systemctl enable --quiet --now ssh.service')
    assert not changed(machine, before)
