# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A thousand clients wait for a change, each with a connection of its own."""

import subprocess
import time

from gi.repository import GLib

from harness.build import PROBES

from .probes import HOSTNAMED, OURS
from .rows import Row, scaled

USERS = 5  # the bus lets one have 256 connections
EACH = 200


class Watchers:
    """All of those that wait for one property of one service."""

    def __init__(self, machine, target, name):
        self.machine = machine
        self.processes = []
        for i in range(USERS):
            command = [f'{PROBES}/probe-subscribers', str(EACH), target.name, target.path, name]
            self.processes.append(machine.popen(command, user=f'watcher{i}', text=True,
                                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        for process in self.processes:
            assert process.stdout.readline() == 'ready\n'

    def end(self):
        """Let them go."""
        self.machine.run(['pkill', '-x', 'probe-subscribe'])
        for process in self.processes:
            process.wait()
            process.stdout.close()

    def times(self):
        """When the first and when the last was told of a change."""
        lines = [process.stdout.readline().split() for process in self.processes]
        return min(int(line[0]) for line in lines), max(int(line[1]) for line in lines)


def change_ours(machine, i):
    """A setting that goes back and forth."""
    machine.apply({'Compression': bool(i % 2)})


def change_hostname(machine, i):
    """A name that goes back and forth."""
    machine.call('SetStaticHostname', GLib.Variant('(sb)', (f'machine{i % 2}', False)),
                 interface=HOSTNAMED.interface, name=HOSTNAMED.name, path=HOSTNAMED.path)


CASES = {'ours': (OURS, 'Compression', change_ours),
         'hostnamed': (HOSTNAMED, 'StaticHostname', change_hostname)}


def measure(machine, case, rounds):
    """From the call to the last one, and from the first to the last."""
    target, name, change = CASES[case]
    whole, spread = [], []
    watchers = Watchers(machine, target, name)
    for i in range(rounds):
        began = time.monotonic_ns()
        change(machine, i)
        first, last = watchers.times()
        whole.append(last - began)
        spread.append(last - first)
    watchers.end()
    return scaled(whole, 'ms'), scaled(spread, 'ms')


def compare(machine, rounds):
    """A few rounds of the one, then of the other, and again, as all cannot be connected at once."""
    machine.key_add('root')
    for i in range(USERS):
        machine.user_add(f'watcher{i}')
    change_ours(machine, 1)
    change_hostname(machine, 1)
    found = {name: ([], []) for name in CASES}
    for _ in range(max(1, rounds // 10)):
        for name in CASES:
            for values, more in zip(found[name], measure(machine, name, min(rounds, 10))):
                values.extend(more)
    return [Row('1,000 subscribers, from the call', 'ms', found['ours'][0],
                'hostnamed', found['hostnamed'][0], 1),
            Row('1,000 subscribers, first to last', 'ms', found['ours'][1],
                'hostnamed', found['hostnamed'][1])]
