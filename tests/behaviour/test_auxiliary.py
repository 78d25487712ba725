# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""AuxiliaryParameters: the caller's lines do for sshd what they say, where they say it."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, effective, may, offered, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

NAME = 'AuxiliaryParameters'


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Two users with a key each."""
    for user in ('ann', 'bob'):
        machine.user_add(user, 'secret')
        machine.key_add(user)


def banner(machine, user):
    """What a client of USER is shown before it logs in."""
    done = machine.ssh(user, 'true', key=f'/root/key-{user}', options={'LogLevel': 'INFO'})
    assert done.returncode == 0
    return ''.join(line for line in done.stderr.splitlines(True) if 'Permanently added' not in line)


def test_global_lines_are_global(machine):
    machine.apply({NAME: 'MaxSessions 7\nClientAliveInterval 30\n'})
    assert rules(machine) == ['MaxSessions 7', 'ClientAliveInterval 30']
    for user in (None, 'ann'):
        assert effective(machine, 'maxsessions', user) == '7'
        assert effective(machine, 'clientaliveinterval', user) == '30'
    machine.apply({}, reset=[NAME])
    assert effective(machine, 'maxsessions') == '10'


def test_global_lines_stay_global_beside_blocks_of_ours(machine):
    """Where they land in a Match, sshd refuses them or restricts them to some users."""
    machine.run(['groupadd', '-f', 'team'])
    machine.apply({NAME: 'AllowUsers ann root\nMaxStartups 5:30:60\nMatch User ann\nMaxSessions 3\n',
                   'PasswordAuthentication': True, 'PasswordLoginGroups': ['team'],
                   'TcpForwarding': False, 'KerberosAuthentication': False})
    assert effective(machine, 'maxstartups') == '5:30:60'
    assert may(machine, 'ann', key='/root/key-ann')
    assert not may(machine, 'bob', key='/root/key-bob')


def test_they_win_over_other_files(machine):
    write(machine, FOREIGN, 'MaxSessions 3\nLoginGraceTime 40\n')
    machine.apply({NAME: 'MaxSessions 7\n'})
    assert effective(machine, 'maxsessions') == '7'
    assert effective(machine, 'logingracetime') == '40'


def test_match_blocks_come_last_and_apply(machine):
    machine.write('/etc/greeting', 'hello ann\n')
    text = ('MaxSessions 7\n'
            'Match User ann\n'
            '    Banner /etc/greeting\n'
            '    MaxSessions 3\n'
            'Match Address 192.0.2.0/24\n'
            '    X11Forwarding no\n')
    machine.apply({NAME: text, 'Compression': False})
    assert rules(machine) == ['Compression no', *map(str.strip, text.splitlines())]
    assert effective(machine, 'maxsessions', 'ann') == '3'
    assert effective(machine, 'maxsessions', 'bob') == effective(machine, 'maxsessions') == '7'
    assert effective(machine, 'x11forwarding', 'bob') == 'no'
    assert effective(machine, 'x11forwarding', 'bob', '198.51.100.1') == 'yes'
    assert banner(machine, 'ann') == 'hello ann\n'
    assert banner(machine, 'bob') == ''


def test_match_block_does_not_leak(machine):
    machine.apply({NAME: 'Match User ann\nMaxSessions 3'})
    write(machine, FOREIGN, 'MaxSessions 4\n')
    assert effective(machine, 'maxsessions', 'ann') == '3'
    assert effective(machine, 'maxsessions', 'bob') == '4'


def test_quotes_and_a_path_with_a_space(machine):
    machine.write('/etc/our "banner"', 'welcome\n')
    for line in ('Banner "/etc/our \\"banner\\""', "Banner '/etc/our \"banner\"'"):
        machine.apply({NAME: line})
        assert effective(machine, 'banner') == '/etc/our "banner"'
        assert banner(machine, 'ann') == 'welcome\n'


@pytest.mark.parametrize('text', [
    'MaxSessions 7\n\n\n# the end  \n\n',
    'MaxSessions 7',
    '\n\n  MaxSessions\t7   # seven\n\t# größer als 3\n',
    '\tMaxSessions=7',
    '# only a comment\nMaxSessions = 7\n',
])
def test_text_is_kept_as_it_was_given(machine, text):
    machine.apply({NAME: text})
    assert machine.get(NAME) == text
    assert effective(machine, 'maxsessions') == '7'
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    assert machine.get(NAME) == text
    assert machine.apply({NAME: text})['changed'] == []


def test_line_ends_of_windows(machine):
    machine.apply({NAME: 'MaxSessions 7\r\nMatch User ann\r\n\tMaxSessions 3\r\n'})
    assert machine.get(NAME) == 'MaxSessions 7\nMatch User ann\n\tMaxSessions 3\n'
    assert effective(machine, 'maxsessions') == '7'
    assert effective(machine, 'maxsessions', 'ann') == '3'


def test_nothing_is_a_value_too(machine):
    machine.apply({NAME: ''})
    assert machine.get('ManagedSettings') == [NAME]
    assert rules(machine) == []


def test_no_more_than_a_thousand_lines(machine):
    machine.apply({NAME: '#\n' * 999 + 'MaxSessions 7\n'})
    assert effective(machine, 'maxsessions') == '7'
    with raises('InvalidSetting', f'^{NAME}:1001: .*1,000 lines'):
        machine.apply({NAME: '#\n' * 1000 + 'MaxSessions 6\n'})
    assert effective(machine, 'maxsessions') == '7'


def test_no_more_than_64_kib(machine):
    line = f'MaxSessions 7 # {"x" * 1000}\n'
    text = line * 64
    text += '#' * (65536 - len(text))
    machine.apply({NAME: text})
    assert machine.get(NAME) == text
    with raises('InvalidSetting', f'^{NAME}: 65537 bytes, .* 65536'):
        machine.apply({NAME: f'{text}#'})


def test_other_subsystems_are_the_callers(machine):
    machine.apply({NAME: 'Subsystem backup /bin/true', 'SftpLogLevel': 'INFO'})
    assert 'backup /bin/true' in machine.sshd_T()['subsystem']


def test_ciphers_are_the_callers_while_none_is_weak(machine):
    text = '# ours\nCiphers aes256-ctr\n'
    for weak in ({}, {'WeakCiphers': []}):
        machine.apply({NAME: text, **weak})
        assert effective(machine, 'ciphers') == 'aes256-ctr'
    with raises('InvalidSetting', f'^{NAME}:2: “ciphers” .*WeakCiphers'):
        machine.apply({'WeakCiphers': ['AES128-CBC']})
    machine.apply({'WeakCiphers': ['AES128-CBC'], NAME: ''})
    with raises('InvalidSetting', f'^{NAME}:2: “ciphers” .*WeakCiphers'):
        machine.apply({NAME: text})


def test_weak_cipher_in_them_loses_against_the_setting(machine):
    machine.apply({NAME: 'Ciphers aes256-ctr,aes128-cbc\n'})
    assert machine.get('WeakCiphers') == ['AES128-CBC']
    machine.apply({'WeakCiphers': []})
    assert effective(machine, 'ciphers') == 'aes256-ctr'


def test_exception_is_allowed_with_a_warning(machine):
    text = 'MaxSessions 7\nMatch User bob\n\n  PasswordAuthentication yes\n  GSSAPIAuthentication yes\n'
    result = machine.apply({'PasswordAuthentication': False, NAME: text})
    found = [details for code, details in result['warnings'] if code == 'auxiliary-exception']
    assert {(each['setting'], each['line']) for each in found} == {
        ('PasswordAuthentication', 4), ('KerberosAuthentication', 5)}
    assert offered(machine, 'ann') == {'publickey'}
    assert offered(machine, 'bob') >= {'publickey', 'password'}
    wait_for(lambda: len(machine.warnings()['auxiliary-exception']) == 2)
    machine.apply({}, reset=[NAME])
    assert offered(machine, 'bob') == {'publickey'}
    assert 'auxiliary-exception' not in machine.warnings()
