# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole run: builds, gates, unit tests, behaviour on real machines; see tests/run --help."""

import argparse
import functools
import os
import pathlib
import signal
import sys
import tempfile
import time
import xml.etree.ElementTree

from . import gates, node, roots
from .build import SOURCE, Build, BuildFailed
from .container import remove_stale_cgroups
from .jobs import Jobs, Result, contained
from .packages import Packages

RELEASES = roots.RELEASES
VARIANTS = ('plain', 'sanitized')
PASSES = (('bookworm', 'plain'), ('trixie', 'plain'), ('bookworm', 'sanitized'))
BEHAVIOUR = SOURCE / 'tests/behaviour'
# Rigs try one thing in hundreds of ways: files of this name run with the plain builds only.
RIG = 'test_rig_*.py'
# So do those of the Cockpit page, on a root that has Cockpit.
PAGE = 'test_page*.py'
# In a full run on this release also with the Cockpit of its backports.
NEWER = 'trixie'
# And those of the packages, on machines that have nothing of ours yet.
PACKAGES = 'test_packages*.py'
# And only those with this one, unless it or everything is asked for: the same release runs the
# others with the sanitizers, and another release as they are.
SHORT = ('bookworm', 'plain')
FILE_SECONDS = 900


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog='tests/run', description='Run every test, or those asked for, on real machines.')
    parser.add_argument('files', nargs='*', metavar='FILE', help='behaviour tests, all by default')
    parser.add_argument('-k', metavar='EXPR', help='only tests whose names match, as in pytest')
    parser.add_argument('--release', choices=RELEASES, help='only this release of Debian')
    parser.add_argument('--variant', choices=VARIANTS, help='only this build of the daemon')
    parser.add_argument('--no-gates', action='store_true',
                        help='behaviour only: no lint, no second compiler, no unit tests')
    parser.add_argument('--only-gates', action='store_true', help='no behaviour tests')
    parser.add_argument('--incremental', action='store_true',
                        help='keep the builds outside the checkout and only rebuild what changed')
    parser.add_argument('--full', action='store_true', help='also the long tests')
    # They wait more than they work.
    parser.add_argument('--jobs', type=int, default=2 * (os.cpu_count() or 1),
                        help='how many at once')
    parser.add_argument('-v', '--verbose', action='store_true', help='show all output')
    return parser.parse_args()


def passes(given):
    """Which (release, variant) pairs to run the behaviour tests on."""
    if given.release and given.variant:
        return [(given.release, given.variant)]
    return [(release, variant) for release, variant in PASSES
            if given.release in (None, release) and given.variant in (None, variant)]


def runs_with(path, release, variant, given):
    """Whether a file of tests is for this pass."""
    plain_only = any(map(path.match, (RIG, PAGE, PACKAGES)))
    if variant != 'plain':
        return not plain_only
    short = (release, variant) == SHORT and not (given.full or given.variant or given.files)
    return plain_only or not short


def test_files(given):
    """The behaviour test files to run."""
    if not given.files:
        return sorted(BEHAVIOUR.glob('test_*.py'))
    files = []
    for name in given.files:
        path = pathlib.Path(name)
        path = path if path.exists() else BEHAVIOUR / path.name
        if not path.exists():
            sys.exit(f'tests/run: {name}: no such file')
        files.append(path.resolve())
    return files


def make(build):
    """A job: one build."""
    try:
        return Result(1, 0, build.make())
    except BuildFailed as error:
        return Result(0, 1, str(error))


def unit_tests(build, full):
    """A job: meson's tests of one build."""
    results, text = build.test(full)
    failed = [name for name, passed in results if not passed]
    return Result(len(results) - len(failed), len(failed), text)


def packages(build):
    """A job: what there is to be said about packages without installing them on a machine."""
    good, text = build.look()
    return Result(int(good), int(not good), text)


def purposes(release, path, given):
    """What the machines are for that a file of tests is to run on."""
    if not path.match(PAGE) and not path.match(PACKAGES):
        return ['']
    newer = release == NEWER and path.match(PAGE) and given.full
    return ['cockpit', 'newer cockpit'] if newer else ['cockpit']


