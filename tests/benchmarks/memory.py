# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a service keeps in memory when it has nothing to do."""

import re
import subprocess
import time

from harness.build import PROBES

from .probes import HOSTNAMED, OURS, POLKITD, latency, pid, stop
from .rows import Row

SETTLED = 0.5  # seconds after the answer


def resident(machine, number, name='VmRSS'):
    """In MB; VmRSS counts what is shared, RssAnon does not."""
    status = machine.read(f'/proc/{number}/status')
    return int(re.search(rf'^{name}:\s+(\d+)', status, re.M)[1]) / 1024


def started(machine, target):
    """A service that has just been started and has answered once."""
    stop(machine, target)
    latency(machine, [target])
    time.sleep(SETTLED)
    return pid(machine, target)


def bare(machine):
    """The memory of a program that knows NetworkManager's objects."""
    with machine.popen([f'{PROBES}/probe-client'], stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        number = machine.run(['pgrep', '-x', 'probe-client']).stdout.split()[0]
        found = resident(machine, number)
        machine.run(['kill', number])
    return found


def plain(machine, rounds):
    """Nothing set; NetworkManager is not needed."""
    targets = {'ours': OURS, 'hostnamed': HOSTNAMED, 'polkitd': POLKITD}
    found = {(name, kind): [] for name in targets for kind in ('VmRSS', 'RssAnon')}
    for _ in range(rounds):
        for name, target in targets.items():
            number = started(machine, target)
            for kind in ('VmRSS', 'RssAnon'):
                found[name, kind].append(resident(machine, number, kind))
    rows = []
    for kind, what in (('VmRSS', 'memory, resident'), ('RssAnon', 'memory, its own part')):
        for name in ('hostnamed', 'polkitd'):
            most = 1 if kind == 'VmRSS' and name == 'hostnamed' else None
            rows.append(Row(what, 'MB', found['ours', kind], name, found[name, kind], most))
    return rows


def bound(machine, rounds):
    """Bound to an interface, and beside it a program that only has an NMClient."""
    machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')
    machine.apply({'BindInterfaces': ['lan0']})
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(resident(machine, started(machine, OURS)))
        theirs.append(bare(machine))
    return [Row('memory, bound to an interface', 'MB', ours, 'a bare NMClient', theirs, 1.2)]


def compare(machine, rounds):
    """Each started anew in each round."""
    machine.key_add('root')
    return plain(machine, rounds) + bound(machine, rounds)
