# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whose last way in is guarded: administrators, their accounts, and the files of their keys."""

import concurrent.futures

import pytest

from harness import lockout
from harness.lockout import KEYS, NO_PASSWORDS, refused
from harness.machine import wait_for
from harness.outside import FOREIGN, may, write
from harness.sshd import DROP_IN

KEYS_SOCKET = 'truenas-ssh-keys.socket'
KEYS_UNIT = '/run/systemd/system/truenas-ssh-keys@.service.d/90-test.conf'


@pytest.fixture(scope='module', autouse=True)
def main(machine):
    """The people; gives the text of sshd's main file."""
    return lockout.prepare(machine)


@pytest.fixture(autouse=True)
def clean(machine, main):
    """Each test begins with administrators who have a password and no key."""
    lockout.clean(machine, main)


def test_passwords_off_without_a_key(machine):
    assert may(machine, 'boss', password='secret')
    message = refused(machine, NO_PASSWORDS)
    off = 'no password login (PasswordAuthentication off), no authorized key in'
    assert message.startswith('PasswordAuthentication: nobody who administers this machine could ')
    assert f'root: {off} /root/.ssh/authorized_keys; boss: {off} {KEYS})' in message
    assert 'confirm-timeout' in message and 'allow-lockout' in message
    assert 'guest' not in message
    assert not machine.exists(DROP_IN)


# Keys

@pytest.mark.parametrize('user', ['root', 'boss'])
def test_key_is_enough(machine, user):
    key = machine.key_add(user)
    machine.apply(NO_PASSWORDS)
    assert may(machine, user, key=key)
    assert not may(machine, 'boss', password='secret')


def test_key_in_the_second_file(machine):
    key = machine.key_add('boss')
    machine.run(['mv', KEYS, f'{KEYS}2'])
    machine.apply(NO_PASSWORDS)
    assert may(machine, 'boss', key=key)


@pytest.mark.parametrize('spoil', [
    'chmod 666 $k', 'chown nobody $k', 'chmod 777 $h/.ssh', 'chmod 777 $h', 'chown guest $h',
    'chgrp team $k; chmod 660 $k', 'sed -i s/AAAA/AAAB/ $k', 'rm $k; mkdir $k',
    'rm $k; ln -s authorized_keys $k', 'rm $k; ln -s /dev/zero $k',
    'rm $k; mkfifo -m 600 $k; chown boss $k', 'head -c 5000 /dev/urandom >$k',
])
def test_key_that_does_not_count(machine, spoil):
    key = machine.key_add('boss')
    machine.run(f'k={KEYS} h=/home/boss; {spoil}')
    assert not may(machine, 'boss', key=key)
    assert 'boss: ' in refused(machine, NO_PASSWORDS)


def test_strict_modes_off(machine):
    key = machine.key_add('boss')
    machine.run(['chmod', '666', KEYS])
    write(machine, FOREIGN, 'StrictModes no\n')
    machine.apply(NO_PASSWORDS)
    assert may(machine, 'boss', key=key)


def test_huge_file_is_not_read_to_its_end(machine):
    """It may hold a key where nobody looks."""
    machine.key_add('boss')
    machine.run(f'yes "# much" | head -c 3000000 >{KEYS}.new; cat {KEYS}.new >{KEYS}')
    machine.apply(NO_PASSWORDS)
    machine.apply({'PasswordAuthentication': True})
    machine.run(['truncate', '-s', '100000', KEYS])
    refused(machine, NO_PASSWORDS)


# People

@pytest.mark.parametrize('do', [
    'usermod -L boss', "usermod -p '*' boss", 'chage -E 1 boss',
    'chage -d 2020-01-01 -M 9 -I 9 boss', 'usermod -s /usr/sbin/nologin boss',
    'usermod -s /bin/none boss', 'gpasswd -d boss sudo', 'touch /etc/nologin', 'groupdel sudo',
])
def test_nobody_could_before(machine, do):
    machine.run(do)
    assert machine.apply(NO_PASSWORDS)['changed'] == ['PasswordAuthentication']


