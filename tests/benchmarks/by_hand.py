# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the machine: the time from asking for another port until sshd listens there, in each way.

Takes the number of rounds, and prints an object of lists of nanoseconds.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

from gi.repository import Gio, GLib

MAIN = '/etc/ssh/sshd_config'
FOLDER = '/etc/ssh/sshd_config.d'
FILE = f'{FOLDER}/50-hand.conf'
PLAYBOOK = '/root/port.yml'
SYSTEMD = ('org.freedesktop.systemd1', '/org/freedesktop/systemd1',
           'org.freedesktop.systemd1.Manager')
OURS = ('org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH')
PLAY = f'''
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - lineinfile:
        path: {FILE}
        create: true
        regexp: '^Port '
        line: 'Port {{{{ port }}}}'
        validate: '/usr/sbin/sshd -t -f %s'
      notify: reload
  handlers:
    - name: reload
      systemd:
        name: ssh.service
        state: reloaded
'''


def run(*command):
    """Run a program, in silence."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def listens(port):
    """Whether anybody listens on a port of IPv4."""
    lines = pathlib.Path('/proc/net/tcp').read_text('ascii').splitlines()
    return any(f':{port:04X} ' in line and ' 0A ' in line for line in lines)


def wait(port):
    """Until it is so."""
    while not listens(port):
        time.sleep(0.0005)


def call(bus, target, method, arguments):
    """Call a method, and wait for its answer."""
    bus.call_sync(*target, method, arguments, None, Gio.DBusCallFlags.NONE, 60000, None)


def apply(bus, settings, reset=()):
    """Ask the service."""
    options = {'reset': GLib.Variant('as', reset)} if reset else {}
    call(bus, OURS, 'Apply', GLib.Variant('(a{sv}a{sv})', (settings, options)))


def with_service(bus, port):
    """The service proves it before it answers."""
    apply(bus, {'TcpPort': GLib.Variant('q', port)})


def with_bare_steps(bus, port):
    """Write, durably; sshd -t; reload."""
    with open(f'{FILE}.new', 'w', encoding='utf-8') as file:
        file.write(f'Port {port}\n')
        file.flush()
        os.fsync(file.fileno())
    os.rename(f'{FILE}.new', FILE)
    folder = os.open(FOLDER, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    run('/usr/sbin/sshd', '-t')
    call(bus, SYSTEMD, 'ReloadUnit', GLib.Variant('(ss)', ('ssh.service', 'replace')))
    wait(port)


def with_ansible(_bus, port):
    """A playbook of one task and a handler."""
    run('ansible-playbook', '-i', 'localhost,', '-e', f'port={port}', PLAYBOOK)
    wait(port)


def with_augtool(_bus, port):
    """With the one lens that it takes."""
    run('augtool', '--noautoload', '--transform', f'Sshd incl {MAIN}', '--autosave',
        'set', f'/files{MAIN}/Port', str(port))
    run('systemctl', 'reload', 'ssh.service')
    wait(port)


def back(bus, text):
    """As it was, at rest."""
    apply(bus, {}, ['TcpPort'])
    pathlib.Path(FILE).unlink(missing_ok=True)
    pathlib.Path(MAIN).write_text(text, 'utf-8')
    run('systemctl', 'reload', 'ssh.service')
    wait(22)
    time.sleep(0.3)  # of hints that files have changed


WAYS = {'ours': with_service, 'bare steps': with_bare_steps, 'augtool': with_augtool,
        'Ansible': with_ansible}


def main():
    """Each way in each round, every time to a port that is new."""
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    text = pathlib.Path(MAIN).read_text('utf-8')
    pathlib.Path(PLAYBOOK).write_text(PLAY, 'utf-8')
    found = {name: [] for name in WAYS}
    port = 2200
    for _ in range(int(sys.argv[1])):
        for name, way in WAYS.items():
            port += 1
            began = time.monotonic_ns()
            way(bus, port)
            found[name].append(time.monotonic_ns() - began)
            back(bus, text)
    json.dump(found, sys.stdout)


if __name__ == '__main__':
    main()
