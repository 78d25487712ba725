# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls of the service that are held at a step: at one of the system calls that change files."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time

from gi.repository import Gio, GLib

from .build import PROBES
from .bus import NAME, PATH, failure

ETC = '/etc/ssh'
STATE = '/var/lib/truenas-ssh'


class Follower:
    """A process that is followed through its steps, and held before one of them."""

    def __init__(self, machine, pid, number=0):
        """Follow PID of the machine; hold it before its step NUMBER, never with 0."""
        self.process = machine.popen([f'{PROBES}/probe-steps', pid, number, ETC, STATE],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.lines = []
        self.partial = ''
        self.poll(lambda: 'attached' in self.lines)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        # What has entered the machine sees to it that nothing of the other stays there.
        children = pathlib.Path(f'/proc/{self.process.pid}/task/{self.process.pid}/children')
        with contextlib.suppress(OSError):
            for child in children.read_text('ascii').split():
                os.kill(int(child), signal.SIGKILL)
        self.process.wait(10)
        self.process.stdout.close()

    def poll(self, done, seconds=60):
        """Read what it says, and let GLib work, until DONE or until it holds or has ended."""
        stream = self.process.stdout
        deadline = time.monotonic() + seconds
        while not done() and not self.held():
            assert time.monotonic() < deadline, self.lines
            GLib.MainContext.default().iteration(False)
            text = stream.read()
            if text == b'':
                break
            *whole, self.partial = (self.partial + (text or b'').decode('utf-8')).split('\n')
            self.lines += whole
            time.sleep(0.001)

    def held(self):
        """Whether it is held."""
        return 'held' in self.lines

    def steps(self):
        """The steps so far, as (system call, path)."""
        return [tuple(line.split(' ')[1:]) for line in self.lines if line[:1].isdigit()]


class Call:
    """A call under way: what it answers, once it does."""

    def __init__(self, machine, method, args):
        """Begin to call a METHOD of the service."""
        self.answered = False
        self.value = None
        self.error = None
        machine.bus.call(NAME, PATH, NAME, method, args, None, Gio.DBusCallFlags.NONE, 120000,
                         None, self._on_reply)

    def _on_reply(self, bus, result):
        """Keep the answer."""
        try:
            self.value = bus.call_finish(result).unpack()
        except GLib.Error as error:
            self.error = failure(error)
        self.answered = True
