# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pieces of a run: started in order, a few at a time, each when what it needs is there."""

import os
import pathlib
import signal
import subprocess
import threading
import time
import typing


class Result(typing.NamedTuple):
    """What a job found: counts, and the text to show when something failed."""

    passed: int
    failed: int
    text: str = ''


class Job:
    """A named piece of work that returns a Result, after the jobs it needs have passed."""

    def __init__(self, name, function, needs=(), count=1):
        self.name = name
        self.function = function
        self.needs = list(needs)
        self.count = count
        self.result = None
        self.seconds = 0.0

    def run(self):
        """Do it; whatever goes wrong is a failure."""
        began = time.monotonic()
        try:
            if any(need.result.failed for need in self.needs):
                missing = ', '.join(need.name for need in self.needs if need.result.failed)
                result = Result(0, self.count, f'not run, because this failed: {missing}')
            else:
                result = self.function()
        except Exception as error:  # pylint: disable=broad-except
            result = Result(0, 1, f'{type(error).__name__}: {error}')
        self.seconds = time.monotonic() - began
        self.result = result


class Jobs:
    """All jobs of a run."""

    def __init__(self, report):
        self.report = report
        self.waiting = []
        self.running = set()
        self.change = threading.Condition()
        self.stopped = False

    def add(self, name, function, needs=(), count=1):
        """Add a job behind those that are there; returns it, to be needed by others."""
        job = Job(name, function, needs, count)
        self.waiting.append(job)
        return job

    def run(self, at_once):
        """Run everything, AT_ONCE jobs at a time; returns the sums."""
        jobs = list(self.waiting)
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.5)
        return sum(job.result.passed for job in jobs), sum(job.result.failed for job in jobs)

    def stop(self):
        """Start nothing any more and end what runs."""
        with self.change:
            self.stopped = True
            self.waiting.clear()
        end_children()

    def _next(self):
        """The first job whose needs are met; waits for one; None when all are taken."""
        with self.change:
            while self.waiting:
                for job in self.waiting:
                    if all(need.result is not None for need in job.needs):
                        self.waiting.remove(job)
                        return job
                self.change.wait(1)
        return None

    def _work(self):
        """Take jobs until none is left."""
        while (job := self._next()) is not None:
            job.run()
            with self.change:
                if not self.stopped:
                    self.report(job)
                self.change.notify_all()


CHILDREN = {}

# systemd-nspawn leaves folders here that it can only remove from a tmpfs.
SCRATCH = 'mkdir -p /run/systemd/nspawn && mount -t tmpfs nspawn /run/systemd/nspawn; exec "$@"'


def wrap(command):
    """The argument list that runs COMMAND where it leaves no processes or mounts behind."""
    return ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork',
            '--kill-child', '--mount-proc', '/bin/sh', '-c', SCRATCH, 'sh', *map(str, command)]


def contained(command, timeout, env=None):
    """Run COMMAND so that it cannot outlive the run nor leave processes or mounts behind.

    Returns its status (negative when it took too long) and all that it printed.
    """
    with subprocess.Popen(wrap(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace', env=env,
                          start_new_session=True) as process:
        CHILDREN[process.pid] = process
        try:
            text, _none = process.communicate(timeout=timeout)
            return process.returncode, text
        except subprocess.TimeoutExpired:
            return -1, f'{interrupt(process)}\nnot done within {timeout} s\n'
        finally:
            del CHILDREN[process.pid]


def interrupt(process, seconds=20):
    """End a contained command that takes too long; returns what it printed, the last words too."""
    children = pathlib.Path(f'/proc/{process.pid}/task/{process.pid}/children')
    try:
        for child in children.read_text('ascii').split():
            os.kill(int(child), signal.SIGINT)
        return process.communicate(timeout=seconds)[0]
    except (OSError, subprocess.TimeoutExpired):
        process.kill()
        return process.communicate()[0]


def end_children():
    """End every contained command."""
    for pid in list(CHILDREN):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
