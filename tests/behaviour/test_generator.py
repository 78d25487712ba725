# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A generator that derives ssh.socket's addresses from sshd's configuration, as Ubuntu has one."""

import pytest

from harness import activation
from harness.activation import FILE, VENDOR, check_not_deaf, open_ports
from harness.machine import wait_for
from harness.sshd import Session

GENERATOR = '/etc/systemd/system-generators/test-sshd-socket-generator'
UNIT = 'ListenStream=\nBindIPv6Only=ipv6-only\nListenStream=0.0.0.0:22\nListenStream=[::]:22\n'

# Takes Port, and the address of ListenAddress, whatever rdomain says; where there is neither it
# says nothing, or, if it is stubborn, the usual port.
SCRIPT = r'''#!/bin/sh
folder=${FOLDER}/ssh.socket.d
lines=$(cat /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config 2>/dev/null)
ports=$(echo "$lines" | sed -n 's/^Port \([0-9]*\)$/\1/p')
addresses=$(echo "$lines" | sed -n 's/^ListenAddress \([^ ]*\).*/\1/p')
if [ -z "$addresses" ]; then
    for port in ${STUBBORN:-$ports}; do addresses="$addresses 0.0.0.0:$port [::]:$port"; done
fi
[ "$addresses" ] || exit 0
mkdir -p "$folder"
{
    echo '[Socket]'
    echo 'ListenStream='
    for address in $addresses; do echo "ListenStream=$address"; done
} >"$folder/addresses.conf"
'''


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The machine changes over; the key of somebody who can log in."""
    machine.user_add('person')
    key = machine.key_add('person')
    activation.to_socket(machine)
    return key


@pytest.fixture(params=['$1', '$3'])
def folder(machine, request):
    """Where the generator writes: its usual folder, or the one that comes late."""
    machine.write(VENDOR, f'[Socket]\n{UNIT}')
    yield request.param
    machine.remove(GENERATOR)
    activation.reset(machine)


def both(port):
    """What is open where each family has a socket of its own."""
    return {('0.0.0.0', port), ('[::]', port)}


def install(machine, folder, stubborn=''):
    """Have systemd run the generator."""
    script = SCRIPT.replace('${FOLDER}', folder).replace('${STUBBORN:-$ports}',
                                                         stubborn or '$ports')
    machine.write(GENERATOR, script, 0o755)
    machine.run('systemctl stop ssh.socket ssh.service; systemctl daemon-reload;'
                ' systemctl start ssh.socket')
    wait_for(lambda: len(machine.get('ListenAddresses')) == 2)


def generated(machine):
    """What it has written last; None: nothing."""
    for name in ('generator', 'generator.late'):
        path = f'/run/systemd/{name}/ssh.socket.d/addresses.conf'
        if machine.exists(path):
            return machine.read(path)
    return None


def login(machine, key, port):
    """Whether somebody can log in, which starts sshd."""
    return machine.ssh('person', 'true', key=key, port=port).returncode == 0


@pytest.mark.parametrize('stubborn', ['', '22'])
def test_port_is_ours(machine, key, folder, stubborn):
    install(machine, folder, stubborn)
    assert open_ports(machine) == both(22)
    with Session(machine, 'person', key=key) as session:
        machine.apply({'TcpPort': 2222})
        assert f':{stubborn or 2222}\n' in generated(machine)
        check_not_deaf(machine, both(2222))
        assert login(machine, key, 2222)
        machine.run('systemctl stop ssh.socket ssh.service; systemctl start ssh.socket')
        check_not_deaf(machine, both(2222))
        machine.call('Restart')
        check_not_deaf(machine, both(2222))
        assert session.lives()
    machine.reboot()
    check_not_deaf(machine, both(2222))
    assert f':{stubborn or 2222}\n' in generated(machine)
    assert login(machine, key, 2222)
    assert machine.warnings().keys().isdisjoint({'socket-activated', 'not-listening'})

    machine.apply({'TcpPort': 2223})
    check_not_deaf(machine, both(2223))
    machine.apply(reset=['TcpPort'])
    assert not machine.exists(FILE)
    check_not_deaf(machine, both(22))
    assert login(machine, key, 22)


def test_pending_change_over_a_boot(machine, key, folder):
    install(machine, folder)
    machine.apply({'TcpPort': 2222}, confirm_timeout=3600)
    machine.reboot()
    check_not_deaf(machine, both(22))
    assert generated(machine) is None
    assert login(machine, key, 22)
