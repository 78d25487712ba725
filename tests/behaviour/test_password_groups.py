# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PasswordLoginGroups: their members log in with a password, and nobody else does."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, effective, may, offered, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

BOTH = ('password', 'keyboard-interactive')
GROUPS = '/etc/group'
ONLY_TEAM = {'PasswordAuthentication': True, 'PasswordLoginGroups': ['team']}
CLOSED = ['PasswordAuthentication no', 'KbdInteractiveAuthentication no']
OPENED = ['    PasswordAuthentication yes', '    KbdInteractiveAuthentication yes']
LAST = ['Match all', *(f'    {line}' for line in CLOSED)]


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """A member, somebody else, and root; all have a password, both users a key."""
    machine.user_add('member', 'secret', groups=['team'])
    machine.user_add('other', 'secret')
    machine.key_add('member')
    machine.key_add('other')
    machine.run(['chpasswd'], input='root:secret\n')


@pytest.fixture(autouse=True)
def groups(machine):
    """The function adds a group with one member, whatever its name; all are gone afterwards."""
    before = machine.read(GROUPS)

    def add(name, member='member', gid=4000):
        machine.write(GROUPS, f'{machine.read(GROUPS)}{name}:x:{gid}:{member}\n')
    yield add
    machine.write(GROUPS, before)


def passwords(machine, user):
    """By which methods USER can log in with a password; a key always works."""
    assert may(machine, user, key=f'/root/key-{user}')
    methods = offered(machine, user)
    found = {method for method in BOTH
             if may(machine, user, password='secret', methods=method)}
    assert methods == {'publickey'} | found
    return found


def test_members_and_nobody_else(machine):
    machine.apply(ONLY_TEAM)
    assert rules(machine) == [*CLOSED, 'Match Group "team"', *OPENED, *LAST]
    assert passwords(machine, 'member') == set(BOTH)
    assert passwords(machine, 'other') == set()
    assert offered(machine, 'root') == offered(machine, 'nobody-at-all') == {'publickey'}
    assert machine.get('PasswordAuthentication') is True
    assert machine.get('PasswordLoginGroups') == ['team']
    assert 'password-open-to-all' not in machine.warnings()


def test_sshd_says_the_same(machine):
    machine.apply(ONLY_TEAM)
    for keyword in ('passwordauthentication', 'kbdinteractiveauthentication'):
        assert effective(machine, keyword) == 'no'
        assert effective(machine, keyword, 'member') == 'yes'
        assert effective(machine, keyword, 'other') == 'no'


def test_primary_group_counts(machine):
    machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': ['other']})
    assert 'password' in offered(machine, 'other')
    assert offered(machine, 'member') == {'publickey'}


def test_several_groups(machine, groups):
    groups('g 2', 'other')
    machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': ['team', 'g 2']})
    assert 'Match Group "team,g 2"' in rules(machine)
    assert passwords(machine, 'member') == passwords(machine, 'other') == set(BOTH)


def test_named_twice_counts_once(machine):
    machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': ['team', 'team']})
    assert machine.get('PasswordLoginGroups') == ['team']


@pytest.mark.parametrize('name', ['g 2', 'größe', 'a,b', '!team', '*', '"q"', "it's", 'dom\\grp',
                                  'back\\', 'a#1', 'a=b', '%u', 'Match all'])
def test_names_with_meaning_to_sshd(machine, groups, name):
    groups(name)
    machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': [name]})
    assert machine.get('PasswordLoginGroups') == [name]
    assert 'password' in offered(machine, 'member')
    assert offered(machine, 'other') == {'publickey'}
    for user in ('root', 'no-such-user', 'daemon'):
        assert effective(machine, 'passwordauthentication', user) == 'no'


@pytest.mark.parametrize('name, twin', [('t*am', 'team'), ('a,b', 'a!b'), ('te?m', 'team')])
def test_name_that_sshd_cannot_tell_from_another(machine, groups, name, twin):
    groups(name, 'other', 4000)
    if twin != 'team':
        groups(twin, 'member', 4001)
    with raises('InvalidSetting', f'^PasswordLoginGroups: .*“{twin}”; rename') as raised:
        machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': [name]})
    assert f'“{name}”' in raised.message
    assert rules(machine) == []


def test_unknown_group_is_refused(machine):
    with raises('UnknownGroup', '^PasswordLoginGroups: .*“no-such”'):
        machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': ['team', 'no-such']})
    assert rules(machine) == []


