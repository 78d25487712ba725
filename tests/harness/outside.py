# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""sshd as its clients find it, and the files of its configuration that are not ours."""

import re

from .bus import SETTINGS
from .container import wait_for
from .sshd import DROP_IN, ports, sockets

MAIN = '/etc/ssh/sshd_config'
FOLDER = '/etc/ssh/sshd_config.d'
FOREIGN = f'{FOLDER}/50-site.conf'

# Clients that are refused again and again would soon be ignored (OpenSSH >= 9.8).
PATIENT = f'{FOLDER}/99-patient.conf'


def offered(machine, user, **where):
    """The authentication methods that a client of USER is offered, before it tries any."""
    done = machine.ssh(user, 'true', **where)
    found = re.search(r'Permission denied \(([^)]*)\)', done.stderr)
    assert found, f'{done.returncode}: {done.stderr}'
    return set(found[1].split(',')) - {''}


def may(machine, user, **how):
    """Whether USER can log in."""
    done = machine.ssh(user, 'id', '-un', **how)
    assert done.returncode in (0, 255), done
    assert done.returncode or done.stdout == f'{user}\n', done
    return done.returncode == 0


def refuses_connections(machine, **where):
    """Whether nobody answers there."""
    done = machine.ssh('nobody', 'true', **where)
    return done.returncode == 255 and 'Connection refused' in done.stderr


def rules(machine):
    """The lines of our file that say something to sshd; empty without it."""
    if not machine.exists(DROP_IN):
        return []
    return [line for line in machine.read(DROP_IN).splitlines() if line and not line.startswith('#')]


def effective(machine, keyword, user=None, address='192.0.2.1', interface=None):
    """The one value of a keyword of sshd_config(5), for anybody or for USER from ADDRESS."""
    query = f'user={user},host=client.invalid,addr={address},laddr=192.0.2.2,lport=22'
    query += f',rdomain={interface}' if interface else ''
    found = machine.sshd_T(*(['-C', query] if user else []))
    assert len(found[keyword]) == 1, found[keyword]
    return found[keyword][0]


def reload(machine):
    """Have sshd read its files again, and wait until it listens where they say."""
    before = sockets(machine)
    # Without any port a Match LocalPort is fatal there.
    wanted = len(machine.sshd_T('-C', 'lport=1')['listenaddress'])
    machine.run(['systemctl', 'reload', 'ssh.service'])
    wait_for(lambda: len(sockets(machine) - before) == wanted == len(ports(machine)))


def write(machine, path, text):
    """Write a file of sshd's configuration and have sshd read it."""
    machine.write(path, text)
    reload(machine)


def foreign_files(machine):
    """The main file and those of its folder but ours: path → text."""
    paths = [MAIN, *(f'{FOLDER}/{each.name}' for each in machine.path(FOLDER).iterdir())]
    return {path: machine.read(path) for path in paths if path != DROP_IN}


def told(machine):
    """What the interface tells of every setting."""
    values = machine.properties()
    return {name: values[name] for name in SETTINGS}


def restore(machine, before):
    """Give every setting back to the system, and the files the text that they had."""
    if machine.exists(DROP_IN):
        machine.apply({}, reset=[*SETTINGS], overwrite_edits=True)
    now = foreign_files(machine)
    for path in now.keys() - before.keys():
        machine.remove(path)
    for path, text in before.items():
        if now.get(path) != text:
            machine.write(path, text)
    if now != before:
        reload(machine)
    assert not machine.exists(DROP_IN)
