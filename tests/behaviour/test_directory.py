# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Users and groups of a real directory: who of them gets in with a password, and who does not."""

from gi.repository import GLib
import pytest

from harness import directory
from harness.machine import wait_for
from harness.outside import FOREIGN, may, offered, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

BOTH = {'password', 'keyboard-interactive'}
KEYS = {'publickey'}
FAY = 'DOM\\fay'
OPEN = 'password-open-to-directory-users'

# Groups of the directory, each with its member.
GROUPS = [('crew', 'dora'), ('two words', 'dora'), ('größe', 'dora'), ('a,b', 'dora'),
          ('DOM\\dom users', FAY)]


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """In the directory dora, emil who is in no group, and fay; here lena and root. All have a password."""
    machine.user_add('lena', 'secret')
    machine.run(['chpasswd'], input='root:secret\n')
    entries = [directory.user('dora', 5000, 'secret'), directory.user('emil', 5001, 'secret'),
               directory.user('fay', 5200, 'secret', 'dom'),
               directory.group('dom users', 5201, ['fay'], 'dom')]
    entries += [directory.group(name, 5100 + i, [member])
                for i, (name, member) in enumerate(GROUPS) if '\\' not in name]
    directory.create(machine, ''.join(entries))


def only(*groups):
    """A change: passwords for the members of groups."""
    return {'PasswordAuthentication': True, 'PasswordLoginGroups': [*groups]}


def passwords(machine, user):
    """By which methods USER gets in with the password; they are those that are offered."""
    found = {method for method in BOTH if may(machine, user, password='secret', methods=method)}
    assert offered(machine, user) == KEYS | found
    return found


def groups(machine, prefix):
    """Call ListGroups."""
    return machine.call('ListGroups', GLib.Variant('(su)', (prefix, 0)))


def check(machine, user):
    """What CheckLogin answers."""
    return machine.call('CheckLogin', GLib.Variant('(ssa{sv})', (user, '127.0.0.1', {})))


@pytest.mark.parametrize('name, member', GROUPS)
def test_members_and_nobody_else(machine, name, member):
    machine.apply(only(name))
    assert machine.get('PasswordLoginGroups') == [name]
    assert passwords(machine, member) == BOTH
    for user in {'dora', 'emil', FAY, 'lena', 'root', 'nobody-at-all'} - {member}:
        assert offered(machine, user) == KEYS
    assert OPEN not in machine.warnings()


def test_beside_a_local_group(machine):
    machine.run(['groupadd', '-f', '-U', 'lena', 'locals'])
    machine.apply(only('crew', 'locals'))
    assert passwords(machine, 'dora') == passwords(machine, 'lena') == BOTH
    assert offered(machine, 'emil') == offered(machine, 'root') == KEYS


def test_user_of_the_directory_in_a_local_group(machine):
    machine.run(['groupadd', '-f', '-U', 'emil', 'mixed'])
    machine.apply(only('mixed'))
    assert passwords(machine, 'emil') == BOTH
    assert offered(machine, 'dora') == KEYS


def test_root_needs_to_be_permitted(machine):
    machine.apply(only('crew', 'root'))
    assert not may(machine, 'root', password='secret')
    write(machine, FOREIGN, 'PermitRootLogin yes\n')
    assert passwords(machine, 'root') == BOTH
    machine.apply(only('crew'))
    assert offered(machine, 'root') == KEYS


def test_off_is_off_for_the_directory(machine):
    machine.apply({'PasswordAuthentication': False, 'PasswordLoginGroups': ['crew']})
    for user in ('dora', 'emil', FAY, 'lena', 'root'):
        assert passwords(machine, user) == set()


def test_group_that_vanishes_and_comes_back(machine):
    entry = directory.group('fleeting', 5150, ['dora'])
    directory.change(machine, entry)
    machine.apply(only('fleeting'))
    assert passwords(machine, 'dora') == BOTH
    directory.change(machine, directory.remove_group('fleeting'))
    wait_for(lambda: offered(machine, 'dora') == KEYS)
    result = machine.apply({'Compression': False})
    assert [details['group'] for code, details in result['warnings']
            if code == 'group-missing'] == ['fleeting']
    assert [each['group'] for each in machine.warnings()['group-missing']] == ['fleeting']
    assert machine.get('PasswordLoginGroups') == ['fleeting']
    assert not [line for line in rules(machine) if line.startswith('Match Group')]
    for user in ('dora', 'emil', FAY, 'lena', 'root'):
        assert offered(machine, user) == KEYS
    directory.change(machine, entry)
    wait_for(lambda: groups(machine, 'fleeting'))
    machine.apply({'Compression': True})
    assert passwords(machine, 'dora') == BOTH
    assert 'group-missing' not in machine.warnings()


def test_groups_are_found_by_their_whole_names(machine):
    listed = dict(groups(machine, ''))
    assert 'root' in listed and not {name for name, _member in GROUPS} & set(listed)
    for name, _member in GROUPS:
        assert [found for found, _gid in groups(machine, name)] == [name]
        assert groups(machine, name[:-1]) == []
    assert groups(machine, 'crew') == [('crew', 5100)]


@pytest.mark.parametrize('change', [only('crew'), {'PasswordAuthentication': False},
                                    {'PasswordAuthentication': True}])
def test_what_is_said_of_logins_agrees_with_them(machine, change):
    for user in ('dora', 'emil'):
        if not machine.exists(f'/root/key-{user}'):
            machine.run(['install', '-d', '-o', user, f'/home/{user}'])
            machine.key_add(user)
    machine.apply(change)
    for user in ('dora', 'emil', FAY):
        answer = check(machine, user)
        real = {method for method in BOTH
                if may(machine, user, password='secret', methods=method)}
        if user != FAY and may(machine, user, key=f'/root/key-{user}'):
            real.add('publickey')
        assert set(answer['methods']) <= real <= {*answer['methods'], *answer['possible']}
        # What PAM asks a directory cannot be foreseen; that sshd does not ask it, can.
        assert real & BOTH == set(answer['possible']) & BOTH


def test_passwords_for_everybody_are_warned_of(machine):
    assert OPEN in machine.warnings()
    machine.apply({'PasswordAuthentication': True})
    found = machine.warnings()[OPEN]
    assert [each['setting'] for each in found] == ['PasswordAuthentication']
    assert '“sss”' in found[0]['message'] and 'PasswordLoginGroups' in found[0]['message']
    assert passwords(machine, 'emil') == passwords(machine, FAY) == BOTH
    result = machine.apply({'PasswordLoginGroups': ['crew']})
    assert OPEN not in dict(result['warnings'])
    assert OPEN not in machine.warnings()
    machine.apply({'PasswordAuthentication': False})
    assert OPEN not in machine.warnings()


def test_machine_that_leaves_the_directory_and_joins_it(machine):
    directory.leave(machine)
    wait_for(lambda: OPEN not in machine.warnings())
    assert 'password-open-to-all' in machine.warnings()
    directory.join(machine)
    wait_for(lambda: OPEN in machine.warnings())
