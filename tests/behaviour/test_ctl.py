# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""truenas-sshctl without a terminal: what it prints, what it changes, how it ends."""

import json
import re
import subprocess

import pytest

from harness.ctl import PROGRAM, clean_up, ctl, ctl_json
from harness.machine import wait_for
from harness.state import DROP_IN, FOLDER

USER = 'reader'


@pytest.fixture(scope='module', autouse=True)
def ground(machine):
    """Somebody without any privilege, and a way in for root."""
    machine.user_add(USER)
    machine.key_add('root')


@pytest.fixture(autouse=True)
def clean(machine):
    """Nothing is managed, whatever a test has done."""
    yield
    clean_up(machine)


# State

@pytest.mark.parametrize('language, words', [
    ('de_DE', 'startet beim Hochfahren'), ('ar_EG', 'يعمل عند الإقلاع')])
def test_language(machine, language, words):
    assert words in ctl(machine, env={'LC_ALL': f'{language}.UTF-8'})


def test_status_at_a_glance(machine):
    machine.apply({'TcpPort': 2222}, confirm_timeout=300)
    text = ctl(machine, user=USER)
    assert ctl(machine, 'status', user=USER).splitlines()[0] == text.splitlines()[0]
    assert text.startswith('ssh.service: active, starts on boot (OpenSSH_')
    assert 'Listens: 0.0.0.0:2222, [::]:2222\n' in text
    assert 'Pending: the last change is undone in 4 min ' in text
    assert re.search('\nTcpPort +2222 +set here\n', text)
    assert re.search('\nCompression +yes +the system\n', text)
    assert re.search('\nBindInterfaces +- +the system\n', text)
    assert 'Warnings:\n  PasswordAuthentication: every user' in text
    assert '\033' not in text


@pytest.mark.parametrize('change, words', [
    ({'PasswordAuthentication': False}, 'nobody'),
    ({'PasswordAuthentication': True, 'PasswordLoginGroups': []}, 'everybody'),
    ({'PasswordAuthentication': True, 'PasswordLoginGroups': ['sudo', 'staff']},
     'members of sudo, staff'),
    ({'PasswordAuthentication': False, 'PasswordLoginGroups': ['staff']}, 'nobody'),
    ({'PasswordAuthentication': False,
      'AuxiliaryParameters': f'Match User {USER}\nPasswordAuthentication yes'},
     'nobody (but see the warnings)'),
])
def test_status_tells_whose_passwords_count(machine, change, words):
    machine.apply(change)
    assert f'\nPasswords: {words}\n' in ctl(machine, user=USER)


