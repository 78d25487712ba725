# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with a hundred thousand groups."""

from gi.repository import GLib

from .probes import timed
from .rows import Row, scaled

COUNT = 100000
PREFIX = 'bulk0123'


def compare(machine, rounds):
    """Those that begin with something, after the file has changed and again; and getent's."""
    lines = ''.join(f'bulk{i:06}:x:{200000 + i}:\n' for i in range(COUNT))
    machine.write('/etc/group', machine.read('/etc/group') + lines)
    found = {'cold': [], 'warm': [], 'getent': []}
    ask = GLib.Variant('(su)', (PREFIX, 1000))
    # The shell is there already: only what it starts counts.
    script = ('import subprocess, time\n'
              'began = time.monotonic_ns ()\n'
              f'subprocess.run ("getent group | grep ^{PREFIX}", shell=True, stdout=-3)\n'
              'print (time.monotonic_ns () - began)\n')
    machine.get('TcpPort')
    for _ in range(rounds):
        machine.run(['touch', '/etc/group'])
        found['cold'].append(timed(lambda: machine.call('ListGroups', ask)))
        found['warm'].append(timed(lambda: machine.call('ListGroups', ask)))
        found['getent'].append(int(machine.python(script).stdout))
    assert len(machine.call('ListGroups', ask)) == 100
    getent = scaled(found['getent'], 'ms')
    return [Row('ListGroups, 100,000 groups', 'ms', scaled(found['cold'], 'ms'), 'getent and grep',
                getent, 1),
            Row('the same again', 'ms', scaled(found['warm'], 'ms'), most=5)]
