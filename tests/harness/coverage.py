# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests reach, counted by the programs themselves on the booted machines."""

import argparse
import functools
import json
import os
import pathlib
import sys
import tempfile

from . import roots
from .__main__ import BEHAVIOUR, PACKAGES, PAGE, RIG, behaviour, make, show, test_files, unit_tests
from .build import COUNTERS, Build
from .container import remove_stale_cgroups
from .jobs import Jobs

RELEASE = roots.RELEASES[0]
COUNT = ('find build -name "*.gcda" -empty -delete; gcovr --root /src --filter /src/daemon/ '
         '--filter /src/introspection/ --json build/counted.json --exclude-unreachable-branches'
         ' --exclude-throw-branches build 2>&1')


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog='tests/coverage', description='Build the service so that it counts which of its lines'
        ' and branches are reached, run the unit tests and the behaviour tests, and print a table.'
        ' Rigs, the page and the packages are left out: they try other builds.')
    parser.add_argument('files', nargs='*', metavar='FILE', help='behaviour tests, all by default')
    parser.add_argument('--no-behaviour', action='store_true', help='the unit tests alone')
    parser.add_argument('--missing', metavar='NAME', action='append', default=[],
                        help='also print the lines and branches of NAME.c that nothing reached')
    parser.add_argument('--jobs', type=int, default=2 * (os.cpu_count() or 1),
                        help='how many at once')
    parser.set_defaults(full=False, k=None)
    return parser.parse_args()


def wanted(given):
    """The files of behaviour tests to run."""
    if given.no_behaviour:
        return []
    if given.files:
        return test_files(given)
    return [path for path in sorted(BEHAVIOUR.glob('test_*.py'))
            if not any(map(path.match, (RIG, PAGE, PACKAGES)))]


def open_counters(build):
    """Have an empty file for each counter, which whoever runs a program may write."""
    for notes in build.objects.rglob('*.gcno'):
        counter = notes.with_suffix('.gcda')
        counter.touch()
        counter.chmod(0o666)


def prepare(build):
    """A job: the build, and where it counts."""
    result = make(build)
    open_counters(build)
    return result


def count(build):
    """What was counted: file → list of (line, times, list of times of its branches)."""
    status, text = build.inside(COUNT)
    if status:
        sys.exit(f'tests/coverage: gcovr failed:\n{text}')
    counted = json.loads((build.objects / 'counted.json').read_text('utf-8'))
    return {each['file']: [(line['line_number'], line['count'],
                            [branch['count'] for branch in line['branches']])
                           for line in each['lines'] if not line.get('gcovr/noncode')]
            for each in counted['files'] if each['file'].endswith('.c')}


def share(reached, all_of_them):
    """In percent, never rounded up to all."""
    return f'{1000 * reached // all_of_them / 10:.1f} %' if all_of_them else '-'


def row(name, lines):
    """One line of the table."""
    branches = [times for _line, _times, each in lines for times in each]
    reached = sum(times > 0 for _line, times, _each in lines)
    taken = sum(times > 0 for times in branches)
    return (f'{name:44} {reached:5} / {len(lines):5} {share(reached, len(lines)):>8}'
            f' {taken:6} / {len(branches):5} {share(taken, len(branches)):>8}')


def print_table(counted, missing):
    """The table, and what is missing in some of its files."""
    print(f'{"":44} {"lines":>22} {"branches":>23}')
    for name, lines in sorted(counted.items()):
        print(row(name, lines))
    print(row('all', [line for lines in counted.values() for line in lines]))
    for name, lines in sorted(counted.items()):
        if pathlib.PurePath(name).stem in missing:
            print(f'\n{name}')
            print('  lines:', *(line for line, times, _each in lines if not times))
            print('  branches:', *(line for line, times, each in lines if times and 0 in each))


def main():
    """Count; returns the exit status."""
    given = arguments()
    remove_stale_cgroups()
    roots.root(RELEASE)
    with tempfile.TemporaryDirectory(prefix='truenas-ssh-coverage-',
                                     ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        build = Build(RELEASE, 'coverage', folder)
        os.environ[COUNTERS] = str(build.objects)
        jobs = Jobs(functools.partial(show, verbose=False))
        built = jobs.add('build', functools.partial(prepare, build))
        jobs.add('unit tests', functools.partial(unit_tests, build, False), [built])
        for path in wanted(given):
            jobs.add(path.name, functools.partial(behaviour, build, 'plain', path, folder, given),
                     [built])
        try:
            passed, failed = jobs.run(given.jobs)
        finally:
            jobs.stop()
        if not built.result.failed:
            print_table(count(build), given.missing)
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main())
