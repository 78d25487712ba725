# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One-time codes by keyboard-interactive, as docs/one-time-codes.md has them, beside passwords that are off."""

import hashlib
import hmac
import itertools
import struct

import pytest

from harness.machine import raises
from harness.outside import FOREIGN, may, offered, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

SECRET = '3132333435363738393031323334353637383930'
PAM = '/etc/pam.d/sshd'
KEY = '/root/key-cora'
MATCH = '''Match Group codes
    KbdInteractiveAuthentication yes
    AuthenticationMethods publickey,keyboard-interactive
'''
BOTH = 'AuthenticationMethods publickey,keyboard-interactive'
COUNTER = itertools.count()


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Cora is to use codes, and PAM asks for them; lena is not. Both have a password and a key."""
    for name, groups in (('cora', ['codes']), ('lena', [])):
        machine.user_add(name, 'secret', groups=groups)
        machine.key_add(name)
    machine.write('/etc/users.oath', f'HOTP cora - {SECRET}\n', 0o600)
    ask = 'auth required pam_oath.so usersfile=/etc/users.oath window=20 digits=6'
    machine.write(PAM, machine.read(PAM).replace('@include common-auth', ask))


def code():
    """The next code of the device (HOTP, RFC 4226)."""
    digest = hmac.new(bytes.fromhex(SECRET), struct.pack('>Q', next(COUNTER)), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff
    return f'{number % 10 ** 6:06}'


@pytest.fixture
def gets(machine):
    """The function tells whether cora gets in with an answer to what she is asked for."""
    def login(answer, key=KEY, methods='publickey,keyboard-interactive'):
        command = machine.ssh_command('cora', 'true', key=key, methods=methods,
                                      options={'BatchMode': 'no'})
        done = machine.run(['sshpass', '-P', 'One-time', '-p', answer, *command], check=False)
        return done.returncode == 0
    return login


def test_codes_beside_passwords_that_are_off(machine, gets):
    machine.apply({'PasswordAuthentication': False, 'AuxiliaryParameters': MATCH})
    assert {each['line'] for each in machine.warnings()['auxiliary-exception']} == {2}
    assert gets(code())
    assert not gets('secret') and not gets('000000')
    assert not gets(code(), key=None)
    assert not may(machine, 'cora', key=KEY)
    assert may(machine, 'lena', key='/root/key-lena')
    assert offered(machine, 'lena') == offered(machine, 'root') == {'publickey'}
    # Nothing but a key at first, and the password never.
    assert offered(machine, 'cora') == {'publickey'}


def test_codes_for_everybody_while_passwords_are_on(machine, gets):
    machine.apply({'PasswordAuthentication': True, 'AuxiliaryParameters': f'{BOTH}\n'},
                  allow_lockout=True)
    assert gets(code())
    assert not may(machine, 'cora', key=KEY) and not may(machine, 'lena', key='/root/key-lena')


def test_codes_for_the_members_of_groups(machine, gets):
    machine.apply({'PasswordAuthentication': True, 'PasswordLoginGroups': ['codes'],
                   'AuxiliaryParameters': f'Match Group codes\n    {BOTH}\n'})
    assert gets(code())
    assert may(machine, 'lena', key='/root/key-lena')
    assert offered(machine, 'lena') == {'publickey'}


@pytest.mark.parametrize('lines, number', [
    (f'# codes\n{BOTH}\n', 2), (f'Match Group codes\n    {BOTH}\n', 2),
    ('Match User cora\nPasswordAuthentication yes\n\nMatch Group codes\n'
     'AuthenticationMethods keyboard-interactive:pam\n', 5)])
def test_off_against_an_auxiliary_line(machine, lines, number):
    machine.apply({'PasswordAuthentication': True, 'AuxiliaryParameters': lines},
                  allow_lockout=True)
    before = rules(machine)
    with raises('ConfigRejected', f'^AuxiliaryParameters:{number}: this line demands keyboard-inter'
                                  '.*PasswordAuthentication turns off.*KbdInteractiveAuth') as raised:
        machine.apply({'PasswordAuthentication': False}, allow_lockout=True)
    assert '\n' not in raised.message
    assert rules(machine) == before


@pytest.mark.parametrize('lines, number', [
    (f'{BOTH}\n', 1), (f'\nMatch Group codes\n    {BOTH}\n', 3),
    (f'Match User cora\n    KbdInteractiveAuthentication yes\n    {BOTH}\n', 3)])
def test_off_against_a_line_of_another_file(machine, lines, number):
    machine.apply({'PasswordAuthentication': True})
    write(machine, FOREIGN, lines)
    before = rules(machine)
    attempts = [('PasswordAuthentication: ', {'PasswordAuthentication': False}, [])]
    if 'Match' not in lines:
        attempts += [('PasswordLoginGroups: ', {'PasswordLoginGroups': ['codes']}, []),
                     # Debian's own file has it off.
                     ('', {}, ['PasswordAuthentication'])]
    for who, change, names in attempts:
        with raises('ConfigRejected', f'^{who}{FOREIGN}:{number}'):
            machine.apply(change, reset=names, allow_lockout=True)
        assert rules(machine) == before
    write(machine, FOREIGN, '# now among the auxiliary parameters\n')
    machine.apply({'PasswordAuthentication': False, 'AuxiliaryParameters': MATCH})
