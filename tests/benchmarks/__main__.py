# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure the service beside its neighbours, on a booted machine."""

import argparse
import json
import os
import pathlib
import sys
import tempfile

from harness import roots
from harness.build import Build, BuildFailed
from harness.jobs import wrap
from harness.machine import Machine

from . import apply, cold, groups, idle, interfaces, memory, page, size, subscribers, warm
from .rows import surroundings, table

COMPARISONS = {'cold': cold, 'warm': warm, 'apply': apply, 'memory': memory, 'groups': groups,
               'interfaces': interfaces, 'subscribers': subscribers, 'idle': idle, 'size': size,
               'page': page}
INSIDE = 'TRUENAS_SSH_BENCH'  # set in the process that may leave mounts and processes behind


def parse():
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog='tests/bench', description=__doc__,
        epilog='Every comparison has a fresh machine of its own. Values are medians, with the '
               'middle half in brackets.')
    parser.add_argument('names', nargs='*', metavar='COMPARISON',
                        help=f'only these: {", ".join(COMPARISONS)}')
    parser.add_argument('--release', choices=roots.RELEASES, default=roots.RELEASES[0])
    parser.add_argument('--rounds', type=int, default=20, help='of each comparison (20)')
    parser.add_argument('--json', type=pathlib.Path, metavar='FILE',
                        help='where the values go as well')
    given = parser.parse_args()
    for name in given.names:
        if name not in COMPARISONS:
            parser.error(f'{name}: no such comparison')
    return given


def measure(name, release, rounds, layer):
    """The rows of one comparison."""
    comparison = COMPARISONS[name]
    print(f'measuring: {name}', file=sys.stderr, flush=True)
    root = roots.root(release, getattr(comparison, 'PURPOSE', 'bench'))
    with Machine(root, layer, release) as machine:
        return comparison.compare(machine, rounds)


def save(path, release, found):
    """Write down what there is so far."""
    rows = {name: [row.data() for row in rows] for name, rows in found.items()}
    path.write_text(json.dumps({**surroundings(release), 'comparisons': rows}, indent=1,
                               ensure_ascii=False), 'utf-8')


def main():
    """Start over where nothing can be left behind, build, measure, tell."""
    given = parse()
    if INSIDE not in os.environ:
        os.environ[INSIDE] = '1'
        command = wrap([sys.executable, '-P', '-m', 'benchmarks', *sys.argv[1:]])
        os.execvp(command[0], command)
    found = {}
    with tempfile.TemporaryDirectory(prefix='truenas-ssh-bench-') as folder:
        build = Build(given.release, 'plain', pathlib.Path(folder), lasting=True)
        try:
            build.make()
        except BuildFailed as error:
            sys.exit(f'{error}\ntests/bench: the build failed')
        for name in given.names or COMPARISONS:
            found[name] = measure(name, given.release, given.rounds, build.layer)
            print(f'\n{table(found[name])}\n', flush=True)
            if given.json:
                save(given.json, given.release, found)


if __name__ == '__main__':
    main()
