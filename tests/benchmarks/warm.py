# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service that runs is asked for all properties."""

import statistics

from .probes import NEIGHBOURS, OURS, latency
from .rows import Row, scaled

CALLS = 200
DEPTH = 32
TARGETS = {'Ping of ours': OURS.ping(), **NEIGHBOURS}


def one_by_one(machine, rounds):
    """Median and the slowest hundredth."""
    found = latency(machine, [OURS, *TARGETS.values()], rounds, CALLS)
    medians = [scaled(map(statistics.median, each), 'µs') for each in found]
    slowest = [scaled((statistics.quantiles(each, n=100)[98] for each in lines), 'µs')
               for lines in found]
    rows = []
    for i, name in enumerate(TARGETS, 1):
        most = 1.3 if i == 1 else None
        rows.append(Row('warm GetAll, median', 'µs', medians[0], name, medians[i], most))
        rows.append(Row('warm GetAll, p99', 'µs', slowest[0], name, slowest[i], most))
    return rows


def pipelined(machine, rounds):
    """Many calls on their way at a time."""
    calls = CALLS * 5
    found = [[calls / (each[0] / 1e9) for each in lines]
             for lines in latency(machine, [OURS, *TARGETS.values()], rounds, calls, DEPTH)]
    return [Row(f'GetAll, {DEPTH} at a time', 'calls/s', found[0], name, found[i],
                least=1 if name == 'hostnamed' else None)
            for i, name in enumerate(TARGETS, 1)]


def compare(machine, rounds):
    """In turn, from one process."""
    latency(machine, [OURS, *TARGETS.values()], 1, CALLS)
    return one_by_one(machine, rounds) + pipelined(machine, rounds)
