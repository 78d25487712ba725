# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The order of our file, and what each part's place is for: sshd takes the first value it meets."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOLDER, FOREIGN, MAIN, effective, may, offered, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

AHEAD = f'{FOLDER}/00-ahead.conf'
EXTRA = '/etc/extra.conf'
CLOSED = ['PasswordAuthentication no', 'KbdInteractiveAuthentication no']
OPENED = ['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes']

# A setting with a value that closes something, and a line that would open it again.
OPENING = {
    'PasswordAuthentication': 'PasswordAuthentication yes',
    'KerberosAuthentication': 'GSSAPIAuthentication yes',
    'TcpForwarding': 'AllowTcpForwarding yes',
}

# Match criteria that apply to ann, who is in team, from 10.9.8.7.
CRITERIA = ['User ann', 'User "ann"', 'User nobody,a*', 'User *,!root', 'Group team', 'Group t*',
            'Address 10.0.0.0/8', 'Address *,!192.168.0.0/16', 'LocalPort 22', 'Host *',
            'User ann Address 10.9.8.7', 'all']


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Somebody of the group team, and somebody else."""
    machine.user_add('ann', 'secret', groups=['team'])
    machine.user_add('bob', 'secret')
    machine.key_add('ann')
    machine.key_add('bob')


def ways_in(machine, user):
    """What is open to USER from outside: methods that are offered, and forwarding."""
    found = offered(machine, user) - {'publickey'}
    done = machine.ssh(user, '-W', '127.0.0.1:22', key=f'/root/key-{user}', input='',
                       options={'LogLevel': 'INFO', 'ClearAllForwardings': 'no'})
    if 'SSH-2.0-' in done.stdout:
        found.add('forwarding')
    else:
        assert 'administratively prohibited' in done.stderr, done
    return found


def exceptions(machine, code='exception-overridden'):
    """The warnings of exceptions as (setting, file, line)."""
    return {(each['setting'], each.get('file'), each['line'])
            for each in machine.warnings().get(code, [])}


def test_order_of_the_parts(machine):
    machine.apply({'TcpPort': 22, 'PasswordAuthentication': True, 'PasswordLoginGroups': ['team'],
                   'KerberosAuthentication': False, 'TcpForwarding': False, 'Compression': True,
                   'WeakCiphers': ['AES128-CBC'],
                   'AuxiliaryParameters': 'MaxSessions 7\nMatch User bob\n  MaxSessions 3\n'})
    assert [line for line in rules(machine) if not line.startswith('Ciphers ')] == [
        'Port 22', *CLOSED, 'GSSAPIAuthentication no', 'AllowTcpForwarding no', 'Compression yes',
        'MaxSessions 7', 'Match User bob', 'MaxSessions 3',
        'Match Group "team"', *(f'    {line}' for line in OPENED),
        'Match all', *(f'    {line}' for line in CLOSED),
        '    GSSAPIAuthentication no', '    AllowTcpForwarding no']
    assert effective(machine, 'maxsessions', 'ann') == '7'
    assert effective(machine, 'maxsessions', 'bob') == '3'
    assert 'password' in offered(machine, 'ann')
    assert offered(machine, 'bob') == {'publickey'}


def test_only_what_closes_is_repeated(machine):
    machine.apply({'PasswordAuthentication': True, 'KerberosAuthentication': True,
                   'TcpForwarding': True})
    assert rules(machine) == [*OPENED, 'GSSAPIAuthentication yes', 'AllowTcpForwarding yes']


def test_ours_come_before_the_auxiliary_lines(machine):
    machine.write(EXTRA, 'Compression yes\nMaxSessions 4\n')
    machine.apply({'Compression': False, 'AuxiliaryParameters': f'Include {EXTRA}\nMaxSessions 7\n'})
    assert effective(machine, 'compression') == 'no'
    assert effective(machine, 'maxsessions') == '4'


def test_ours_come_before_other_files(machine):
    write(machine, FOREIGN, 'Compression yes\nAllowTcpForwarding yes\nMaxSessions 4\n')
    machine.apply({'Compression': False, 'TcpForwarding': False,
                   'AuxiliaryParameters': 'MaxSessions 7'})
    assert effective(machine, 'compression') == 'no'
    assert effective(machine, 'maxsessions') == '7'
    assert 'forwarding' not in ways_in(machine, 'ann')


@pytest.mark.parametrize('path', [MAIN, FOREIGN])
def test_match_further_on_cannot_open(machine, path):
    before = machine.read(path) if machine.exists(path) else ''
    write(machine, path, f'{before}\nMatch User ann\n' + '\n'.join(OPENING.values()) + '\n')
    assert ways_in(machine, 'ann') >= {'password', 'gssapi-with-mic', 'forwarding'}
    result = machine.apply({name: False for name in OPENING})
    assert ways_in(machine, 'ann') == ways_in(machine, 'bob') == set()
    last = machine.read(path).count('\n')
    expected = {(name, path, last - 2 + i) for i, name in enumerate(OPENING)}
    assert exceptions(machine) == expected
    assert {(details['setting'], details['file'], details['line'])
            for code, details in result['warnings'] if code == 'exception-overridden'} == expected


def test_match_further_on_cannot_open_to_who_is_in_no_group(machine):
    write(machine, FOREIGN, 'Match User bob\n  PasswordAuthentication yes\n')
    machine.apply({'PasswordAuthentication': True, 'PasswordLoginGroups': ['team']})
    assert 'password' in ways_in(machine, 'ann')
    assert 'password' not in ways_in(machine, 'bob')
    assert exceptions(machine) == {('PasswordAuthentication', FOREIGN, 2)}


def test_match_further_on_may_restrict(machine):
    write(machine, FOREIGN, 'Match User ann\n  PasswordAuthentication no\n'
                            '  GSSAPIAuthentication no\n  AllowTcpForwarding no\n')
    machine.apply({name: True for name in OPENING})
    assert ways_in(machine, 'bob') == {'password', 'keyboard-interactive', 'gssapi-with-mic',
                                       'gssapi-keyex', 'forwarding'}
    assert ways_in(machine, 'ann') == {'keyboard-interactive'}
    assert exceptions(machine) == set()


def test_match_that_closes_what_is_closed_is_no_exception(machine):
    write(machine, FOREIGN, 'Match User ann\n  PasswordAuthentication no\n  AllowTcpForwarding No\n')
    machine.apply({'PasswordAuthentication': False, 'TcpForwarding': False})
    assert exceptions(machine) == set()


def test_match_that_restricts_a_member_loses_its_effect(machine):
    """The block of the groups comes first."""
    write(machine, FOREIGN, 'Match User ann\n  PasswordAuthentication no\n')
    machine.apply({'PasswordAuthentication': True, 'PasswordLoginGroups': ['team']})
    assert 'password' in offered(machine, 'ann')
    assert exceptions(machine) == {('PasswordAuthentication', FOREIGN, 2)}


def test_auxiliary_match_can_make_an_exception(machine):
    text = 'MaxSessions 7\nMatch User bob\nAllowTcpForwarding yes\n'
    result = machine.apply({'TcpForwarding': False, 'AuxiliaryParameters': text})
    assert 'forwarding' in ways_in(machine, 'bob')
    assert 'forwarding' not in ways_in(machine, 'ann')
    assert ('auxiliary-exception', 'TcpForwarding', 3) in {
        (code, details.get('setting'), details.get('line')) for code, details in result['warnings']}
    assert exceptions(machine, 'auxiliary-exception') == {('TcpForwarding', None, 3)}


def test_our_blocks_end_with_our_file(machine):
    machine.apply({'PasswordAuthentication': True, 'PasswordLoginGroups': ['team'],
                   'TcpForwarding': False, 'AuxiliaryParameters': 'Match User bob\nMaxSessions 3\n'})
    write(machine, FOREIGN, 'MaxSessions 4\nMaxStartups 5:30:60\nX11Forwarding no\n')
    assert effective(machine, 'maxstartups') == '5:30:60'
    for user, sessions in (('ann', '4'), ('bob', '3'), ('root', '4')):
        assert effective(machine, 'maxsessions', user) == sessions
        assert effective(machine, 'x11forwarding', user) == 'no'
    assert may(machine, 'bob', key='/root/key-bob')


@pytest.mark.parametrize('name', OPENING)
def test_match_ahead_that_opens_is_refused(machine, name):
    write(machine, AHEAD, f'# ahead\nMatch User ann\n  {OPENING[name]}\n')
    with raises('ConfigRejected', f'^{name}: {AHEAD}:3 makes an exception, and comes first'):
        machine.apply({name: False})
    assert rules(machine) == []
    machine.apply({name: True})
    machine.apply({}, reset=[name])
    # One that only restricts is welcome, ahead or not.
    write(machine, AHEAD, f'Match User ann\n  {OPENING[name].replace("yes", "no")}\n')
    machine.apply({name: False})


@pytest.mark.parametrize('criteria', CRITERIA)
def test_whomever_the_match_ahead_is_for(machine, criteria):
    machine.write(AHEAD, f'Match {criteria}\nAllowTcpForwarding yes\n')
    assert effective(machine, 'allowtcpforwarding', 'ann', '10.9.8.7') == 'yes'
    with raises('ConfigRejected', f'^TcpForwarding: {AHEAD}:'):
        machine.apply({'TcpForwarding': False})


def test_match_ahead_that_opens_to_the_second_it_names(machine):
    machine.write(AHEAD, 'Match User ann\nAllowTcpForwarding no\n'
                         'Match User ann,bob\nAllowTcpForwarding yes\n')
    with raises('ConfigRejected', f'^TcpForwarding: {AHEAD}:4 '):
        machine.apply({'TcpForwarding': False})


def test_match_ahead_that_appears_later_is_told(machine):
    machine.apply({'TcpForwarding': False})
    write(machine, AHEAD, 'Match User ann\nAllowTcpForwarding yes\n')
    assert 'forwarding' in ways_in(machine, 'ann')
    wait_for(lambda: ('TcpForwarding', AHEAD, 2) in exceptions(machine, 'setting-overridden'))
    assert exceptions(machine) == set()


def test_text_above_the_include_cannot_open(machine):
    """It wins over our global lines, but not over our last block."""
    write(machine, MAIN, '\n'.join(OPENING.values()) + f'\n{machine.read(MAIN)}')
    assert ways_in(machine, 'ann') >= {'password', 'gssapi-with-mic', 'forwarding'}
    machine.apply({name: False for name in OPENING})
    assert ways_in(machine, 'ann') == set()


@pytest.mark.parametrize('name', OPENING)
def test_text_above_the_include_that_closes_is_refused(machine, name):
    line = OPENING[name].replace('yes', 'no')
    write(machine, MAIN, f'# cloud\n\n{line}\n{machine.read(MAIN)}')
    with raises('ConfigRejected', f'^{name}: {MAIN}:3 comes first and decides'):
        machine.apply({name: True})
    assert rules(machine) == []


def test_file_that_sorts_before_ours_wins_and_is_refused(machine):
    write(machine, AHEAD, '\nCompression yes\n')
    with raises('ConfigRejected', f'^Compression: {AHEAD}:2 comes first and decides'):
        machine.apply({'Compression': False})


def test_main_file_that_does_not_include_ours(machine):
    main = machine.read(MAIN)
    text = main.replace('Include /etc/ssh/sshd_config.d/*.conf', '')
    assert text != main
    for broken in (text, f'Match User ann\n{main}', f'{text}\nMatch all\n  MaxSessions 3\n'
                                                    'Include /etc/ssh/sshd_config.d/*.conf\n'):
        machine.write(MAIN, broken)
        with raises('ConfigRejected', f'^{MAIN}: .*Include'):
            machine.apply({'Compression': False})
        assert rules(machine) == []
