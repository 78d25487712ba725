# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PasswordAuthentication: passwords for everybody or for nobody, by both methods that take one."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, MAIN, effective, may, offered, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

BOTH = {'password', 'keyboard-interactive'}
OPEN = ['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes']
CLOSED = ['PasswordAuthentication no', 'KbdInteractiveAuthentication no']
LAST = ['Match all', *(f'    {line}' for line in CLOSED)]


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """A user with a password and a key; and root has a password."""
    machine.user_add('ann', 'secret')
    machine.key_add('ann')
    machine.run(['chpasswd'], input='root:secret\n')


def settings_of(machine, user=None):
    """What sshd says of both methods."""
    return [effective(machine, f'{method}authentication', user)
            for method in ('password', 'kbdinteractive')]


def test_property_tells_what_sshd_does(machine):
    assert machine.get('PasswordAuthentication') is True
    assert settings_of(machine) == ['yes', 'no']
    assert offered(machine, 'ann') == {'publickey', 'password'}
    assert 'password-open-to-all' in machine.warnings()


def test_off_leaves_only_keys(machine):
    machine.apply({'PasswordAuthentication': False})
    assert rules(machine) == [*CLOSED, *LAST]
    assert settings_of(machine) == ['no', 'no'] == settings_of(machine, 'ann')
    assert offered(machine, 'ann') == {'publickey'}
    assert offered(machine, 'root') == {'publickey'}
    assert offered(machine, 'nobody-at-all') == {'publickey'}
    for method in BOTH:
        assert not may(machine, 'ann', password='secret', methods=method)
    assert may(machine, 'ann', key='/root/key-ann')
    assert 'password-open-to-all' not in machine.warnings()


def test_on_takes_them_by_both_methods(machine):
    machine.apply({'PasswordAuthentication': True})
    assert rules(machine) == OPEN
    assert settings_of(machine) == ['yes', 'yes'] == settings_of(machine, 'ann')
    assert offered(machine, 'ann') == {'publickey'} | BOTH
    for method in BOTH:
        assert may(machine, 'ann', password='secret', methods=method)
    assert may(machine, 'ann', key='/root/key-ann')
    found = machine.warnings()['password-open-to-all']
    assert [each['setting'] for each in found] == ['PasswordAuthentication']


def test_root_needs_more_than_this(machine):
    machine.apply({'PasswordAuthentication': True})
    assert effective(machine, 'permitrootlogin') == 'without-password'
    assert not may(machine, 'root', password='secret')


def test_reset_gives_back_what_the_system_had(machine):
    for value in (False, True):
        machine.apply({'PasswordAuthentication': value})
        machine.apply({}, reset=['PasswordAuthentication'])
        assert rules(machine) == []
        assert offered(machine, 'ann') == {'publickey', 'password'}
        assert machine.get('PasswordAuthentication') is True


def test_off_and_on_win_over_other_files(machine):
    main = machine.read(MAIN)
    write(machine, MAIN, f'{main}\nPasswordAuthentication no\n')
    wait_for(lambda: machine.get('PasswordAuthentication') is False)
    machine.apply({'PasswordAuthentication': True})
    assert may(machine, 'ann', password='secret')
    write(machine, MAIN, f'{main}\nPasswordAuthentication yes\n')
    machine.apply({'PasswordAuthentication': False})
    assert offered(machine, 'ann') == {'publickey'}


def test_off_in_other_files_closes_what_is_not_managed(machine):
    write(machine, FOREIGN, 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n')
    wait_for(lambda: machine.get('PasswordAuthentication') is False)
    machine.apply({'Compression': False})
    assert offered(machine, 'ann') == {'publickey'}
    assert machine.get('PasswordAuthentication') is False


def test_only_one_of_the_methods_is_more_than_it_can_say(machine):
    write(machine, FOREIGN, 'PasswordAuthentication no\nKbdInteractiveAuthentication yes\n')
    wait_for(lambda: 'not-expressible' in machine.warnings())
    assert machine.get('PasswordAuthentication') is True
    found = machine.warnings()['not-expressible']
    assert [each['setting'] for each in found] == ['PasswordAuthentication']
    assert may(machine, 'ann', password='secret', methods='keyboard-interactive')
    machine.apply({'PasswordAuthentication': False})
    assert offered(machine, 'ann') == {'publickey'}
    assert 'not-expressible' not in machine.warnings()


@pytest.mark.parametrize('line', ['ChallengeResponseAuthentication yes',
                                  'KbdInteractiveAuthentication yes',
                                  'PasswordAuthentication yes'])
def test_match_of_other_files_cannot_open_them(machine, line):
    write(machine, FOREIGN, f'Match User ann\n    {line}\n')
    machine.apply({'PasswordAuthentication': False})
    assert settings_of(machine, 'ann') == ['no', 'no']
    assert offered(machine, 'ann') == {'publickey'}


def test_wrong_type_is_refused(machine):
    from gi.repository import GLib
    with raises('InvalidSetting', '^PasswordAuthentication: .*“b”, not “s”'):
        machine.apply({'PasswordAuthentication': GLib.Variant('s', 'no')})
