# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed, and what is loaded at the start."""

import os

from .probes import HOSTNAMED, OURS, POWER, latency, pid
from .rows import Row


def size(machine, *paths):
    """The size of files in kB."""
    return sum(os.stat(machine.path(path)).st_size for path in paths) / 1024


def libraries(machine, target):
    """How many libraries a running service has loaded."""
    latency(machine, [target])
    text = machine.read(f'/proc/{pid(machine, target)}/maps')
    return len({line.split()[-1] for line in text.splitlines()
                if '.so' in line and line.split()[-1].startswith('/')})


def program(machine, target):
    """The program that a service runs."""
    return os.readlink(machine.path(f'/proc/{pid(machine, target)}/exe'))


def compare(machine, _rounds):
    """Ours beside those of others; programs stripped, as they are installed."""
    rows = []
    count = libraries(machine, OURS)
    machine.run(['cp', program(machine, OURS), '/tmp/daemon'])
    stripped = machine.run('command -v strip && strip /tmp/daemon', check=False).returncode == 0
    word = 'the program' if stripped else 'the program, with symbols'
    for name, target in (('hostnamed', HOSTNAMED), ('power-profiles-daemon', POWER)):
        other = libraries(machine, target)
        rows += [Row('libraries loaded', '', [count], name, [other]),
                 Row(word, 'kB', [size(machine, '/tmp/daemon')], name,
                     [size(machine, program(machine, target))])]
    return rows
