# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bash offers on the way to a command of truenas-sshctl."""

import pytest

from harness.terminal import Terminal

FILE = '/usr/share/bash-completion/completions/truenas-sshctl'


@pytest.fixture(scope='module', autouse=True)
def ground(machine):
    """Two interfaces, and a setting that is managed."""
    machine.key_add('root')
    machine.add_interface('tab0')
    machine.add_interface('tab1')
    machine.apply({'SftpLogLevel': 'INFO'})


def offered(machine, line):
    """What is offered at the end of a line."""
    script = (f'source {FILE}; COMP_LINE=$1; COMP_POINT=${{#1}}; __truenas_sshctl;'
              ' printf "%s\\n" "${COMPREPLY[@]}"')
    return machine.run(['bash', '-c', script, 'bash', f'truenas-sshctl {line}']).stdout.split()


@pytest.mark.parametrize('line, words', [
    ('st', ['status', 'start', 'stop']),
    ('-H there re', ['reset', 'revert', 'restart']),
    ('--dry', ['--dry-run']),
    ('set Tcp', ['TcpPort=', 'TcpForwarding=']),
    ('set TcpPort=1 Comp', ['Compression=']),
    ('--dry-run set Compression=', ['yes', 'no']),
    ('set BindInterfaces=', ['tab0', 'tab1']),
    ('set BindInterfaces+=tab0,', ['tab0,tab0', 'tab0,tab1']),
    ('set PasswordLoginGroups=sud', ['sudo']),
    ('set SftpLogLevel=DEB', ['DEBUG', 'DEBUG2', 'DEBUG3']),
    ('set WeakCiphers=', ['AES128-CBC']),
    ('set TcpPort=', []),
    ('reset ', ['SftpLogLevel']),
    ('get Act', ['ActiveState']),
    ('groups sud', ['sudo']),
    ('check-login roo', ['root']),
    ('status ', []),
])
def test_words(machine, line, words):
    assert offered(machine, line) == words


def test_in_another_language(machine):
    script = (f'source {FILE}; COMP_LINE="truenas-sshctl set Tcp"; COMP_POINT=${{#COMP_LINE}};'
              ' __truenas_sshctl; printf "%s\\n" "${COMPREPLY[@]}"')
    done = machine.run(['bash', '-c', script], env={'LC_ALL': 'de_DE.UTF-8'})
    assert done.stdout.split() == ['TcpPort=', 'TcpForwarding=']


def test_tab_key(machine):
    with Terminal(machine, ['bash', '--norc', '--noprofile', '-i']) as bash:
        bash.type(f'source {FILE}; printf "rea%s\\n" dy')
        bash.expect('ready')
        bash.press('truenas-sshctl set SftpLogF\tDAE\t --dry\t\n')
        bash.expect('Would change: SftpLogFacility')
