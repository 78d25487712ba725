# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed, and what is loaded at the start."""

import os
import shutil
import subprocess
import tempfile

from .probes import HOSTNAMED, OURS, POWER, latency, pid
from .rows import Row


def size(path):
    """The size of a program in kB, without symbols where there is something to strip them with."""
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copy(path, copy.name)
        if shutil.which('strip'):
            subprocess.run(['strip', copy.name], check=True)
        return os.stat(copy.name).st_size / 1024


def libraries(machine, target):
    """How many libraries a running service has loaded."""
    latency(machine, [target])
    text = machine.read(f'/proc/{pid(machine, target)}/maps')
    return len({line.split()[-1] for line in text.splitlines()
                if '.so' in line and line.split()[-1].startswith('/')})


def program(machine, target):
    """The program that a service runs."""
    return machine.path(os.readlink(machine.path(f'/proc/{pid(machine, target)}/exe')))


def compare(machine, _rounds):
    """Ours beside those of others; programs stripped, as they are installed."""
    rows = []
    count = libraries(machine, OURS)
    ours = size(program(machine, OURS))
    for name, target in (('hostnamed', HOSTNAMED), ('power-profiles-daemon', POWER)):
        other = libraries(machine, target)
        rows += [Row('libraries loaded', '', [count], name, [other]),
                 Row('the program', 'kB', [ours], name, [size(program(machine, target))])]
    return rows
