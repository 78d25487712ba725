# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fresh machine for every file of tests, and its journal where a test failed."""

import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import outside  # noqa: E402
from harness.machine import Machine, wait_for  # noqa: E402

OURS = ('truenas-ssh.service', 'truenas-ssh-prepare.service')
UNITS = (*OURS, 'ssh.service')
TAIL = 60

# What the journal says of a process that a warning, a sanitizer, a bug or the system call
# filter ended; a test that ends one on purpose uses SIGKILL.
CRASH = re.compile(r'code=dumped|status=\d+/(TRAP|ABRT|SEGV|BUS|FPE|ILL|SYS)|runtime error: '
                   r'|ERROR: \w+Sanitizer')


@pytest.fixture(scope='module')
def machine():
    """The machine of this file; nothing of ours may have crashed or been reported on it."""
    with Machine.from_environment() as booted:
        yield booted
        # Leaks are looked for when the daemon ends.
        booted.run(['systemctl', 'stop', 'truenas-ssh.service'], check=False)
        found = booted.reports()
        for unit in OURS:
            found += '\n'.join(filter(CRASH.search, booted.journal(unit).splitlines()))
        if found:
            pytest.fail(found, pytrace=False)


@pytest.fixture
def pristine(machine):
    """Nothing is managed and every file of sshd as it was, whatever a test has done."""
    if machine.release != 'bookworm' and not machine.exists(outside.PATIENT):
        outside.write(machine, outside.PATIENT, 'PerSourcePenalties no\n')
    if not machine.exists('/root/.ssh/authorized_keys'):
        machine.key_add('root')  # so that no change locks everybody out
    before, told = outside.foreign_files(machine), outside.told(machine)
    yield
    outside.restore(machine, before)
    wait_for(lambda: outside.told(machine) == told)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Add the tails of the journals to the report of a failed test."""
    report = (yield).get_result()
    booted = item.funcargs.get('machine') if hasattr(item, 'funcargs') else None
    if report.failed and report.when == 'call' and booted is not None and booted.leader:
        for unit in UNITS:
            lines = booted.journal(unit, None, '-n', str(TAIL))
            report.sections.append((f'journal of {unit}', lines))