def behaviour(build, variant, path, purpose, folder, given):
    """A job: one file of tests on one fresh machine."""
    report = folder / f'{build.release}-{build.kind}-{path.stem}-{purpose}.xml'
    root = roots.root(build.release, purpose)
    env = {**os.environ, 'TRUENAS_SSH_ROOT': str(root), 'TRUENAS_SSH_RELEASE': build.release,
           'TRUENAS_SSH_VARIANT': variant, 'TMPDIR': str(folder)}
    if path.match(PACKAGES):
        env['TRUENAS_SSH_PACKAGES'] = str(build.objects)
    else:
        env['TRUENAS_SSH_LAYER'] = str(build.layer)
    if given.full:
        env['TRUENAS_SSH_FULL'] = '1'
    command = [sys.executable, '-B', '-m', 'pytest', '-p', 'no:cacheprovider', '-v', '--tb=short',
               '--color=no', '-o', f'faulthandler_timeout={FILE_SECONDS // 3}',
               f'--rootdir={BEHAVIOUR}', f'--junitxml={report}', path]
    command += ['-k', given.k] if given.k else []
    command += ['-rP'] if given.full else []
    status, text = contained(command, FILE_SECONDS * (12 if given.full else 1), env)
    passed, failed = counts(report)
    if status == 5 and given.k:
        return Result(0, 0, text)
    if status not in (0, 1) or (status == 1 and not failed) or not passed + failed:
        failed += 1
    return Result(passed, failed, text)


def counts(report):
    """How many tests of a junit file passed, and how many did not; a skip is a failure."""
    if not report.exists():
        return 0, 0
    passed = failed = 0
    for case in xml.etree.ElementTree.parse(report).iter('testcase'):
        bad = any(case.find(kind) is not None for kind in ('failure', 'error', 'skipped'))
        failed += bad
        passed += not bad
    return passed, failed


def behaviour_files(given):
    """Each file of tests in each pass: (release, variant, path, purpose, kind of the build)."""
    return [(release, variant, path, purpose, 'packages' if path.match(PACKAGES) else variant)
            for release, variant in passes(given)
            for path in test_files(given) if runs_with(path, release, variant, given)
            for purpose in purposes(release, path, given)]


def plan(given, folder, jobs):
    """Add every job of the run."""
    builds = {}

    def need(release, kind):
        if (release, kind) not in builds:
            build = (Packages(release, folder) if kind == 'packages' else
                     Build(release, kind, folder, given.incremental))
            job = jobs.add(f'{release} build {kind}', functools.partial(make, build))
            builds[release, kind] = (build, job)
        return builds[release, kind]

    if not given.only_gates:
        for release, _variant, _path, _purpose, kind in behaviour_files(given):
            need(release, kind)
    if not given.no_gates:
        plan_gates(given, jobs, need)
    if not given.only_gates:
        for release, variant, path, purpose, kind in behaviour_files(given):
            build, job = need(release, kind)
            jobs.add(' '.join(filter(None, (release, variant, purpose, path.name))),
                     functools.partial(behaviour, build, variant, path, purpose, folder, given),
                     [job])


def plan_gates(given, jobs, need):
    """Add the builds that must only succeed, the unit tests and the gates."""
    for release in RELEASES:
        if given.release in (None, release):
            build, job = need(release, 'plain')
            jobs.add(f'{release} gate hardening',
                     functools.partial(gates.result, gates.hardening, build), [job])
            need(release, 'clang')
            build, job = need(release, 'sanitized')
            jobs.add(f'{release} unit tests', functools.partial(unit_tests, build, given.full),
                     [job])
            build, job = need(release, 'packages')
            jobs.add(f'{release} packages', functools.partial(packages, build), [job])
    build, job = need(RELEASES[0], 'fuzz')
    jobs.add('fuzz targets', functools.partial(unit_tests, build, given.full), [job])
    build, job = need(RELEASES[0], 'clang')
    for title, function in gates.titles():
        jobs.add(f'gate {title}', functools.partial(gates.result, function, build), [job])


def show(job, verbose):
    """One line for a job that is done, and its output when something failed."""
    result = job.result
    if result.failed or verbose:
        print(f'\n--- {job.name}\n{result.text.rstrip()}\n---')
    word = 'FAILED' if result.failed else 'ok'
    print(f'{word:6} {job.name}: {result.passed} passed, {result.failed} failed'
          f' ({job.seconds:.1f} s)', flush=True)


def main():
    """Run what was asked for; returns the exit status."""
    given = arguments()
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('tests/run: ended from outside'))
    remove_stale_cgroups()
    for release in RELEASES:
        if given.release in (None, release) or not given.no_gates:
            roots.root(release)
    node.install()
    with tempfile.TemporaryDirectory(prefix='truenas-ssh-run-',
                                     ignore_cleanup_errors=True) as folder:
        jobs = Jobs(functools.partial(show, verbose=given.verbose))
        plan(given, pathlib.Path(folder), jobs)
        try:
            passed, failed = jobs.run(given.jobs)
        finally:
            jobs.stop()
    print(f'{time.monotonic() - began:.0f} s')
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main())
