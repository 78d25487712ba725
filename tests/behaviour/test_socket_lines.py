# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the files of ssh.socket say: addresses stay, somebody else's wishes are asked about."""

import pytest

from harness import activation
from harness.activation import FILE, VENDOR, check_not_deaf, everywhere, open_ports
from harness.machine import raises, wait_for


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The machine changes over; the key of somebody who can log in."""
    machine.user_add('person')
    key = machine.key_add('person')
    activation.to_socket(machine)
    return key


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with the socket open and no sshd running."""
    yield
    activation.reset(machine)


def login(machine, key, port, **how):
    """Whether somebody can log in, which starts sshd."""
    return machine.ssh('person', 'true', key=key, port=port, **how).returncode == 0


@pytest.mark.parametrize('lines, before, after', [
    ('ListenStream=0.0.0.0:22', {('0.0.0.0', 22)}, {('0.0.0.0', 2222)}),
    ('ListenStream=[::]:22\nBindIPv6Only=ipv6-only', {('[::]', 22)}, {('[::]', 2222)}),
    ('BindIPv6Only=ipv6-only\nListenStream=0.0.0.0:22\nListenStream=[::]:22',
     {('0.0.0.0', 22), ('[::]', 22)}, {('0.0.0.0', 2222), ('[::]', 2222)}),
    ('ListenStream=127.0.0.1:22\nListenStream=127.0.0.1:23\nListenStream=/run/test-ssh',
     {('127.0.0.1', 22), ('127.0.0.1', 23)}, {('127.0.0.1', 2222)}),
])
def test_addresses_stay(machine, key, lines, before, after):
    activation.override_socket(machine, f'ListenStream=\n{lines}', VENDOR)
    assert open_ports(machine) == before
    wait_for(lambda: len(machine.get('ListenAddresses')) == len(before))
    several = len({port for _address, port in before}) > 1
    wait_for(lambda: ('not-expressible' in machine.warnings()) is several)
    machine.apply({'TcpPort': 2222})
    assert 'not-expressible' not in machine.warnings()
    check_not_deaf(machine, after)
    assert len(machine.get('ListenAddresses')) == len(after)
    host = '::1' if ('0.0.0.0', 2222) not in after and ('[::]', 2222) in after else '127.0.0.1'
    assert login(machine, key, 2222, host=host)
    assert machine.exists('/run/test-ssh') is ('test-ssh' in lines)
    machine.apply(reset=['TcpPort'])
    check_not_deaf(machine, before)


def test_lines_of_an_administrator(machine, key):
    path = '/etc/systemd/system/ssh.socket.d/override.conf'
    text = '[Socket]\n# mine\nListenStream=\nListenStream=2200\n'
    machine.write(path, text)
    machine.run('systemctl stop ssh.socket; systemctl daemon-reload; systemctl start ssh.socket')
    wait_for(lambda: machine.get('TcpPort') == 2200)
    with raises('Conflict', f'^TcpPort: .*{path}:4.*replace-foreign'):
        machine.apply({'TcpPort': 2222})
    assert open_ports(machine) == everywhere(2200)
    machine.apply({'TcpPort': 2200})  # it is the one that they say
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    check_not_deaf(machine, everywhere(2222))
    assert login(machine, key, 2222)
    machine.apply(reset=['TcpPort'])
    check_not_deaf(machine, everywhere(2200))
    assert machine.read(path) == text


def test_lines_behind_ours(machine):
    path = '/etc/systemd/system/ssh.socket.d/zzz.conf'
    machine.write(path, '[Socket]\nListenStream=\nListenStream=2200\n')
    machine.run('systemctl stop ssh.socket; systemctl daemon-reload; systemctl start ssh.socket')
    with raises('Conflict', f'^TcpPort: {path}:3 comes behind'):
        machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert open_ports(machine) == everywhere(2200)
    assert not machine.exists(FILE)
