# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Options that sshd's unit gives it win over every file: told, and never fought in vain."""

import pytest

from harness import activation
from harness.machine import raises, wait_for
from harness.sshd import DROP_IN, everywhere, ports

DEFAULTS = '/etc/default/ssh'
OTHER = '/etc/ssh/other_config'
OVERRIDE = '/etc/systemd/system/ssh.service.d/90-test.conf'
INCLUDE = 'Include /etc/ssh/sshd_config.d/*.conf\n'


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The key of somebody who can log in, and of root, so that nobody is locked out."""
    machine.key_add('root')
    machine.user_add('person')
    return machine.key_add('person')


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd that has no options."""
    yield
    machine.run(f'rm -rf {OTHER} /etc/systemd/system/ssh.service.d /etc/ssh/sshd_config.d/*'
                ' /etc/systemd/system/ssh.socket.d; systemctl daemon-reload')
    start_with(machine, '')


def start_with(machine, options):
    """Start sshd with these options, which the package has a file for."""
    machine.write(DEFAULTS, f'# Options\nSSHD_OPTS={options}\n')
    machine.restart_sshd()
    machine.apply({})  # sees it


def overridden(machine):
    """Setting → message of the warnings about settings that something overrides."""
    return {each['setting']: each['message']
            for each in machine.warnings().get('setting-overridden', [])}


def login(machine, key, port):
    """Whether somebody can log in."""
    return machine.ssh('person', 'true', key=key, port=port).returncode == 0


@pytest.mark.parametrize('options', ['-p 2200', '-p2200', '"-e -p 2200"', "'-ep2200'",
                                     '-o Port=2200', '"-o \'Port 2200\'"', '-oport=2200'])
def test_port(machine, options):
    start_with(machine, options)
    wait_for(lambda: ports(machine) == everywhere(2200))
    wait_for(lambda: machine.get('TcpPort') == 2200)
    shown = '-p' if 'p' in options and 'ort' not in options else '-o [Pp]ort'
    assert list(overridden(machine)) == ['TcpPort']
    with raises('ConfigRejected', f'^TcpPort: the option “{shown}” on sshd'):
        machine.apply({'TcpPort': 2222})
    assert not machine.exists(DROP_IN)
    assert ports(machine) == everywhere(2200)


def test_other_settings_can_be_set(machine, key):
    start_with(machine, '-p 2200')
    machine.apply({'Compression': False})
    assert ports(machine) == everywhere(2200)
    assert login(machine, key, 2200)
    assert set(overridden(machine)) == {'TcpPort'}
    machine.apply(reset=['Compression'])
    start_with(machine, '')
    wait_for(lambda: overridden(machine) == {})
    machine.apply({'TcpPort': 2222})
    assert login(machine, key, 2222)


def test_option_that_comes_later(machine):
    """What is set does not hold any more, and that is told."""
    machine.apply({'TcpPort': 2222, 'Compression': False})
    assert overridden(machine) == {}
    start_with(machine, '-p 2200 -o Compression=yes')
    wait_for(lambda: set(overridden(machine)) == {'TcpPort', 'Compression'})
    assert machine.get('TcpPort') == 2222
    assert ports(machine) == everywhere(2200)


@pytest.mark.parametrize('option, setting, change', [
    ('-o PasswordAuthentication=no', 'PasswordAuthentication', {'PasswordAuthentication': True}),
    ('-oAllowTcpForwarding=no', 'TcpForwarding', {'TcpForwarding': True}),
    ('-o Compression=yes', 'Compression', {'Compression': False}),
])
def test_settings(machine, option, setting, change):
    start_with(machine, option)
    assert set(overridden(machine)) == {setting}
    with raises('ConfigRejected', f'^{setting}: the option “-o '):
        machine.apply(change)
    assert not machine.exists(DROP_IN)


