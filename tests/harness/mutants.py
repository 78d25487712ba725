# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One mistake after the other in a copy of the tree: do the tests catch it? See tests/mutants."""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import time

from . import roots
from .build import SOURCE, Build, tracked
from .container import remove_stale_cgroups
from .jobs import contained, end_children
from .mutations import MUTANTS

RELEASE = roots.RELEASES[0]
BEHAVIOUR = SOURCE / 'tests/behaviour'
SECONDS = 900


def problems(mutants=MUTANTS):
    """What is wrong with the table, a line each."""
    found = []
    names = [each.name for each in mutants]
    for each in mutants:
        if names.count(each.name) > 1:
            found.append(f'{each.name}: is there twice')
        number = (SOURCE / each.file).read_text('utf-8').count(each.old)
        if number != 1:
            found.append(f'{each.name}: its text is {number} times in {each.file}')
        for test in each.tests:
            kind, _colon, rest = test.partition(':')
            path = BEHAVIOUR / kind if kind != 'unit' else SOURCE / f'tests/unit/test-{rest}.c'
            if not path.exists():
                found.append(f'{each.name}: {test}: no such tests')
    return found


class Bench:
    """A copy of the tree, and what is compiled of it from mutant to mutant."""

    def __init__(self, folder):
        self.folder = folder
        self.source = folder / 'source'
        self.objects = folder / 'objects'
        for name in tracked('*'):
            target = self.source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / name, target)

    def build(self, name):
        """A build of the copy as it is now; raises BuildFailed."""
        folder = self.folder / name
        folder.mkdir()
        build = Build(RELEASE, 'mutant', folder, source=self.source)
        build.objects = self.objects
        build.make()
        return build

    def text(self, mutant):
        """The file without the mistake."""
        return (SOURCE / mutant.file).read_text('utf-8')

    def spoil(self, mutant):
        """Put the mistake in."""
        text = self.text(mutant).replace(mutant.old, mutant.new)
        (self.source / mutant.file).write_text(text, 'utf-8')

    def mend(self, mutant):
        """Take it out again."""
        (self.source / mutant.file).write_text(self.text(mutant), 'utf-8')

    def catches(self, mutant):
        """Which test fails with the mistake in; None: all pass."""
        self.spoil(mutant)
        build = self.build(mutant.name)
        try:
            return next((test for test in mutant.tests if not passes(build, test)), None)
        finally:
            shutil.rmtree(build.folder.parent)
            self.mend(mutant)


def passes(build, test):
    """Whether one entry of a mutant's tests does."""
    status, text = run_tests(build, test)
    if status not in (0, 1, -1):
        raise RuntimeError(f'{test} cannot be run:\n{text}')
    return status == 0


def run_tests(build, test):
    """Run unit:NAME, or FILE, or FILE:EXPR; returns its status and what it printed."""
    name, _colon, rest = test.partition(':')
    if name == 'unit':
        status, text = build.inside(f'mkdir -p /run/sshd; meson test -C build --no-rebuild {rest}',
                                    SECONDS)
        return min(status, 1), text
    env = {**os.environ, 'TRUENAS_SSH_ROOT': str(roots.root(RELEASE)),
           'TRUENAS_SSH_RELEASE': RELEASE, 'TRUENAS_SSH_VARIANT': 'plain',
           'TRUENAS_SSH_LAYER': str(build.layer), 'TMPDIR': str(build.folder)}
    command = [sys.executable, '-B', '-m', 'pytest', '-p', 'no:cacheprovider', '-q', '-x',
               f'--rootdir={BEHAVIOUR}', BEHAVIOUR / name, *(['-k', rest] if rest else [])]
    return contained(command, SECONDS, env)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog='tests/mutants', description='Put one mistake after the other into a copy of the'
        ' service, and see that the tests that are named beside it in tests/harness/mutations.py'
        ' catch it.')
    parser.add_argument('words', nargs='*', metavar='WORD',
                        help='only mutants with one of these in their names or files')
    parser.add_argument('--list', action='store_true', help='only show them')
    return parser.parse_args()


def is_wanted(mutant, words):
    """Whether a mutant was asked for."""
    return not words or any(word in f'{mutant.name} {mutant.file}' for word in words)


def together(mutants):
    """All their tests, those of one file as one."""
    found = {}
    for test in (test for each in mutants for test in each.tests):
        name, _colon, rest = test.partition(':')
        found.setdefault(name, set()).add(rest)
    unit = [f'unit:{rest}' for rest in found.pop('unit', ())]
    return sorted(unit) + [name if '' in rest else f'{name}:{" or ".join(sorted(rest))}'
                           for name, rest in sorted(found.items())]


def prove_sound(bench, mutants):
    """Without a mistake every test that is to catch one has to pass."""
    build = bench.build('sound')
    for test in together(mutants):
        status, text = run_tests(build, test)
        if status:
            sys.exit(f'{test} fails without any mistake:\n{text}')
    shutil.rmtree(build.folder.parent)


def run(mutants):
    """Try them all; returns how many nothing has caught."""
    survivors = 0
    with tempfile.TemporaryDirectory(prefix='truenas-ssh-mutants-',
                                     ignore_cleanup_errors=True) as folder:
        bench = Bench(pathlib.Path(folder))
        prove_sound(bench, mutants)
        for mutant in mutants:
            began = time.monotonic()
            test = bench.catches(mutant)
            survivors += test is None
            word = f'caught by {test}' if test else 'NOT caught'
            print(f'{mutant.name}: {word} ({time.monotonic() - began:.0f} s)', flush=True)
    return survivors


def main():
    """Try what was asked for; returns the exit status."""
    given = arguments()
    found = problems()
    if found:
        sys.exit('\n'.join(found))
    mutants = [each for each in MUTANTS if is_wanted(each, given.words)]
    if given.list:
        for each in mutants:
            print(f'{each.name} ({each.file}): {" ".join(each.tests)}')
        return 0
    remove_stale_cgroups()
    roots.root(RELEASE)
    try:
        survivors = run(mutants)
    finally:
        end_children()
    print(f'{len(mutants) - survivors} of {len(mutants)} caught')
    return 0 if mutants and not survivors else 1


if __name__ == '__main__':
    sys.exit(main())
