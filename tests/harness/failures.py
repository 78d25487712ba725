# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ways in which sshd fails once a change has replaced its files: the change to port 2222."""

from .sshd import DROP_IN, administrator, everywhere, files, override, ports, reset

# The lines of [Service] of ssh.service. In each the new settings' own file makes the difference,
# so that the settings from before work.
HUP = 'ExecReload=/bin/kill -HUP $MAINPID\n'
IF_NEW = f'grep -qs ^Port.2222 {DROP_IN}'
WAYS = {
    'port is taken just before the reload':
        f'ExecReload=/bin/sh -c "if {IF_NEW}; then systemctl start thief; fi"\n{HUP}',
    'reload fails': 'ExecReload=/bin/false',
    'reload fails after sshd was told': f'{HUP}ExecReload=/bin/sleep 0.1\nExecReload=/bin/false',
    'reload does nothing': 'ExecReload=/bin/true',
    'sshd dies at once and stays dead':
        f'Restart=no\nExecReload=/bin/sh -c "if {IF_NEW}; then kill -KILL $MAINPID;'
        ' else kill -HUP $MAINPID; fi"',
    'sshd is stopped by the reload':
        f'ExecReload=/bin/sh -c "if {IF_NEW}; then kill -TERM $MAINPID;'
        ' else kill -HUP $MAINPID; fi"',
}

# Somebody else who wants port 2222.
THIEF = '''[Service]
Type=exec
ExecStart=/usr/bin/socat TCP6-LISTEN:2222,bind=[::] STDOUT
ExecStartPost=/bin/sh -c "until ss -Hlnt sport = :2222 | grep -q .; do sleep 0.01; done"
'''


def prepare(machine):
    """Add what the ways need; returns the key of a user "person"."""
    machine.write('/run/systemd/system/thief.service', THIEF)
    machine.run(['systemctl', 'daemon-reload'])
    administrator(machine)
    machine.user_add('person')
    return machine.key_add('person')


def fail(machine, name):
    """From now on the change fails in this way."""
    override(machine, f'ExecReload=\n{WAYS[name]}')


def wrap_sshd(machine, script):
    """Put a bash SCRIPT before sshd; "$@" are its arguments, which the script may set anew."""
    machine.run(['mv', '/usr/sbin/sshd', '/usr/sbin/sshd.real'])
    machine.write('/usr/sbin/sshd',
                  f'#!/bin/bash\n{script}\n'
                  'exec -a /usr/sbin/sshd /usr/sbin/sshd.real "$@"\n', 0o755)


def clean(machine):
    """Nothing fails any more, and sshd is as the package has it."""
    machine.run('systemctl stop thief; [ ! -e /usr/sbin/sshd.real ]'
                ' || mv /usr/sbin/sshd.real /usr/sbin/sshd')
    reset(machine)


def check_back(machine, key, before, generation, port=22):
    """Sshd, files and properties are as before, and the change is on record."""
    assert ports(machine) == everywhere(port)
    assert files(machine) == before
    assert machine.ssh('person', 'true', key=key, port=port).returncode == 0
    assert machine.show('ssh.service', 'ActiveState') == 'active'
    assert machine.get('TcpPort') == port
    assert machine.get('ActiveState') == 'active'
    assert machine.get('Generation') > generation + 1  # which was the change's
    last = machine.get('LastChange')
    assert last['outcome'] == 'rolled-back'
    assert last['generation'] == machine.get('Generation')
    assert last['reason']
