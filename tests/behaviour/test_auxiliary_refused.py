# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""AuxiliaryParameters that are refused: the line and the reason, and nothing of other files."""

import time

import pytest

from harness.machine import raises
from harness.outside import FOREIGN, effective, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

NAME = 'AuxiliaryParameters'

OWNED = {
    'Port 2222': 'TcpPort',
    'ListenAddress 127.0.0.1': 'BindInterfaces',
    'PasswordAuthentication yes': 'PasswordAuthentication',
    'KbdInteractiveAuthentication yes': 'PasswordAuthentication',
    'ChallengeResponseAuthentication yes': 'PasswordAuthentication',
    'SkeyAuthentication yes': 'PasswordAuthentication',
    'GSSAPIAuthentication yes': 'KerberosAuthentication',
    'AllowTcpForwarding yes': 'TcpForwarding',
    'Compression no': 'Compression',
    'Subsystem sftp /bin/false': 'SftpLogLevel',
    'Subsystem "sftp" internal-sftp': 'SftpLogLevel',
    'NoneEnabled yes': 'WeakCiphers',
}

# All of them mean “Port 2222” to sshd.
SPELLINGS = ['PORT 2222', 'port 2222', 'PORT=2222', 'Port = 2222', 'Port= 2222', '"Port" 2222',
             '  Po"rt" 2222', '\tPort\t2222', 'Port "2222"', "Port '2222'",
             '=Port 2222', '"" Port 2222', '""Port 2222', 'Port 2222 # why', 'Port\t= 2222']

# Text, the line at fault, and words of the reason.
REJECTED = [
    ('MaxSessions 7\n\nMaxSession 3\n', 3, 'Bad configuration option'),
    ('MaxSessions many\n', 1, 'integer'),
    ('# one\nMaxSessions\n', 2, ''),
    ('LoginGraceTime 10\nMatch User ann\n  Bogus yes\n', 3, 'Bad configuration option'),
    ('Match User ann\nMaxSessions 3\nMatch User bob\nMaxSessions x\n', 4, ''),
    ('Match User ann\n# one\n  MaxStartups 5\n', 3, 'not allowed within a Match block'),
    ('Match User ann\nPort 2222\n', 2, 'not allowed within a Match block'),
    ('MaxSessions 7\nMatch Planet mars\n', 2, ''),
    ('Match\n', 1, ''),
    ('PermitRootLogin perhaps\n', 1, ''),
    ('KeyRegenerationInterval 3600\nBogus yes\n', 2, 'Bad configuration option'),
]


def rejected(machine, text, name='InvalidSetting'):
    """The message with which a text is refused; everything stays as it was."""
    with raises(name) as raised:
        machine.apply({NAME: text, 'TcpForwarding': False})
    assert '\n' not in raised.message
    assert rules(machine) == []
    return raised.message


@pytest.mark.parametrize('line', OWNED)
def test_what_a_setting_owns(machine, line):
    message = rejected(machine, f'MaxSessions 7\n\n  {line}\n')
    keyword = line.split()[0].lower()
    assert message.startswith(f'{NAME}:3: “{keyword}” belongs to the setting {OWNED[line]}')


@pytest.mark.parametrize('line', SPELLINGS)
def test_every_spelling_of_it(machine, line):
    machine.write('/tmp/spelling.conf', f'{line}\n')
    assert machine.sshd_T('-f', '/tmp/spelling.conf')['port'] == ['2222']
    message = rejected(machine, f'# first\n{line}\n')
    assert message.startswith(f'{NAME}:2: “port” belongs to the setting TcpPort')


@pytest.mark.parametrize('text, line, words', REJECTED)
def test_what_sshd_does_not_take(machine, text, line, words):
    message = rejected(machine, text, 'ConfigRejected')
    assert message.startswith(f'{NAME}:{line}: ') and words in message


def test_deprecated_line_of_another_file_is_not_to_blame(machine):
    write(machine, FOREIGN, 'UsePrivilegeSeparation sandbox\n')
    message = rejected(machine, 'MaxSessions 7\nBogus yes\n', 'ConfigRejected')
    assert message.startswith(f'{NAME}:2: Bad configuration option')


