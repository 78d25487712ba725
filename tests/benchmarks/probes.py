# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients inside the machine, and what there is to be asked."""

import time
import typing

from harness.build import PROBES


class Target(typing.NamedTuple):
    """A service: its unit, and the object whose properties are read."""

    unit: str
    name: str
    path: str
    interface: str

    def ping(self):
        """The same, without anything to do."""
        return self._replace(interface='-')


OURS = Target('truenas-ssh', 'org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH')
HOSTNAMED = Target('systemd-hostnamed', 'org.freedesktop.hostname1', '/org/freedesktop/hostname1',
                   'org.freedesktop.hostname1')
TIMEDATED = Target('systemd-timedated', 'org.freedesktop.timedate1', '/org/freedesktop/timedate1',
                   'org.freedesktop.timedate1')
POLKITD = Target('polkit', 'org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority',
                 'org.freedesktop.PolicyKit1.Authority')
POWER = Target('power-profiles-daemon', 'net.hadess.PowerProfiles', '/net/hadess/PowerProfiles',
               'net.hadess.PowerProfiles')
NEIGHBOURS = {'hostnamed': HOSTNAMED, 'timedated': TIMEDATED, 'polkitd': POLKITD}


def latency(machine, targets, rounds=1, calls=1, depth=1):
    """For each target a list of rounds, each a list of nanoseconds."""
    words = [word for target in targets for word in target[1:]]
    done = machine.run([f'{PROBES}/probe-latency', str(rounds), str(calls), str(depth), *words],
                       timeout=600)
    lines = [[int(word) for word in line.split()] for line in done.stdout.splitlines()]
    return [lines[i::len(targets)] for i in range(len(targets))]


def pid(machine, target):
    """The main process of a service that runs."""
    return int(machine.show(f'{target.unit}.service', 'MainPID'))


def stop(machine, target):
    """Stop a service, and let systemd come to rest."""
    machine.run(['systemctl', 'stop', f'{target.unit}.service'])
    machine.run(['systemctl', 'reset-failed'])
    time.sleep(0.05)


def timed(function):
    """How long it took, in nanoseconds."""
    began = time.monotonic_ns()
    function()
    return time.monotonic_ns() - began
