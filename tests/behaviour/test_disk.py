# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No space and no right to write: a clear error, and nothing has changed."""

import pytest
from gi.repository import GLib

from harness.machine import raises
from harness.sshd import DROP_IN, Session, everywhere, files, ports, undisturbed

ETC = '/etc/ssh'
STATE = '/var/lib/truenas-ssh'
FOREIGN = '/etc/ssh/sshd_config.d/50-foreign.conf'
PAGE = 4096


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """Both folders on small disks of their own, and somebody who stays logged in."""
    machine.user_add('person')
    key = machine.key_add('person')
    machine.get('Version')
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    for folder in (ETC, STATE):
        machine.run(f'rm -f {folder}/moduli; cp -a {folder} /root/copy;'
                    f' mount -t tmpfs -o size=256k,mode=0755 small {folder};'
                    f' cp -a /root/copy/. {folder}/; rm -r /root/copy')
    with Session(machine, 'person', key=key) as session:
        yield key
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with room to write, and with nothing set."""
    yield
    for folder in (ETC, STATE):
        machine.run(['mount', '-o', 'remount,rw', folder])
        machine.remove(f'{folder}/filler')
    machine.remove(FOREIGN)
    machine.apply(reset=machine.get('ManagedSettings'), replace_foreign=True)
    assert ports(machine) == everywhere(22)
    assert not machine.exists(DROP_IN)


def fill(machine, folder, pages=0):
    """Leave room for so many PAGES on the folder's disk."""
    free = int(machine.run(['stat', '-f', '-c', '%f', folder]).stdout)
    machine.run(['dd', 'if=/dev/zero', f'of={folder}/filler', f'bs={PAGE}',
                 f'count={free - pages}'])
    assert int(machine.run(['stat', '-f', '-c', '%f', folder]).stdout) == pages


def check_refused(machine, match, change, **given):
    """The change fails with this message and leaves sshd, files and properties alone."""
    before = machine.properties()
    with undisturbed(machine, before['TcpPort']), raises('Failed', match):
        machine.apply(change, **given)
    after = machine.properties()
    for name in before.keys() - {'Generation'}:
        assert after[name] == before[name], name
    assert machine.ssh('person', 'true', port=before['TcpPort'],
                       key='/root/key-person').returncode == 0


def test_no_space_for_the_first_change(machine):
    fill(machine, ETC)
    check_refused(machine, r'^/etc/ssh/sshd_config\.d.*: No space left on device$',
                  {'TcpPort': 2200})
    machine.remove(f'{ETC}/filler')
    machine.apply({'TcpPort': 2200})
    assert ports(machine) == everywhere(2200)


def test_no_space_for_another_change(machine):
    machine.apply({'TcpPort': 2200})
    fill(machine, ETC)
    check_refused(machine, 'No space left on device$', {'TcpPort': 2201})


def test_reset_needs_no_space(machine):
    machine.apply({'TcpPort': 2200})
    fill(machine, ETC)
    machine.apply(reset=['TcpPort'])
    assert ports(machine) == everywhere(22)
    assert not machine.exists(DROP_IN)


def test_no_space_for_the_second_of_two_files(machine):
    """The first one is back, with the little space that there is."""
    lines = '#' * 79 + '\n'
    machine.write(FOREIGN, (lines * 60)[:PAGE - 8] + '\nPort 22')
    assert len(machine.read(FOREIGN)) == PAGE
    fill(machine, ETC, pages=2)
    check_refused(machine, 'No space left on device$',
                  {'TcpPort': 2200, 'AuxiliaryParameters': lines * 80}, replace_foreign=True)
    assert machine.read(FOREIGN).endswith('#\nPort 22')


def test_no_space_for_the_state(machine):
    machine.apply({'TcpPort': 2200})
    fill(machine, STATE)
    check_refused(machine, f'^{STATE}.*: No space left on device$', {'TcpPort': 2201})
    machine.remove(f'{STATE}/filler')
    machine.apply({'TcpPort': 2201})
    assert ports(machine) == everywhere(2201)


def test_no_space_for_the_journal(machine):
    """Without it nothing is replaced, however little it lacks."""
    machine.apply({'TcpPort': 2200})
    fill(machine, STATE, pages=1)
    check_refused(machine, f'^{STATE}.*: No space left on device$',
                  {'TcpPort': 2201, 'AuxiliaryParameters': ('#' * 79 + '\n') * 80})


@pytest.mark.parametrize('folder', [ETC, STATE])
def test_read_only(machine, folder):
    machine.apply({'TcpPort': 2200})
    machine.run(['mount', '-o', 'remount,ro', folder])
    check_refused(machine, f'^{folder}.*: Read-only file system$', {'TcpPort': 2201})
    check_refused(machine, f'^{folder}.*: Read-only file system$', {}, reset=['TcpPort'])
    machine.run(['mount', '-o', 'remount,rw', folder])
    machine.apply({'TcpPort': 2201})
    assert ports(machine) == everywhere(2201)


def test_confirmed_while_it_cannot_be_written_down(machine):
    """Not confirmed, and told so: its time goes on, and it can be said once more."""
    token = machine.apply({'TcpPort': 2201}, confirm_timeout=600)['token']
    machine.run(['mount', '-o', 'remount,ro', STATE])
    with raises('Failed', f'^{STATE}/.*: Read-only file system$'):
        machine.call('Confirm', GLib.Variant('(s)', (token,)))
    assert machine.get('PendingDeadline') and machine.exists(f'{STATE}/journal')
    machine.run(['mount', '-o', 'remount,rw', STATE])
    machine.call('Confirm', GLib.Variant('(s)', (token,)))
    assert machine.get('PendingDeadline') == 0 and not machine.exists(f'{STATE}/journal')
    assert ports(machine) == everywhere(2201)


def test_service_starts_from_read_only_disks(machine):
    machine.apply({'TcpPort': 2200})
    for folder in (ETC, STATE):
        machine.run(['mount', '-o', 'remount,ro', folder])
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    assert machine.get('TcpPort') == 2200
    assert machine.get('ManagedSettings') == ['TcpPort']
    check_refused(machine, 'Read-only file system$', {'TcpPort': 2201}, dry_run=True)
    machine.call('Restart')
    assert ports(machine) == everywhere(2200)
    for folder in (ETC, STATE):
        machine.run(['mount', '-o', 'remount,rw', folder])
    # It was started with the mounts as they were.
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])


def test_file_of_somebody_else_stays_theirs(machine):
    """The service has no right to give files away, so it does not take them."""
    machine.write(FOREIGN, 'Port 22\n')
    machine.run(['chown', 'person', FOREIGN])
    before = files(machine)
    check_refused(machine, f'^{FOREIGN}: its owner or group is another one than root',
                  {'TcpPort': 2200}, replace_foreign=True)
    assert files(machine) == before