def test_auxiliary_line(machine):
    start_with(machine, '-o LogLevel=ERROR')
    assert overridden(machine) == {}
    machine.apply({'AuxiliaryParameters': 'LogLevel VERBOSE'})
    assert set(overridden(machine)) == {'AuxiliaryParameters'}
    assert '-o LogLevel' in overridden(machine)['AuxiliaryParameters']


def test_values_are_not_told(machine):
    start_with(machine, '-o Ciphers=aes256-ctr')
    assert set(overridden(machine)) == {'WeakCiphers'}
    assert 'aes256' not in overridden(machine)['WeakCiphers']


def test_in_the_unit_itself(machine):
    machine.write(OVERRIDE, '[Service]\nEnvironment="OPTIONS=-o Compression=yes" PORT=2200\n'
                  'EnvironmentFile=-/etc/sysconfig/sshd\nExecStart=\n'
                  'ExecStart=/usr/sbin/sshd -D $OPTIONS $NONE -p ${PORT}\n')
    machine.run(['systemctl', 'daemon-reload'])
    start_with(machine, '')
    assert ports(machine) == everywhere(2200)
    wait_for(lambda: set(overridden(machine)) == {'TcpPort', 'Compression'})
    machine.write('/etc/sysconfig/sshd', 'OPTIONS="-o AllowTcpForwarding=no"\n')
    start_with(machine, '')
    wait_for(lambda: set(overridden(machine)) == {'TcpPort', 'TcpForwarding'})
    machine.remove('/etc/sysconfig/sshd')


@pytest.mark.parametrize('option, expected', [('-4', {('0.0.0.0', 2222)}),
                                              ('-6', {('[::]', 2222)})])
def test_one_family(machine, option, expected):
    start_with(machine, option)
    machine.apply({'TcpPort': 2222})
    assert ports(machine) == expected
    assert overridden(machine) == {}
    assert 'not-listening' not in machine.warnings()


def test_other_file(machine, key):
    """Checks, settings and conflicts are about the file that sshd reads."""
    machine.write(OTHER, INCLUDE + machine.read('/etc/ssh/sshd_config').replace(INCLUDE, '')
                  + 'Compression no\n')
    start_with(machine, f'-f {OTHER}')
    wait_for(lambda: machine.get('Compression') is False)
    machine.apply({'TcpPort': 2222})
    assert login(machine, key, 2222)
    assert ports(machine) == everywhere(2222)
    assert overridden(machine) == {}
    machine.write(OTHER, machine.read(OTHER) + 'Port 2223\n')
    with raises('Conflict', f'^TcpPort: .*{OTHER}:'):
        machine.apply({'TcpPort': 2224})
    machine.apply({'TcpPort': 2224}, replace_foreign=True)
    assert login(machine, key, 2224)


def test_other_file_without_ours(machine):
    machine.apply({'Compression': False})
    machine.write(OTHER, 'Port 2200\nUsePAM yes\n')
    start_with(machine, f'-f {OTHER}')
    assert ports(machine) == everywhere(2200)
    wait_for(lambda: machine.get('TcpPort') == 2200)
    wait_for(lambda: 'does not read' in overridden(machine).get('Compression', ''))
    with raises('ConfigRejected', f'^{OTHER}: sshd would not read {DROP_IN}'):
        machine.apply({'Compression': True})
    assert ports(machine) == everywhere(2200)


def test_sockets_of_systemd(machine, key):
    """A port on the command line means nothing to an sshd that gets its sockets."""
    start_with(machine, '-p 2200')
    activation.to_socket(machine)
    assert overridden(machine) == {}
    machine.apply({'TcpPort': 2222})
    assert activation.open_ports(machine) == activation.everywhere(2222)
    assert login(machine, key, 2222)
    machine.apply(reset=['TcpPort'])
    with raises('ConfigRejected', '^TcpPort: the option “-p”'):
        machine.apply({'TcpPort': 2222}, use_service=True)
    activation.check_back(machine)
    activation.to_service(machine)
