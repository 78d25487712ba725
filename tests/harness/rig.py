# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Faults that strike between a change's files and its proof, again and again, at random times."""

import collections
import contextlib
import os
import random
import subprocess
import threading
import time

from gi.repository import GLib

from .bus import failure
from .machine import wait_for
from .sshd import DROP_IN, everywhere, files, ports

# How often each fault strikes: as asked for, or 100 times in the long tests.
RUNS = int(os.environ.get('TRUENAS_SSH_RIG_RUNS')
           or (100 if os.environ.get('TRUENAS_SSH_FULL') else 3))
LIMIT = 5  # s until SSH can be reached

# Takes a port when it is told to by a line, and tells whether it got it; its end gives it back.
THIEF = '''
import socket, sys
address, port = sys.argv[1], int(sys.argv[2])
thief = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET)
sys.stdin.readline()
try:
    thief.bind((address, port))
    thief.listen()
    print('got', flush=True)
except OSError as error:
    print(error, flush=True)
sys.stdin.readline()
'''


class Fault:
    """One fault: what strikes, how soon after the files are in place, and what ends it.

    SSH has to be reachable again while a fault lasts, or where PASSING once it is over.
    """

    passing = False
    soon = 0.3  # s: it strikes by then
    lasts = (0.2, 1.5)  # s, where it passes

    def __init__(self, rig):
        """Prepare what all runs need."""
        self.rig = rig
        self.machine = rig.machine

    def arm(self, port):
        """A change to PORT is about to be made."""

    def strike(self):
        """Do it, at once."""

    def lift(self):
        """End it."""

    def disarm(self):
        """The run is over."""


class Script(Fault):
    """A fault that is a shell script; its process is there before, and only waits for the word."""

    script = 'false'
    undo = None

    def arm(self, port):
        """Start the process."""
        script = self.script.format(port=port, pid=self.machine.sshd_pid(), drop_in=DROP_IN)
        self.process = self.machine.popen(f'read -r _; {script}', stdin=subprocess.PIPE,
                                          stderr=subprocess.PIPE, text=True)

    def strike(self):
        """Give it the word, and see it to its end."""
        _out, err = self.process.communicate('\n', 60)
        assert self.process.returncode == 0, err

    def lift(self):
        """Take back what it did."""
        if self.undo:
            self.machine.run(self.undo.format(drop_in=DROP_IN))

    def disarm(self):
        """Let it end where it never got the word."""
        if self.process.poll() is None:
            self.process.communicate('', 60)


