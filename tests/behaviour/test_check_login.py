# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Could she log in? What is answered, and that it agrees with what happens when she tries."""

import itertools

import pytest
from gi.repository import GLib

from harness.machine import raises
from harness.outside import may, write
from harness.polkit import ASKABLE, allow

NAME = 'PasswordLoginGroups'
FOREIGN = '/etc/ssh/sshd_config.d/50-site.conf'

pytestmark = pytest.mark.usefixtures('pristine')


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Somebody with a key and a password, one with a password, one locked out, one without a shell."""
    # A wrong password need not take two seconds.
    machine.run(['sed', '-i', '/pam_unix.so/s/$/ nodelay/', '/etc/pam.d/common-auth'])
    machine.user_add('anna', 'secret-anna', groups=['staff2'])
    machine.key_add('anna')
    machine.user_add('ben', 'secret-ben')
    machine.user_add('cleo', 'secret-cleo')
    machine.run(['usermod', '-L', 'cleo'])
    machine.user_add('dora', 'secret-dora', shell='/nonexistent')
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    machine.add_interface('lan1', '10.30.0.1/24', '10.30.0.2/24')


def check(machine, user, address='127.0.0.1', caller=None, **options):
    """What CheckLogin answers."""
    given = {key: GLib.Variant('s', value) for key, value in options.items()}
    return machine.call('CheckLogin', GLib.Variant('(ssa{sv})', (user, address, given)),
                        user=caller)


def methods(machine, user, address='127.0.0.1', **options):
    """The methods that let a user in for certain, of those that can be tried."""
    return set(check(machine, user, address, **options)['methods'])


def reason(machine, user, method, address='127.0.0.1'):
    """Why one does not."""
    return dict(check(machine, user, address)['reasons'])[method]


def tried(machine, user, **where):
    """The methods by which a user really gets in."""
    ways = {'password': {'password': f'secret-{user}'},
            'keyboard-interactive': {'password': f'secret-{user}',
                                     'methods': 'keyboard-interactive'},
            'publickey': {'key': '/root/key-anna'}}
    return {name for name, how in ways.items() if may(machine, user, **how, **where)}


CONFIGS = ['KbdInteractiveAuthentication yes', 'Match User ben\n  PasswordAuthentication no',
           'DenyGroups staff2\nAuthenticationMethods publickey password']


@pytest.mark.parametrize('config', CONFIGS)
def test_agrees_with_what_happens(machine, config):
    write(machine, FOREIGN, f'{config}\n')
    for user in ('anna', 'ben', 'cleo', 'dora'):
        answer = check(machine, user)
        assert not answer['possible'], answer
        single = {name for name in answer['methods'] if ',' not in name}
        assert tried(machine, user) == single, (user, answer)


def test_answers(machine):
    assert check(machine, 'anna') == {
        'methods': ['password', 'publickey'], 'possible': [],
        'reasons': [('keyboard-interactive', 'it is switched off'),
                    ('gssapi-with-mic', 'it is switched off'),
                    ('hostbased', 'it is switched off')]}
    assert 'authorized key' in reason(machine, 'ben', 'publickey')
    assert '/nonexistent' in reason(machine, 'dora', 'password')
    assert check(machine, 'nobody-at-all') == {
        'methods': [], 'possible': [], 'reasons': [('', 'there is no such user')]}


def test_groups(machine):
    machine.apply({NAME: ['staff2'], 'PasswordAuthentication': True}, allow_lockout=True)
    assert methods(machine, 'anna') == {'password', 'keyboard-interactive', 'publickey'}
    assert methods(machine, 'ben') == set()
    assert tried(machine, 'ben') == set()
    assert 'PasswordAuthentication off' in reason(machine, 'ben', 'password')


def test_what_cannot_be_known_is_possible(machine):
    write(machine, FOREIGN, 'AuthorizedKeysCommand /bin/true\nAuthorizedKeysCommandUser nobody\n'
          'GSSAPIAuthentication yes\n')
    answer = check(machine, 'ben')
    assert set(answer['possible']) == {'publickey', 'gssapi-with-mic'}
    assert set(answer['methods']) == {'password'}


def test_by_interface(machine):
    write(machine, FOREIGN, 'Match LocalAddress 10.20.0.1\n  PasswordAuthentication no\n')
    assert methods(machine, 'ben', '10.20.0.2') == set()
    assert methods(machine, 'ben', '10.30.0.2') == {'password'}
    assert methods(machine, 'ben', '10.30.0.2', interface='lan0') == set()
    machine.apply({'BindInterfaces': ['lan1']}, allow_lockout=True)
    assert check(machine, 'ben', '10.20.0.2') == {
        'methods': [], 'possible': [],
        'reasons': [('', 'sshd takes no connections that come in by lan0')]}
    assert methods(machine, 'ben', '10.30.0.2') == {'password'}
    assert may(machine, 'ben', password='secret-ben', host='10.30.0.1', netns='lan1-far')


def test_by_device(machine):
    machine.apply({'BindInterfaces': ['lan0', 'lan1'], 'AuxiliaryParameters':
                   'Match RDomain lan0\n  PasswordAuthentication no\n'}, allow_lockout=True)
    for name, net, way in (('lan0', 20, set()), ('lan1', 30, {'password'})):
        assert methods(machine, 'ben', f'10.{net}.0.2') == way
        assert tried(machine, 'ben', host=f'10.{net}.0.1', netns=f'{name}-far') == way


def test_anywhere(machine):
    write(machine, FOREIGN, 'PasswordAuthentication no\n'
          'Match Address 192.0.2.0/24\n  PasswordAuthentication yes\n')
    assert methods(machine, 'ben', '127.0.0.1') == set()
    assert methods(machine, 'ben', '192.0.2.7') == {'password'}
    assert methods(machine, 'ben', '') == {'password'}


def test_name_of_the_client(machine):
    write(machine, FOREIGN, 'UseDNS yes\nMatch Host *.example.org\n  PasswordAuthentication no\n')
    answer = check(machine, 'ben')
    assert answer['methods'] == [] and 'password' in answer['possible']


def test_ipv6(machine):
    assert methods(machine, 'anna', '::1') == tried(machine, 'anna', host='::1')
    assert methods(machine, 'ben', 'fe80::1%lan0') == {'password'}


@pytest.mark.parametrize('user, address, match', [
    ('', '', '^user: '), ('a,b', '', '^user: '), ('a\nb', '', '^user: '), ('x' * 300, '', '^user: '),
    ('anna', 'localhost', '^address: “localhost” is no IP address'),
    ('anna', '1.2.3.4/8', '^address: '), ('anna', '10.0.0.1\n', '^address: ')])
def test_questions_that_make_no_sense(machine, user, address, match):
    with raises('InvalidOption', match):
        check(machine, user, address)


def test_options_that_make_no_sense(machine):
    with raises('InvalidOption', '^port: no such option'):
        check(machine, 'anna', port='22')
    with raises('UnknownInterface', '^interface: there is no interface “lan9”'):
        check(machine, 'anna', '10.20.0.2', interface='lan9')
    with raises('InvalidOption', '^interface: needs an address'):
        check(machine, 'anna', '', interface='lan0')
    with raises('InvalidOption', '^interface: the value must be'):
        machine.call('CheckLogin', GLib.Variant('(ssa{sv})', (
            'anna', '', {'interface': GLib.Variant('u', 1)})))


def test_is_not_for_everybody(machine):
    with raises(ASKABLE, 'org.truenas.ssh.inspect'):
        check(machine, 'anna', caller='ben')
    allow(machine, 'ben', 'inspect')
    assert check(machine, 'anna', caller='ben') == check(machine, 'anna')


def test_broken_configuration(machine):
    machine.write(FOREIGN, 'Nonsense yes\n')
    with raises('ConfigRejected'):
        check(machine, 'anna')


def test_after_a_change(machine):
    """Who could no longer log in, before anything is touched."""
    before = {user: set(check(machine, user)['methods']) for user in ('anna', 'ben')}
    result = machine.apply({'PasswordAuthentication': False}, dry_run=True,
                           check_logins=['anna', 'ben', 'nobody-at-all', 'anna'])
    logins = result['logins']
    assert set(logins) == {'anna', 'ben', 'nobody-at-all'}
    assert logins['anna']['methods'] == ['publickey']
    assert logins['ben']['methods'] == []
    assert logins['nobody-at-all']['reasons'] == [('', 'there is no such user')]
    assert {user: set(check(machine, user)['methods']) for user in before} == before
    machine.apply({'PasswordAuthentication': False}, allow_lockout=True)
    for user, how in itertools.product(before, ({'address': ''}, {'address': '127.0.0.1'})):
        assert check(machine, user, **how)['methods'] == logins[user]['methods']


def test_after_a_change_needs_a_dry_run(machine):
    with raises('InvalidOption', '^check-logins: goes with dry-run only'):
        machine.apply({'TcpPort': 2200}, check_logins=['anna'])
    with raises('InvalidOption', '^check-logins: 65 users'):
        machine.apply({'TcpPort': 2200}, dry_run=True,
                      check_logins=[f'user{i}' for i in range(65)])
