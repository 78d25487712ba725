# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with a thousand interfaces."""

from gi.repository import Gio

from harness.bus import NAME, PATH
from harness.machine import wait_for

from .probes import OURS, latency, stop, timed
from .rows import Row, scaled

COUNT = 1000
NMCLI = ('import subprocess, time\n'
         'began = time.monotonic_ns ()\n'
         'subprocess.run (["nmcli", "device"], stdout=-3)\n'
         'print (time.monotonic_ns () - began)\n')


def plug(machine):
    """All of them, left alone by NetworkManager."""
    machine.write('/etc/NetworkManager/conf.d/90-many.conf',
                  '[device-many]\nmatch-device=interface-name:many*\nmanaged=0\n')
    machine.run(['nmcli', 'general', 'reload', 'conf'])
    batch = ''.join(f'link add many{i} type veth peer name many{i + 1}\n'
                    for i in range(0, COUNT, 2))
    machine.run(['ip', '-batch', '-'], input=batch, timeout=600)
    wait_for(lambda: machine.run(['nmcli', 'device'], timeout=120).stdout.count('many') == COUNT,
             120)


def ask(machine):
    """The listing, which nobody takes apart."""
    return machine.bus.call_sync(NAME, PATH, NAME, 'ListInterfaces', None, None,
                                 Gio.DBusCallFlags.NONE, 60000, None)


def compare(machine, rounds):
    """The first listing of a service, another one soon after, and nmcli."""
    plug(machine)
    found = {'first': [], 'next': [], 'nmcli': []}
    for _ in range(rounds):
        stop(machine, OURS)
        latency(machine, [OURS])
        for name in ('first', 'next'):
            found[name].append(timed(lambda: ask(machine)))
        found['nmcli'].append(int(machine.python(NMCLI).stdout))
    assert len(machine.call('ListInterfaces')) == COUNT
    nmcli = scaled(found['nmcli'], 'ms')
    return [Row(f'ListInterfaces, 1,000 veths{text}', 'ms', scaled(found[name], 'ms'),
                'nmcli device', nmcli, 0.3)
            for name, text in (('first', ''), ('next', ', again'))]
