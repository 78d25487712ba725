# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service that does not run is called, and answers."""

from .probes import NEIGHBOURS, OURS, latency, stop
from .rows import Row, scaled

MOST = {'hostnamed': 0.6}


def compare(machine, rounds):
    """Until GetAll answers."""
    targets = {'ours': OURS, **NEIGHBOURS}
    found = {name: [] for name in targets}
    for _ in range(rounds):
        for name, target in targets.items():
            stop(machine, target)
            found[name].append(latency(machine, [target])[0][0][0])
    ours = scaled(found['ours'], 'ms')
    return [Row('cold GetAll', 'ms', ours, name, scaled(found[name], 'ms'), MOST.get(name))
            for name in NEIGHBOURS]
