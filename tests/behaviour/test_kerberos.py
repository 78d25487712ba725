# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""KerberosAuthentication: tickets of a real KDC let a user in, or do not."""

import pytest

from harness.machine import wait_for
from harness.outside import FOREIGN, effective, may, offered, rules, write
from harness.realm import create

pytestmark = pytest.mark.usefixtures('pristine')

# Debian's sshd also takes tickets that were used for the key exchange.
METHODS = {'gssapi-with-mic', 'gssapi-keyex'}
LAST = ['Match all', '    GSSAPIAuthentication no']


@pytest.fixture(scope='module', autouse=True)
def realm(machine):
    """A KDC with a user and the machine's own key, and a ticket for root to be that user."""
    create(machine)


def ticket(machine, user='kate', **how):
    """Whether root's ticket lets USER in."""
    return may(machine, user, host='machine', methods='gssapi-with-mic',
               options={'GSSAPIAuthentication': 'yes'}, **how)


def test_property_tells_what_sshd_does(machine):
    assert machine.get('KerberosAuthentication') is False
    assert not offered(machine, 'kate') & METHODS
    assert not ticket(machine)
    write(machine, FOREIGN, 'GSSAPIAuthentication yes\n')
    wait_for(lambda: machine.get('KerberosAuthentication') is True)
    assert 'KerberosAuthentication' not in machine.get('ManagedSettings')
    assert ticket(machine)


def test_on_lets_in_with_a_ticket(machine):
    machine.apply({'KerberosAuthentication': True})
    assert rules(machine) == ['GSSAPIAuthentication yes']
    assert effective(machine, 'gssapiauthentication') == 'yes'
    assert offered(machine, 'kate') >= METHODS
    assert ticket(machine)
    assert not ticket(machine, user='root')


def test_off_does_not(machine):
    machine.apply({'KerberosAuthentication': False})
    assert rules(machine) == ['GSSAPIAuthentication no', *LAST]
    assert effective(machine, 'gssapiauthentication') == 'no'
    assert not offered(machine, 'kate') & METHODS
    assert not ticket(machine)


def test_off_wins_over_other_files(machine):
    write(machine, FOREIGN, 'GSSAPIAuthentication yes\nMatch User kate\n GSSAPIAuthentication yes\n')
    assert ticket(machine)
    machine.apply({'KerberosAuthentication': False})
    assert effective(machine, 'gssapiauthentication', 'kate') == 'no'
    assert not offered(machine, 'kate') & METHODS
    assert not ticket(machine)


def test_reset_gives_back_what_the_system_had(machine):
    write(machine, FOREIGN, 'GSSAPIAuthentication yes\n')
    machine.apply({'KerberosAuthentication': False})
    machine.apply({}, reset=['KerberosAuthentication'])
    assert rules(machine) == []
    assert ticket(machine)


def test_beside_passwords_that_are_off(machine):
    machine.apply({'KerberosAuthentication': True, 'PasswordAuthentication': False})
    assert offered(machine, 'kate') == {'publickey', *METHODS}
    assert ticket(machine)
