# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Passwords that are off are off: for whomever another file would open them, as a real client sees it."""

import pytest

from harness import directory
from harness.outside import FOREIGN, offered, write

pytestmark = pytest.mark.usefixtures('pristine')

PEOPLE = ('root', 'ann', 'dora')
KEYS = {'publickey'}
CRITERIA = ['User ann,dora,root', 'Group *', 'Address 127.0.0.0/8', 'Host 127.0.0.*', 'LocalPort 22',
            'LocalAddress 127.0.0.1', 'all']


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Root and ann here, dora in a directory, each with a group that has a name, and a password."""
    machine.user_add('ann', 'secret')
    machine.run(['chpasswd'], input='root:secret\n')
    directory.create(machine, directory.user('dora', 5000, 'secret')
                     + directory.group('dora', 5000))


@pytest.mark.parametrize('criteria', CRITERIA)
@pytest.mark.parametrize('pam', ['yes', 'no'])
def test_nothing_opens_them(machine, pam, criteria):
    write(machine, FOREIGN, f'UsePAM {pam}\nPasswordAuthentication no\n'
          f'Match {criteria}\n    PermitRootLogin yes\n    PasswordAuthentication yes\n'
          '    KbdInteractiveAuthentication yes\n')
    assert 'password' in offered(machine, 'dora')
    machine.apply({'PasswordAuthentication': False})
    for user in PEOPLE:
        assert offered(machine, user) == KEYS
    found = machine.warnings()['exception-overridden']
    assert {(each['file'], each['line']) for each in found} == {(FOREIGN, 5), (FOREIGN, 6)}
    machine.apply({'PasswordAuthentication': True, 'PasswordLoginGroups': ['ann']})
    assert 'password' in offered(machine, 'ann')
    assert offered(machine, 'root') == KEYS
