# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a bound service does while nothing changes, and while much does."""

import re
import time

from .probes import OURS, pid
from .rows import Row

SECONDS = 60
CHANGES = 1000
ALONE = 130  # seconds; it looks whether a caller is still there after one minute, and after two


def switches(machine, number):
    """How often the threads of a process have been woken."""
    text = machine.run(f'cat /proc/{number}/task/*/status').stdout
    return sum(map(int, re.findall(r'^voluntary_ctxt_switches:\s+(\d+)', text, re.M)))


def processor(machine, number):
    """Its processor time in ms."""
    text = machine.run(f'cat /proc/{number}/task/*/schedstat').stdout
    return sum(int(line.split()[0]) for line in text.splitlines()) / 1e6


def reloads(machine):
    """How often sshd has been told to read its configuration."""
    return machine.journal('ssh.service').count('Received SIGHUP')


def burst(machine, device):
    """Many addresses come and go."""
    lines = ''.join(f'address add 10.99.{i // 250}.{i % 250 + 1}/32 dev {device}\n'
                    f'address del 10.99.{i // 250}.{i % 250 + 1}/32 dev {device}\n'
                    for i in range(CHANGES // 2))
    machine.run(['ip', '-batch', '-'], input=lines, timeout=300)
    time.sleep(5)


def compare(machine, _rounds):
    """One after the other, on one machine."""
    machine.key_add('root')
    for i, name in enumerate(('lan0', 'lan1')):
        machine.add_interface(name, f'10.2{i}.0.1/24', f'10.2{i}.0.2/24')
    machine.apply({'BindInterfaces': ['lan0']})
    machine.disconnect()  # no caller is there to be looked after
    time.sleep(ALONE)
    number = pid(machine, OURS)
    before = switches(machine, number)
    time.sleep(SECONDS)
    rows = [Row(f'wake-ups in {SECONDS} s, bound, nothing changes', '',
                [switches(machine, number) - before], most=0)]
    for device, what in (('lan0', 'the bound'), ('lan1', 'another')):
        counts = (reloads(machine), processor(machine, number), switches(machine, number))
        burst(machine, device)
        label = f'{CHANGES} addresses of {what} interface'
        rows += [Row(f'{label}: reloads', '', [reloads(machine) - counts[0]], most=1),
                 Row(f'{label}: processor', 'ms', [processor(machine, number) - counts[1]]),
                 Row(f'{label}: wake-ups', '', [switches(machine, number) - counts[2]])]
    return rows
