# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bash, zsh and fish offer on the way to a command of truenas-sshctl."""

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


# Notes what is offered, besides offering it.
ZSH = r'''
PS1='ready%% '
autoload -U compinit && compinit -u -d /tmp/zcompdump
compadd () {
    local -a found
    builtin compadd -A found "$@"
    print -rl -- $found >>/tmp/offers
    builtin compadd "$@"
}
'''


def offered(machine, line):
    """What is offered at the end of a line."""
    script = (f'source {FILE}; COMP_LINE=$1; COMP_POINT=${{#1}}; __truenas_sshctl;'
              ' printf "%s\\n" "${COMPREPLY[@]}"')
    return machine.run(['bash', '-c', script, 'bash', f'truenas-sshctl {line}']).stdout.split()


WORDS = [
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
]


@pytest.mark.parametrize('line, words', WORDS)
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


@pytest.fixture(scope='module')
def zsh(machine):
    """zsh at a terminal, as it is without anybody's files."""
    machine.write('/tmp/zshrc', ZSH)
    with Terminal(machine, ['zsh', '-f', '-i'], env={'TERM': 'dumb'}) as started:
        started.type('source /tmp/zshrc; print rea''dy')
        started.expect('ready')
        yield started


@pytest.mark.parametrize('line, words', WORDS)
def test_zsh(machine, zsh, line, words):
    machine.write('/tmp/offers', '')
    zsh.press(f'truenas-sshctl {line}\t\x15print do''ne\n')
    zsh.expect('print done(.|\n)*done')
    # Of a list it offers what comes behind the last comma; it adds the equals sign by itself.
    wanted = {word.rpartition(',')[2].rstrip('=') for word in words}
    assert {word.rstrip('=') for word in machine.read('/tmp/offers').split()} == wanted


def test_zsh_knows_it(machine):
    done = machine.run(['zsh', '-f', '-c', 'autoload -U compinit; compinit -u -D;'
                        ' print $_comps[truenas-sshctl]'])
    assert done.stdout == '_truenas-sshctl\n'


@pytest.mark.parametrize('line, words', WORDS)
def test_fish(machine, line, words):
    text = f'truenas-sshctl {line}'
    found = machine.run(['fish', '-c', 'complete -C $argv[1]', text]).stdout.splitlines()
    typed = line.rpartition(' ')[2]
    name = typed[:typed.index('=') + 1] if '=' in typed else ''
    assert sorted(each.split('\t')[0] for each in found) == sorted(name + word for word in words)