@pytest.mark.parametrize('name', ['', 'a\nMatch all', 'a\tb', 'tab\x7f', 'x' * 257])
def test_impossible_name_is_refused(machine, name):
    with raises('InvalidSetting', '^PasswordLoginGroups: ') as raised:
        machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': [name]})
    assert '\n' not in raised.message


def test_too_many_are_refused(machine):
    with raises('InvalidSetting', '^PasswordLoginGroups: .*256'):
        machine.apply({'PasswordLoginGroups': [f'g{i}' for i in range(257)]})


def test_emptying_them_has_to_be_meant(machine):
    machine.apply(ONLY_TEAM)
    for change, options in (({'PasswordLoginGroups': []}, {}),
                            ({}, {'reset': ['PasswordLoginGroups']})):
        with raises('InvalidSetting', '^PasswordLoginGroups: .*PasswordAuthentication'):
            machine.apply(change, **options)
        assert offered(machine, 'other') == {'publickey'}
    machine.apply({'PasswordLoginGroups': [], 'PasswordAuthentication': True})
    assert passwords(machine, 'other') == set(BOTH)
    assert 'password-open-to-all' in machine.warnings()


def test_emptying_them_while_passwords_are_off(machine):
    machine.apply({**ONLY_TEAM, 'PasswordAuthentication': False})
    machine.apply({'PasswordLoginGroups': []})
    assert offered(machine, 'member') == offered(machine, 'other') == {'publickey'}


def test_without_effect_while_passwords_are_off(machine):
    machine.apply({**ONLY_TEAM, 'PasswordAuthentication': False})
    assert rules(machine) == [*CLOSED, *LAST]
    assert passwords(machine, 'member') == passwords(machine, 'other') == set()
    assert machine.get('PasswordLoginGroups') == ['team']
    machine.apply({'PasswordAuthentication': True})
    assert 'password' in offered(machine, 'member')
    assert offered(machine, 'other') == {'publickey'}


def test_alone_while_the_system_allows_passwords(machine):
    machine.apply({'PasswordLoginGroups': ['team']})
    assert machine.get('ManagedSettings') == ['PasswordLoginGroups']
    assert passwords(machine, 'member') == set(BOTH)
    assert passwords(machine, 'other') == set()
    assert machine.get('PasswordAuthentication') is True
    machine.apply({'Compression': False})
    assert 'password' in offered(machine, 'member')
    with raises('InvalidSetting', '^PasswordLoginGroups: .*PasswordAuthentication'):
        machine.apply({'PasswordLoginGroups': []})


def test_alone_while_the_system_forbids_passwords(machine):
    write(machine, FOREIGN, 'PasswordAuthentication no\n')
    machine.apply({'PasswordLoginGroups': ['team']})
    assert machine.get('PasswordAuthentication') is False
    assert offered(machine, 'member') == offered(machine, 'other') == {'publickey'}
    machine.apply({'PasswordLoginGroups': []})
    assert offered(machine, 'other') == {'publickey'}


def test_group_that_is_deleted(machine, groups):
    groups('lost')
    machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': ['lost']})
    assert 'password' in offered(machine, 'member')
    machine.run(['groupdel', 'lost'])
    assert offered(machine, 'member') == {'publickey'}
    result = machine.apply({'Compression': False})
    warned = [details for code, details in result['warnings'] if code == 'group-missing']
    assert [each['group'] for each in warned] == ['lost']
    assert [each['group'] for each in machine.warnings()['group-missing']] == ['lost']
    assert machine.get('PasswordLoginGroups') == ['lost']
    assert rules(machine) == [*CLOSED, 'Compression no', *LAST]
    for user in ('member', 'other', 'root'):
        assert offered(machine, user) == {'publickey'}


def test_group_that_is_deleted_and_comes_back(machine, groups):
    groups('lost')
    machine.apply({**ONLY_TEAM, 'PasswordLoginGroups': ['lost', 'team']})
    machine.run(['groupdel', 'lost'])
    machine.apply({'Compression': False})
    assert 'Match Group "team"' in rules(machine)
    assert 'password' in offered(machine, 'member')
    groups('lost', 'other')
    machine.apply({'Compression': True})
    assert 'Match Group "lost,team"' in rules(machine)
    assert 'password' in offered(machine, 'other')
    wait_for(lambda: 'group-missing' not in machine.warnings())