class Thief(Fault):
    """Somebody takes the new port."""

    addresses = ('::',)
    soon = 0.03

    def arm(self, port):
        """Have somebody wait for the word."""
        address = random.choice(self.addresses)
        self.process = self.machine.popen(['/usr/bin/python3', '-c', THIEF, address, str(port)],
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def strike(self):
        """Take the port, if it can be had."""
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        self.process.stdout.readline()

    def disarm(self):
        """Give the port back."""
        self.process.communicate('\n', 60)


class Strike(threading.Thread):
    """Waits until a change has replaced the drop-in, and then lets a fault happen."""

    def __init__(self, machine, fault):
        super().__init__(daemon=True)
        self.path = machine.path(DROP_IN)
        self.before = self.identity()
        self.fault = fault
        self.delay = random.uniform(0, fault.soon)
        self.lasts = random.uniform(*fault.lasts)
        self.ended = threading.Event()
        self.struck = self.over = None
        self.error = None

    def identity(self):
        """Which file it is; nobody's where there is none."""
        with contextlib.suppress(FileNotFoundError):
            info = os.lstat(self.path)
            return info.st_ino, info.st_mtime_ns
        return None

    def run(self):
        """The thread: what goes wrong in it is told by join ()."""
        try:
            while self.identity() == self.before:
                if self.ended.wait(0.0005):
                    return
            time.sleep(self.delay)
            self.struck = time.monotonic()
            self.fault.strike()
            if self.fault.passing:
                time.sleep(self.lasts)
                self.fault.lift()
            self.over = time.monotonic()
        except Exception as error:  # noqa: B902
            self.error = error

    def finish(self):
        """Wait until it is over."""
        self.join(60)
        if self.error:
            raise self.error
        assert self.over


class Rig:
    """A machine whose port is changed back and forth while faults strike."""

    change = {}  # what each change asks for besides the port

    def __init__(self, machine, key, where=None):
        self.machine = machine
        self.key = key
        self.where = where or {}  # how to log in, for Machine.ssh
        self.port = 22
        self.counts = collections.Counter()
        self.worst = 0

    def sockets(self, port):
        """Where sshd listens when it serves PORT."""
        return everywhere(port)

    def serves(self, port):
        """Whether it listens there, and nowhere else."""
        return ports(self.machine) == self.sockets(port)

    def find(self, *candidates):
        """The port of CANDIDATES that is served, or None."""
        found = ports(self.machine)
        return next((port for port in candidates if found == self.sockets(port)), None)

    def settle(self):
        """Wait until nothing is to be put back, and everybody tells of one port."""
        def is_settled():
            warnings = self.machine.warnings()
            return ('rollback-failed' not in warnings and self.serves(self.machine.get('TcpPort'))
                    and self.machine.get('ActiveState') == 'active')
        wait_for(is_settled, 30, 0.1)
        self.port = self.machine.get('TcpPort')

    def start(self, new):
        """Send the change; returns the list that its outcome will be put in."""
        answer = []

        def call():
            try:
                self.machine.apply({'TcpPort': new, **self.change}, timeout=150)
                answer.append('applied')
            except GLib.Error as error:
                answer.append(failure(error))
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        return answer

    def reach(self, new, strike, answer):
        """Log in where SSH is to be now; returns for how long it was away."""
        began = strike.over if strike.fault.passing else strike.struck
        port = since = None
        while port is None or not (answer or time.monotonic() > began + LIMIT - 1):
            before, port = port, self.find(self.port, new)
            if port != before:
                since = time.monotonic()
            assert port or time.monotonic() < began + LIMIT, (answer, ports(self.machine))
            time.sleep(0.05)
        login = time.monotonic()
        self.log_in(port)
        return max(since - began, 0) + time.monotonic() - login

    def log_in(self, port):
        """One real login."""
        done = self.machine.ssh('person', 'true', key=self.key, port=port, **self.where)
        assert done.returncode == 0, (port, ports(self.machine), done)

    def check_end(self, answer, new):
        """What the caller is told is what is."""
        wait_for(lambda: answer, 150)
        if answer[0] == 'applied':
            assert self.machine.get('LastChange')['outcome'] == 'applied'
            wait_for(lambda: self.serves(new), LIMIT)
        else:
            assert answer[0].name.endswith(('.ApplyFailed', '.RollbackFailed')), answer

    def run(self, fault):
        """One change with one fault; returns the outcome."""
        self.machine.run(['systemctl', 'reset-failed', 'ssh.service'])
        old, new = self.port, 2200 if self.port != 2200 else 2201
        before = files(self.machine)
        fault.arm(new)
        strike = Strike(self.machine, fault)
        try:
            strike.start()
            answer = self.start(new)
            strike.finish()
            took = self.reach(new, strike, answer)
            self.check_end(answer, new)
            if not fault.passing:
                fault.lift()
            self.worst = max(self.worst, took)
        finally:
            strike.ended.set()
            strike.join(60)
            fault.disarm()
        self.settle()
        self.log_in(self.port)
        if answer[0] == 'applied':
            assert self.port == new, (answer, self.port)
            return 'new'
        assert self.port == old, (answer, self.port)
        assert files(self.machine) == before, answer
        return 'old'

    def repeat(self, fault, title, runs=RUNS):
        """As many runs as asked for, and a line about them."""
        self.settle()
        for number in range(runs):
            try:
                self.counts[self.run(fault)] += 1
            except BaseException:
                print(f'run {number + 1}, so far {dict(self.counts)}')
                raise
        return (f"{title} {runs} runs: {self.counts['old']} kept the old settings, "
                f"{self.counts['new']} became the new ones; reachable after {self.worst:.1f} s "
                'at most')