@pytest.mark.parametrize('text, line', [('Banner "/etc/issue\n', 1), ("\nBanner '/etc/issue\n", 2),
                                        ('"Port 22\n', 1)])
def test_open_quote(machine, text, line):
    assert rejected(machine, text).startswith(f'{NAME}:{line}: a quote is left open')


@pytest.mark.parametrize('character', ['\x01', '\x0b', '\x0c', '\x1b', '\x7f', '\r', '\x85', '\u2028',
                                       '\u202e'])
def test_character_that_cannot_be_seen(machine, character):
    message = rejected(machine, f'MaxSessions 7\n# a{character}b\n')
    assert message.startswith(f'{NAME}:2: the character U+{ord(character):04X} ')


# Those for which sshd tells no line.
PLACELESS = [
    ('AuthorizedKeysCommand /bin/true\n', 1, 'set without AuthorizedKeysCommandUser'),
    ('LoginGraceTime 10\n# one\nAuthorizedPrincipalsCommand /bin/true\nMaxSessions 3\n', 3,
     'set without AuthorizedPrincipalsCommandUser'),
    ('AuthorizedKeysCommand /bin/true\nAuthorizedKeysCommandUser nobody\nMaxSessions 3\n'
     'HostKey /nonexistent\nPrintMotd yes\n', 4, 'Unable to load host key'),
]


@pytest.mark.parametrize('text, line, reason', PLACELESS)
def test_line_that_sshd_does_not_tell(machine, text, line, reason):
    message = rejected(machine, text, 'ConfigRejected')
    assert message.startswith(f'{NAME}:{line}: sshd refuses ') and reason in message


def test_lines_of_which_none_alone_is_to_blame(machine):
    text = 'HostKey /nonexistent\nHostKey /nowhere\n'
    assert not rejected(machine, text, 'ConfigRejected').startswith(f'{NAME}:')


def test_line_that_sshd_does_not_tell_quotes_no_file(machine):
    machine.write('/etc/secret.conf', 'HostKey /the/secret\n')
    message = rejected(machine, 'MaxSessions 3\nInclude /etc/secret.conf\n', 'ConfigRejected')
    assert message.startswith(f'{NAME}:2: ') and 'the/secret' not in message
    machine.remove('/etc/secret.conf')


@pytest.mark.parametrize('text', ['Include /etc/shadow\n', 'Match all\n  Include /etc/shadow\n',
                                  'Include /etc/shado?\n', 'Include /etc/ssh/ssh_host_ed25519_key\n'])
def test_included_file_is_not_quoted(machine, text):
    message = rejected(machine, text, 'ConfigRejected')
    path = '/etc/shadow' if 'shado' in text else '/etc/ssh/ssh_host_ed25519_key'
    assert message == f'{path}:1: sshd does not accept this line; see `sshd -t`'
    journal = machine.journal('truenas-ssh.service')
    secrets = [line for line in machine.read(path).splitlines() if len(line) > 4]
    assert secrets and not any(secret in journal for secret in secrets)


@pytest.mark.parametrize('path', ['/etc/fifo', '/dev/zero'])
def test_include_that_never_ends(machine, path):
    machine.run('[ -e /etc/fifo ] || mkfifo /etc/fifo')
    began = time.monotonic()
    with raises('ConfigRejected'):
        machine.apply({NAME: f'Include {path}\n'})
    assert time.monotonic() - began < 15
    assert rules(machine) == []
    assert machine.get('ActiveState') == 'active'


def test_match_all_is_no_way_around(machine):
    """To sshd what follows it is as good as global, but for the order."""
    machine.apply({'TcpPort': 2222})
    with raises('ConfigRejected', '^TcpPort: '):
        machine.apply({NAME: 'Match all\nPort 2223\n'})
    assert effective(machine, 'port') == '2222'


def test_included_file_that_goes_against_a_setting(machine):
    machine.write('/etc/more.conf', 'Port 2223\n')
    machine.apply({'TcpPort': 2222})
    with raises('Conflict', '^TcpPort: .*/etc/more.conf:1 '):
        machine.apply({NAME: 'Include /etc/more.conf\n'})
    assert effective(machine, 'port') == '2222'
