# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""truenas-sshctl at a terminal: countdown, colours, password, editor."""

import pytest

from harness.ctl import at_terminal, clean_up, ctl
from harness.machine import wait_for
from harness.polkit import allow_nothing
from harness.sshd import administrator

PASSWORD = 'a secret of the administrator'


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Somebody who asks, the administrator whose password is asked for, a way in for root."""
    machine.user_add('alice', 'her own')
    administrator(machine, PASSWORD)
    machine.key_add('root')


@pytest.fixture(autouse=True)
def clean(machine):
    """Nothing is managed, whatever a test has done."""
    yield
    clean_up(machine)


# Countdown

def counting(machine, *args, seconds=300):
    """A terminal on which a change of the port waits for a key."""
    terminal = at_terminal(machine, 'set', 'TcpPort=2240', '--confirm', str(seconds), *args)
    terminal.expect('press a key here to keep it')
    terminal.expect(r'\d+ s: ')
    return terminal


def test_key_keeps_the_change(machine):
    with counting(machine) as terminal:
        terminal.expect(r'4 min 5\d s: ')
        terminal.press(' ')
        terminal.expect('The change is kept')
        terminal.expect(r'status 0\.')
    assert machine.get('PendingDeadline') == 0 and machine.get('TcpPort') == 2240


def test_interrupt_undoes_it_at_once(machine):
    with counting(machine) as terminal:
        assert machine.get('TcpPort') == 2240
        terminal.press('\x03')
        terminal.expect('The change is undone')
    assert machine.get('PendingDeadline') == 0 and machine.get('TcpPort') == 22


def test_status_where_it_was_not_kept(machine):
    with counting(machine) as terminal:
        machine.run(['truenas-sshctl', 'rollback'])
        terminal.expect('The change is undone')
        terminal.expect(r'status 5\.')
    assert machine.get('TcpPort') == 22


def test_confirmed_by_somebody_else(machine):
    with counting(machine) as terminal:
        machine.run(['truenas-sshctl', 'confirm'])
        terminal.expect('The change is kept')
        terminal.expect(r'status 0\.')


def test_connection_that_is_lost(machine):
    with counting(machine, seconds=10) as terminal:
        terminal.hang_up()
        wait_for(lambda: machine.run(['pgrep', '-x', 'truenas-sshctl'], check=False).returncode)
    assert machine.get('TcpPort') == 2240 and machine.get('PendingDeadline')
    wait_for(lambda: machine.get('TcpPort') == 22 and machine.get('PendingDeadline') == 0, 30)


def test_old_news_end_no_countdown(machine):
    """What happened before the change is told late, while a person was asked something."""
    machine.apply({'TcpPort': 2205}, confirm_timeout=60)
    machine.write('/usr/local/bin/patient', '#!/bin/sh\nwhile ! [ -e /run/go ]; do sleep 0.05; done\n'
                  'echo "MaxSessions 7" > "$1"\n', 0o755)
    with at_terminal(machine, 'edit', '--confirm', '60', env={'EDITOR': 'patient'}) as terminal:
        wait_for(lambda: machine.run(['pgrep', '-f', 'patient'], check=False).returncode == 0)
        machine.run(['truenas-sshctl', 'confirm'])
        machine.run(['touch', '/run/go'])
        terminal.expect('press a key here')
        terminal.expect(r'5\d s: ')
        terminal.expect(r'5\d s: ')
        terminal.press(' ')
        terminal.expect('The change is kept')
        terminal.expect(r'status 0\.')
    assert machine.get('AuxiliaryParameters') == 'MaxSessions 7\n'
    machine.apply(reset=['AuxiliaryParameters'], allow_lockout=True)


# Colours

@pytest.mark.parametrize('env, coloured', [({'TERM': 'xterm'}, True), ({'TERM': 'dumb'}, False),
                                           ({'TERM': 'xterm', 'NO_COLOR': '1'}, False)])
def test_colours_only_where_they_are_wanted(machine, env, coloured):
    with at_terminal(machine, 'set', 'TcpPort=2241', '--dry-run', env=env) as terminal:
        terminal.expect(r'status 0\.')
        assert ('\033[32m+Port 2241\033[0m' in terminal.seen) is coloured
        assert ('\033' in terminal.seen) is coloured


# Password

def test_password_is_asked_for(machine):
    allow_nothing(machine)
    with at_terminal(machine, 'set', 'TcpPort=2242', user='alice') as alice:
        assert alice.asked() == 'configure'
        alice.type(PASSWORD)
        alice.expect('Changed: TcpPort')
        alice.expect(r'status 0\.')
        assert alice.prompts() == 1
    assert machine.get('TcpPort') == 2242
    wait_for(lambda: machine.run(['pgrep', '-x', 'pkttyagent'], check=False).returncode)


def test_wrong_password(machine):
    allow_nothing(machine)
    with at_terminal(machine, 'set', 'TcpPort=2242', user='alice') as alice:
        alice.asked()
        alice.type('her own')
        alice.expect(r'truenas-sshctl: org\.truenas\.ssh\.configure: ')
        alice.expect(r'status 3\.')
    assert machine.get('TcpPort') == 22


def test_no_password_is_asked_for(machine):
    allow_nothing(machine)
    with at_terminal(machine, 'set', 'TcpPort=2242', '--no-ask-password', user='alice') as alice:
        alice.expect(r'status 3\.')
        assert alice.prompts() == 0


# Editor

def editor(machine, *scripts):
    """An editor that makes one sed script after the other; returns the environment for it."""
    machine.run('rm -rf /root/edits; mkdir /root/edits')
    for number, script in enumerate(scripts):
        machine.write(f'/root/edits/{number}.sed', script)
    machine.write('/root/editor', '''#!/bin/sh
eval "file=\\${$#}"
echo "$*" >>/root/edits/calls
n=$(ls /root/edits | grep -c seen)
cp "$file" "/root/edits/seen$n"
sed -i -f "/root/edits/$n.sed" "$file"
''', 0o755)
    return {'VISUAL': '/root/editor --wait', 'EDITOR': 'false'}


def test_edit(machine):
    machine.apply({'AuxiliaryParameters': 'PrintMotd yes\nMaxSessions 7'})
    env = editor(machine, 's/7/9/')
    assert ctl(machine, 'edit', env=env).startswith('Changed: AuxiliaryParameters\n')
    assert machine.read('/root/edits/seen0') == 'PrintMotd yes\nMaxSessions 7'
    assert machine.read('/root/edits/calls').startswith('--wait /')
    assert machine.sshd_T()['maxsessions'] == ['9']
    assert not machine.run('ls /tmp | grep truenas-ssh-', check=False).stdout


def test_edit_of_nothing(machine):
    env = editor(machine, '')
    before = machine.get('Generation')
    assert 'Nothing was changed' in ctl(machine, 'edit', env=env)
    assert machine.get('Generation') == before


def test_edit_shows_the_error_at_its_line_and_goes_on(machine):
    machine.apply({'AuxiliaryParameters': 'PrintMotd yes\nMaxSessions 7\n'})
    env = editor(machine, 's/MaxSessions/MaxSesions/', 's/MaxSesions 7/MaxSessions 6/')
    ctl(machine, 'edit', env=env)
    again = machine.read('/root/edits/seen1').splitlines()
    assert again[0].startswith('#! AuxiliaryParameters:2: ')
    assert again[1:] == ['PrintMotd yes', 'MaxSesions 7']
    assert machine.read('/root/edits/calls').splitlines()[1].startswith('--wait +3 /')
    assert machine.get('AuxiliaryParameters') == 'PrintMotd yes\nMaxSessions 6\n'


def test_edit_that_is_given_up_loses_nothing(machine):
    machine.apply({'AuxiliaryParameters': 'PrintMotd yes\n'})
    env = editor(machine, 's/Motd/Moto/', '')
    text = ctl(machine, 'edit', env=env)
    assert 'Nothing was changed' in text
    assert machine.get('AuxiliaryParameters') == 'PrintMotd yes\n'


def test_edit_that_somebody_else_overtakes(machine):
    env = editor(machine, '$aMaxSessions 6')
    machine.apply({'AuxiliaryParameters': 'PrintMotd yes\n'})
    machine.write('/root/editor', machine.read('/root/editor') + PROGRAM_OF_ANOTHER, 0o755)
    text = ctl(machine, 'edit', env=env, status=4)
    path = text.split('Your text is in ')[1].split()[0]
    assert 'MaxSessions 6' in machine.read(path)
    assert machine.get('AuxiliaryParameters') == 'PrintMotd no\n'


PROGRAM_OF_ANOTHER = "truenas-sshctl set 'AuxiliaryParameters=@/root/theirs' >/dev/null\n"


@pytest.fixture(autouse=True)
def theirs(machine):
    """What somebody else sets."""
    machine.write('/root/theirs', 'PrintMotd no\n')


def test_editor_that_fails(machine):
    text = ctl(machine, 'edit', env={'VISUAL': 'false'}, status=1)
    assert 'Your text is in ' in text