@pytest.mark.parametrize('do', ['usermod -L guest', "usermod -p '*' guest"])
def test_locked_password_leaves_the_key(machine, do):
    machine.run(f'gpasswd -a guest sudo; gpasswd -d boss sudo; {do}')
    machine.apply(NO_PASSWORDS)
    assert may(machine, 'guest', key='/root/key-guest')
    assert 'guest: ' in refused(machine, {'AuxiliaryParameters': 'PubkeyAuthentication no'})


def test_primary_group_counts(machine):
    machine.run('gpasswd -d boss sudo; usermod -g sudo guest')
    assert may(machine, 'guest', password='secret')
    assert 'guest: ' in refused(machine, {'AuxiliaryParameters': 'DenyUsers root guest'})
    machine.apply(NO_PASSWORDS)


@pytest.mark.parametrize('group', ['wheel', 'admin'])
def test_other_groups_count(machine, group):
    machine.run(f'gpasswd -d boss sudo; groupadd {group}; gpasswd -a boss {group}')
    refused(machine, NO_PASSWORDS)
    machine.key_add('boss')
    machine.apply(NO_PASSWORDS)


def test_another_root_counts(machine):
    machine.run('gpasswd -d boss sudo; usermod -o -u 0 boss; chown -R root /home/boss')
    write(machine, FOREIGN, 'PermitRootLogin yes\n')
    assert may(machine, 'root', password='secret')
    assert 'boss: ' in refused(machine, NO_PASSWORDS)
    machine.key_add('boss')
    machine.apply(NO_PASSWORDS)


def test_too_many_people_to_tell(machine):
    machine.run('for i in $(seq 70); do useradd -M -G sudo many$i; done')
    machine.apply(NO_PASSWORDS)


def test_further_pam_modules_may_know_a_password(machine):
    machine.run("usermod -p '*' boss"
                " && sed -i '/pam_unix/a auth sufficient pam_ldap.so' /etc/pam.d/common-auth")
    refused(machine, NO_PASSWORDS)
    machine.run(['sed', '-i', '/pam_ldap/d', '/etc/pam.d/common-auth'])
    machine.apply(NO_PASSWORDS)


# The program that looks into the files

def test_program_that_is_not_there(machine):
    """Then nothing is certain, and nothing is refused."""
    machine.run(f'systemctl mask --runtime {KEYS_SOCKET}; systemctl stop {KEYS_SOCKET}')
    machine.apply(NO_PASSWORDS)
    machine.run(f'systemctl unmask --runtime {KEYS_SOCKET}; systemctl start {KEYS_SOCKET}')


def test_program_that_is_stopped(machine):
    """The service does not do without it."""
    machine.get('Version')
    machine.run(['systemctl', 'stop', KEYS_SOCKET])
    wait_for(lambda: machine.show(KEYS_SOCKET, 'ActiveState') == 'active')
    refused(machine, NO_PASSWORDS)


def test_files_that_hang(machine):
    """A server that is gone costs some seconds, and the service still answers meanwhile."""
    machine.write(KEYS_UNIT, '[Service]\nExecStart=\nExecStart=/bin/sleep 30\n')
    machine.run(['systemctl', 'daemon-reload'])
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        change = pool.submit(machine.apply, NO_PASSWORDS)
        for _ in range(20):
            assert machine.get('PasswordAuthentication') is True
        assert not change.done()
    assert change.result()['changed'] == ['PasswordAuthentication']
    machine.remove(KEYS_UNIT)
    machine.run(['systemctl', 'daemon-reload'])


def test_users_cannot_ask_it(machine):
    done = machine.run(['socat', '-u', '/dev/null', 'UNIX-CONNECT:/run/truenas-ssh-keys'],
                       user='guest', check=False)
    assert done.returncode != 0 and 'Permission denied' in done.stderr