def test_status_tells_whose_passwords_count_where_nothing_is_set(machine):
    assert machine.get('ManagedSettings') == []
    assert '\nPasswords: everybody\n' in ctl(machine, user=USER)
    path = f'{FOLDER}/50-foreign.conf'
    machine.write(path, 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n')
    try:
        wait_for(lambda: '\nPasswords: nobody\n' in ctl(machine, user=USER))
    finally:
        machine.run(['rm', path])
    wait_for(lambda: '\nPasswords: everybody\n' in ctl(machine, user=USER))


def test_status_doubts_what_was_edited_by_hand(machine):
    machine.apply({'PasswordAuthentication': True, 'PasswordLoginGroups': ['staff']})
    text = machine.read(DROP_IN)
    machine.write(DROP_IN, text.replace('staff', 'sudo'))
    try:
        wait_for(lambda: '(but see the warnings)\n' in ctl(machine, user=USER))
    finally:
        machine.write(DROP_IN, text)
    wait_for(lambda: '\nPasswords: members of staff\n' in ctl(machine, user=USER))


def test_status_where_nothing_listens(machine):
    machine.run(['systemctl', 'stop', 'ssh.service'])
    try:
        wait_for(lambda: machine.get('ActiveState') == 'inactive')
        text = ctl(machine, user=USER)
        assert text.startswith('ssh.service: inactive, ') and 'Listens: nowhere\n' in text
    finally:
        machine.run(['systemctl', 'start', 'ssh.service'])


def test_show_has_all(machine):
    machine.apply({'AuxiliaryParameters': 'PrintMotd yes\nMaxSessions 7'})
    expected = json.loads(json.dumps(machine.properties()))
    found = ctl_json(machine, 'show', user=USER)
    assert found == expected and ctl_json(machine, 'status') == expected
    lines = ctl(machine, 'show', user=USER).splitlines()
    assert {line.split('=')[0] for line in lines} == set(expected)
    assert "AuxiliaryParameters='PrintMotd yes\\nMaxSessions 7'" in lines


def test_get(machine):
    machine.apply({'PasswordLoginGroups': ['sudo', 'staff'], 'PasswordAuthentication': True,
                   'AuxiliaryParameters': 'PrintMotd yes\nMaxSessions 7'})
    for name, text in (('TcpPort', '22\n'), ('tcp-port', '22\n'), ('compression', 'yes\n'),
                       ('PasswordLoginGroups', 'sudo\nstaff\n'), ('BindInterfaces', ''),
                       ('AuxiliaryParameters', 'PrintMotd yes\nMaxSessions 7\n'),
                       ('Unit', 'ssh.service\n')):
        assert ctl(machine, 'get', name, user=USER) == text
    assert ctl_json(machine, 'get', 'PasswordLoginGroups') == ['sudo', 'staff']
    assert 'there is no such property' in ctl(machine, 'get', 'Port', status=2)


def test_lists(machine):
    machine.add_interface('ctl0', '10.47.0.1/24')
    try:
        text = ctl(machine, 'interfaces', user=USER).splitlines()
        assert text[0].split() == ['NAME', 'TYPE', 'UP', 'BOUND', 'NETWORK', 'ADDRESSES']
        assert text[1].startswith('ctl0  ethernet  yes  no ') and '10.47.0.1' in text[1]
        assert ctl_json(machine, 'interfaces') == machine.call('ListInterfaces')
    finally:
        machine.remove_interface('ctl0')
    assert ctl(machine, 'groups', 'sud', user=USER) == 'sudo\n'
    assert 'root' in ctl(machine, 'groups').splitlines()
    keys = ctl_json(machine, 'host-keys', user=USER)
    assert keys == machine.call('ListHostKeys')
    assert keys[0]['fingerprint'] in ctl(machine, 'host-keys')


def test_checks(machine):
    assert 'Can log in by publickey' in ctl(machine, 'check-login', 'root')
    text = ctl(machine, 'check-login', 'nobody', '--address', '192.0.2.1', status=1)
    assert text.startswith('Cannot be said to get in.\n') and '  publickey: ' in text
    assert ctl_json(machine, 'check-login', 'root')['methods'] == ['publickey']
    assert '\nno   keytab: ' in ctl(machine, 'check-kerberos', status=1)
    machine.apply({'TcpPort': 2223})
    line = next(line for line in ctl(machine, 'explain').splitlines() if 'TcpPort' in line)
    assert line.split() == ['TcpPort', '2223', line.split()[2],
                            '/etc/ssh/sshd_config.d/00-truenas.conf']


def test_monitor(machine):
    with machine.popen([PROGRAM, 'monitor'], user=USER, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == 'Showing changes; Ctrl+C ends it.\n'
        machine.apply({'Compression': False})
        lines = iter(process.stdout.readline, '')
        assert next(line for line in lines if 'Compression=false\n' in line)[8] == ' '
        machine.run(['pkill', '-INT', '-x', PROGRAM])
        process.stdout.close()
        assert process.wait(10) == 0


# Changes

def test_set(machine):
    text = ctl(machine, 'set', 'TcpPort=2224', 'compression=off', 'PasswordLoginGroups=sudo,staff',
               'password-authentication=yes')
    assert text.startswith('Changed: TcpPort,PasswordLoginGroups,PasswordAuthentication,Compression')
    assert machine.get('TcpPort') == 2224 and machine.get('Compression') is False
    assert machine.get('PasswordLoginGroups') == ['sudo', 'staff']
    ctl(machine, 'set', 'PasswordLoginGroups+=adm,sudo')
    assert machine.get('PasswordLoginGroups') == ['sudo', 'staff', 'adm']
    ctl(machine, 'set', 'PasswordLoginGroups-=sudo,adm')
    assert machine.get('PasswordLoginGroups') == ['staff']
    ctl(machine, 'set', "PasswordLoginGroups=['sudo']")
    assert machine.get('PasswordLoginGroups') == ['sudo']
    assert ctl(machine, 'set', 'TcpPort=2224') == 'Nothing changes.\n'
    ctl(machine, 'reset', 'tcp-port', 'Compression', 'PasswordLoginGroups',
        'PasswordAuthentication')
    assert machine.get('ManagedSettings') == []


def test_text_from_elsewhere(machine):
    machine.write('/root/lines', 'PrintMotd yes\nMaxSessions 7\n')
    ctl(machine, 'set', 'AuxiliaryParameters=@/root/lines')
    assert machine.sshd_T()['maxsessions'] == ['7']
    ctl(machine, 'set', 'AuxiliaryParameters=-', input='MaxSessions 8\n')
    assert machine.sshd_T()['maxsessions'] == ['8']
    assert 'AuxiliaryParameters: ' in ctl(machine, 'set', 'AuxiliaryParameters=@/root/none', status=1)


def test_dry_run_shows_the_diff(machine):
    text = ctl(machine, 'set', 'TcpPort=2225', '--dry-run')
    assert text.startswith('Would change: TcpPort\n') and '\n+Port 2225\n' in text
    assert '\033' not in text and machine.get('TcpPort') == 22


def test_history_and_back(machine):
    ctl(machine, 'set', 'Compression=no')
    first = ctl_json(machine, 'history')[0]['generation']
    ctl(machine, 'set', 'Compression=yes')
    row = ctl(machine, 'history').splitlines()[1].split()
    assert row[0] == str(machine.get('Generation')) and row[4:] == ['applied', 'Compression']
    ctl(machine, 'revert', str(first))
    assert machine.get('Compression') is False
    assert 'not a generation' in ctl(machine, 'revert', 'x', status=2)


def test_probation_without_a_terminal(machine):
    done = machine.run([PROGRAM, 'set', 'Compression=no', '--confirm', '300'])
    token = done.stderr.split()[-1]
    assert 'truenas-sshctl confirm' in done.stderr and machine.get('PendingDeadline')
    ctl(machine, 'confirm', 'wrong', status=3, user=USER)
    ctl(machine, 'confirm', token, user=USER)
    assert machine.get('PendingDeadline') == 0 and machine.get('Compression') is False
    ctl(machine, 'set', 'Compression=yes', '--confirm=300')
    ctl(machine, 'rollback')
    assert machine.get('Compression') is False


@pytest.mark.parametrize('change, pending', [('TcpPort=2226', True), ('Compression=no', False),
                                             ('AuxiliaryParameters=PrintMotd yes', True)])
def test_probation_by_default_over_ssh(machine, change, pending):
    """For what can cut the connection, and nothing else; and not where it is refused."""
    env = {'SSH_CONNECTION': '192.0.2.1 50000 192.0.2.2 22'}
    ctl(machine, 'set', change, '--no-confirm', env=env)
    assert machine.get('PendingDeadline') == 0
    ctl(machine, 'reset', change.split('=')[0], env=env)
    assert bool(machine.get('PendingDeadline')) is pending


def test_unit(machine):
    ctl(machine, 'disable')
    assert machine.get('StartOnBoot') is False
    ctl(machine, 'enable')
    ctl(machine, 'stop')
    assert machine.get('ActiveState') == 'inactive'
    ctl(machine, 'set', 'Compression=no', '--start')
    assert machine.get('ActiveState') == 'active' and machine.get('StartOnBoot') is True
    before = machine.sshd_pid()
    ctl(machine, 'restart')
    ctl(machine, 'start')
    assert machine.sshd_pid() not in (0, before)


# How it ends

@pytest.mark.parametrize('args, status, message', [
    (['fly'], 2, 'there is no such command'),
    (['--fly'], 2, 'Unknown option'),
    (['get'], 2, 'usage: truenas-sshctl get NAME'),
    (['confirm', 'one', 'two'], 2, 'usage: '),
    (['set', 'TcpPort'], 2, 'name=value'),
    (['set', 'Port=22'], 2, 'there is no such setting; there are TcpPort, '),
    (['set', 'Unit=x'], 2, 'there is no such setting'),
    (['set', 'TcpPort=ssh'], 2, 'TcpPort: “ssh” cannot be its value'),
    (['set', 'TcpPort=70000'], 2, 'TcpPort: “70000”'),
    (['set', 'TcpPort=0'], 2, 'truenas-sshctl: TcpPort: '),
    (['set', r"BindInterfaces=['\ud800']"], 2, 'not all characters of Unicode'),
    (['set', 'TcpPort+=1'], 2, 'only a list'),
    (['set', 'TcpPort=1', 'tcp-port=2'], 2, 'TcpPort: is there twice'),
    (['set', 'Compression=maybe'], 2, 'neither yes nor no'),
    (['set', 'BindInterfaces=none0'], 2, 'BindInterfaces: “none0”'),
    (['set', 'Compression=no', '--if-generation', '0'], 4, 'eneration'),
    (['confirm'], 4, 'truenas-sshctl: '),
    (['reset', 'Port'], 2, 'there is no such setting'),
    (['check-login', 'root', '--address', 'x'], 2, 'x'),
])
def test_what_goes_wrong(machine, args, status, message):
    machine.apply({'SftpLogLevel': 'INFO'})
    text = ctl(machine, *args, status=status)
    assert message in text and 'GDBus' not in text
    assert machine.get('ManagedSettings') == ['SftpLogLevel']


# A language of its own, so that no translator can break the test.
LANGUAGE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"
msgid "No change is on probation"
msgstr "Nihil probatur"
msgid "You are not allowed to do it"
msgstr "Non licet"
"""


@pytest.fixture
def latin(machine):
    """An environment in which Latin is spoken, a little."""
    folder = '/usr/share/locale/la/LC_MESSAGES'
    machine.write('/root/la.po', LANGUAGE)
    machine.run(['mkdir', '-p', folder])
    machine.run(['msgfmt', '-o', f'{folder}/truenas-ssh.mo', '/root/la.po'])
    yield {'LC_ALL': 'de_DE.UTF-8', 'LANGUAGE': 'la'}
    machine.run(['rm', '-r', '/usr/share/locale/la', '/root/la.po'])


def test_what_goes_wrong_in_another_language(machine, latin):
    """A headline that is understood, and on the next line what the service says."""
    for args, status, user, headline in ((['confirm'], 4, None, 'Nihil probatur'),
                                         (['stop', '--no-ask-password'], 3, USER, 'Non licet')):
        text = ctl(machine, *args, status=status, user=user)
        told = ctl(machine, *args, status=status, user=user, env=latin)
        assert told == text.replace('truenas-sshctl: ', f'truenas-sshctl: {headline}\n  ')
    # What is not translated is not said twice.
    args = ['set', 'TcpPort=0']
    assert ctl(machine, *args, status=2, env=latin) == ctl(machine, *args, status=2)


def test_who_may_not(machine):
    for args in (['set', 'TcpPort=2227'], ['explain'], ['stop']):
        for more in ([], ['--no-ask-password']):
            text = ctl(machine, *args, *more, status=3, user=USER)
            assert text.startswith('truenas-sshctl: org.truenas.ssh.')


def test_lockout_has_a_status_of_its_own(machine):
    machine.run(['mv', '/root/.ssh/authorized_keys', '/root/aside'])
    machine.user_add('boss', 'secret', groups=['sudo'])
    try:
        ctl(machine, 'set', 'PasswordAuthentication=no', status=6)
        ctl(machine, 'set', 'PasswordAuthentication=no', '--allow-lockout')
    finally:
        machine.run(['mv', '/root/aside', '/root/.ssh/authorized_keys'])


def test_help_and_version(machine):
    assert ctl(machine, '--version') == f'truenas-sshctl {machine.get("Version")}\n'
    assert '\n  set NAME=VALUE… ' in ctl(machine, '--help')


def test_other_machine_over_ssh(machine):
    key = machine.key_add('root')
    machine.write('/root/.ssh/config', f'Host there\n  HostName 127.0.0.1\n  IdentityFile {key}\n'
                  '  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n')
    assert ctl(machine, '-H', 'root@there', 'get', 'TcpPort') == '22\n'
    ctl(machine, '-H', 'root@there', 'set', 'Compression=no')
    assert machine.get('Compression') is False
    ctl(machine, '-H', 'root@there', 'set', 'TcpPort=2228')
    assert machine.get('PendingDeadline')
    ctl(machine, 'rollback')
    # Several, of which one cannot be reached.
    text = ctl(machine, '-H', 'root@there', '-H', 'root@192.0.2.1', '-H', 'there', 'get', 'TcpPort',
               status=1)
    assert text.startswith('root@there:\n22\n\nroot@192.0.2.1:\n\nthere:\n22\n')
    assert 'root@192.0.2.1: the machine' in text
    several = ('-H', 'root@there', '-H', 'there')
    documents = ctl(machine, *several, '--json', 'show')
    assert documents.count('"TcpPort"') == 2
    ctl(machine, *several, 'set', 'SftpLogLevel=INFO')
    assert machine.get('SftpLogLevel') == 'INFO'
    assert 'several machines' in ctl(machine, *several, 'set', 'AuxiliaryParameters=-', status=2)
    assert 'AuxiliaryParameters' not in machine.get('ManagedSettings')
    text = ctl(machine, '-H', 'root@192.0.2.1', '--json', status=1)
    assert 'root@192.0.2.1: the machine' in text
