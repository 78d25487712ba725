# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Settings from one machine to another: truenas-sshctl export and import, also of what TrueNAS prints."""

import json

import pytest

from harness.ctl import clean_up, ctl

FILE = '/root/ssh.json'
SECRET = 'c2VjcmV0'

# In the shape of `midclt call ssh.config`.
TRUENAS = {
    'id': 1, 'bindiface': ['move0'], 'tcpport': 2222, 'password_login_groups': ['two words'],
    'passwordauth': True, 'kerberosauth': False, 'tcpfwd': False, 'compression': True,
    'privatekey': SECRET, 'sftp_log_level': 'INFO', 'sftp_log_facility': 'LOCAL3',
    'host_ed25519_key': SECRET, 'weak_ciphers': ['AES128-CBC'],
    'options': 'MaxAuthTries 4\nMaxSessions 8',
}
OURS = {
    'BindInterfaces': ['move0'], 'TcpPort': 2222, 'PasswordLoginGroups': ['two words'],
    'PasswordAuthentication': True, 'KerberosAuthentication': False, 'TcpForwarding': False,
    'Compression': True, 'SftpLogLevel': 'INFO', 'SftpLogFacility': 'LOCAL3',
    'WeakCiphers': ['AES128-CBC'], 'AuxiliaryParameters': 'MaxAuthTries 4\nMaxSessions 8',
}


@pytest.fixture(scope='module', autouse=True)
def ground(machine):
    """What the settings are about."""
    machine.key_add('root')
    machine.add_interface('move0', '10.30.0.1/24', '10.30.0.2/24')
    machine.run(['groupadd', 'staff2'])
    machine.run("sed -i 's/^staff2:/two words:/' /etc/group /etc/gshadow")


@pytest.fixture(autouse=True)
def clean(machine):
    """Nothing is managed, whatever a test has done."""
    yield
    clean_up(machine)


def take(machine, content, *args, status=0):
    """Import a file with this content: what is said on the way."""
    text = content if isinstance(content, str) else json.dumps(content, indent=4)
    machine.write(FILE, text)
    done = machine.run(['truenas-sshctl', 'import', FILE, *args], check=False)
    assert done.returncode == status, done
    return done.stderr


def test_from_truenas(machine):
    said = take(machine, TRUENAS)
    assert said.startswith('Ignored: id, privatekey, host_ed25519_key\n')
    assert SECRET not in said
    assert {name: machine.get(name) for name in OURS} == OURS
    assert sorted(machine.get('ManagedSettings')) == sorted(OURS)


def test_dry_run(machine):
    before = machine.get('Generation')
    machine.write(FILE, json.dumps(TRUENAS))
    text = ctl(machine, 'import', FILE, '--dry-run')
    assert 'Would change: ' in text and '\n+Port 2222\n' in text
    assert machine.get('Generation') == before
    assert machine.get('ManagedSettings') == []


@pytest.mark.parametrize('groups', [{}, {'password_login_groups': []}])
def test_passwords_for_nobody_are_not_for_everybody(machine, groups):
    said = take(machine, {'passwordauth': True, **groups})
    assert said.startswith('passwordauth: without groups ')
    assert machine.get('PasswordAuthentication') is False


def test_there_and_back(machine):
    machine.apply({'TcpPort': 2300, 'PasswordAuthentication': True, 'AuxiliaryParameters':
                   'MaxSessions 7\n'})
    text = ctl(machine, 'export')
    assert json.loads(text) == {'TcpPort': 2300, 'PasswordAuthentication': True,
                                'AuxiliaryParameters': 'MaxSessions 7\n'}
    clean_up(machine)
    done = machine.run(['truenas-sshctl', 'import', '-'], input=text)
    assert 'passwordauth' not in done.stderr
    assert ctl(machine, 'export') == text


def test_nothing_is_set(machine):
    assert json.loads(ctl(machine, 'export')) == {}


@pytest.mark.parametrize('content, message', [
    ('{\n  "tcpport": 2222,\n  "options" }\n', f'{FILE}:3: this is not JSON'),
    ('', f'{FILE}: this is not an object of JSON'),
    ('[1]', f'{FILE}: this is not an object of JSON'),
    ('{}', f'{FILE}: there is no setting in it'),
    ('{"id": 1}', f'{FILE}: there is no setting in it'),
    ('{"tcpport": 70000}', f'{FILE}: tcpport: this cannot be the value of TcpPort, of type “q”'),
    ('{"tcpport": -1}', f'{FILE}: tcpport: '),
    ('{"tcpport": "22"}', f'{FILE}: tcpport: '),
    ('{"tcpport": null}', f'{FILE}: tcpport: '),
    ('{"bindiface": "eth0"}', f'{FILE}: bindiface: '),
    ('{"bindiface": ["eth0", 1]}', f'{FILE}: bindiface: '),
    ('{"passwordauth": 1}', f'{FILE}: passwordauth: '),
    ('{"options": {}}', f'{FILE}: options: '),
    ('{"tcpport": 2222, "TcpPort": 2223}', f'{FILE}: TcpPort is there twice'),
    ('{"tcpport": 0}', 'TcpPort: '),
    ('{"bindiface": ["nowhere0"]}', 'BindInterfaces: '),
])
def test_what_cannot_be_taken(machine, content, message):
    said = take(machine, content, status=2)
    assert f'truenas-sshctl: {message}' in said
    assert machine.get('ManagedSettings') == []


def test_no_file(machine):
    done = machine.run(['truenas-sshctl', 'import', '/nowhere.json'], check=False)
    assert done.returncode == 1
    assert '/nowhere.json' in done.stderr
