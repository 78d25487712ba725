# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine on which ssh.socket listens and starts sshd for the first connection."""

import re

from .container import wait_for
from .sshd import DROP_IN

FILE = '/etc/systemd/system/ssh.socket.d/zz-truenas.conf'
VENDOR = '/usr/lib/systemd/system/ssh.socket.d/10-vendor.conf'
OVERRIDE = '/run/systemd/system/ssh.socket.d/90-test.conf'

# Somebody else's programs on a port.
THIEF = '''[Service]
Type=exec
ExecStart=/usr/bin/socat TCP6-LISTEN:{port},bind=[::] STDOUT
ExecStartPost=/bin/sh -c "until ss -Hlnt sport = :{port} | grep -q .; do sleep 0.01; done"
'''


def everywhere(port):
    """What open_ports () gives where a port is open to both families with one socket."""
    return {('*', port)}


def open_ports(machine):
    """Where connections are taken, by systemd or sshd: {(address, port)}.

    systemd holds the sockets itself, and sshd the same ones while it runs.
    """
    return {(address, port) for address, port, process in machine.listening()
            if process.startswith('sshd') or process == 'systemd'}


def socket_inodes(machine):
    """The inodes of the sockets of open_ports ()."""
    text = machine.run(['ss', '-H', '-lntpe']).stdout
    return {re.search(r'ino:(\d+)', line)[1] for line in text.splitlines()
            if '"systemd"' in line or '"sshd' in line}


def state(machine, unit):
    """(whether it starts at boot, its state) of a unit, as systemd has it."""
    enabled = machine.run(['systemctl', 'is-enabled', unit], check=False).stdout.strip()
    return enabled, machine.show(unit, 'ActiveState')


def to_socket(machine):
    """Change over from ssh.service to ssh.socket."""
    machine.run('systemctl disable --quiet --now ssh.service;'
                ' systemctl enable --quiet --now ssh.socket')
    wait_for(lambda: machine.get('Unit') == 'ssh.socket')


def to_service(machine):
    """Change over from ssh.socket to ssh.service."""
    machine.run('systemctl disable --quiet --now ssh.socket; systemctl stop ssh.service;'
                ' systemctl enable --quiet --now ssh.service')
    wait_for(lambda: machine.get('Unit') == 'ssh.service')


def reset(machine):
    """The socket is open as the package has it and no sshd runs, whatever a test has done."""
    if machine.get('PendingDeadline'):
        wait_for(lambda: machine.get('PendingDeadline') == 0, 20)
    machine.run('systemctl stop ssh.socket ssh.service thief.service;'
                f' rm -f /etc/ssh/sshd_config.d/* {VENDOR} {OVERRIDE};'
                ' rm -rf /etc/systemd/system/ssh.socket.d /run/systemd/system/ssh.service.d;'
                ' systemctl disable --quiet ssh.service; systemctl enable --quiet ssh.socket;'
                ' systemctl daemon-reload;'
                ' systemctl reset-failed ssh.socket ssh.service thief.service;'
                ' systemctl start ssh.socket')
    wait_for(lambda: open_ports(machine) == everywhere(22))
    wait_for(lambda: machine.get('ManagedSettings') == [] and machine.get('Unit') == 'ssh.socket'
             and machine.get('ActiveState') == 'active')


def override_socket(machine, text, path=OVERRIDE):
    """Add lines to the section [Socket] of ssh.socket, and open it again."""
    machine.write(path, f'[Socket]\n{text}\n')
    machine.run('systemctl stop ssh.socket ssh.service; systemctl daemon-reload;'
                ' systemctl start ssh.socket')


def check_not_deaf(machine, expected):
    """What is open stays so when systemd reads its files again, as after any package."""
    assert open_ports(machine) == expected
    machine.run(['systemctl', 'daemon-reload'])
    assert open_ports(machine) == expected
    stale = machine.show('ssh.socket', 'NeedDaemonReload')
    assert stale == 'no', (stale, machine.show('ssh.socket', 'DropInPaths'))


def check_back(machine, port=22):
    """Nothing is left of a change; it may just have been undone by somebody else."""
    wait_for(lambda: not machine.exists('/var/lib/truenas-ssh/journal'), 30)
    check_not_deaf(machine, everywhere(port))
    assert not machine.exists(FILE)
    assert not machine.exists(DROP_IN)
    wait_for(lambda: (machine.get('TcpPort'), machine.get('Unit')) == (port, 'ssh.socket'))


def settle(machine, outcome, seconds=30):
    """Wait until the last change has come to an outcome."""
    wait_for(lambda: machine.get('LastChange').get('outcome') == outcome, seconds)
