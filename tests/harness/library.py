# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as scripts on the machine use it."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading

# What every script begins with.
BEGIN = '''
import json, sys
import gi
gi.require_version('TruenasSsh', '1')
from gi.repository import Gio, GLib, TruenasSsh

def change(**settings):
    types = {'TcpPort': 'q', 'Compression': 'b', 'AuxiliaryParameters': 's'}
    return GLib.Variant('a{sv}', {name: GLib.Variant(types[name], value)
                                  for name, value in settings.items()})

def options(**given):
    types = {bool: 'b', int: 'u', list: 'as'}
    return GLib.Variant('a{sv}', {name.replace('_', '-'): GLib.Variant(types[type(value)], value)
                                  for name, value in given.items()})

def tell(value):
    print(json.dumps(value), flush=True)
'''

# Lives on, tells of every change, and answers lines: an expression each.
WATCHER = BEGIN + '''
client = TruenasSsh.Client.new()
notified = []
client.connect('notify', lambda _client, spec: notified.append(spec.name))
client.connect('changed', lambda _client, values: tell(['changed', sorted(values.unpack())]))

def on_line(channel, _condition):
    line = channel.readline()
    if not line:
        loop.quit()
        return False
    try:
        tell(['answer', eval(line)])
    except GLib.Error as error:
        tell(['answer', error.message])
    return True

GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT,
                  GLib.IOCondition.IN | GLib.IOCondition.HUP, on_line)
loop = GLib.MainLoop()
tell(['answer', 'ready'])
loop.run()
'''


def script(machine, text, *args, user=None):
    """Run a script that tells one value; returns that value."""
    return json.loads(machine.python(BEGIN + text, *args, user=user).stdout)


class Watcher:
    """A client with a main loop, in a process of its own."""

    def __init__(self, machine):
        env, script_ = machine.python_environment(), WATCHER
        self.process = machine.popen(['/usr/bin/python3', '-u', '-c', script_], env=env,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answers = queue.Queue()
        self.changes = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        assert self.answers.get(timeout=30) == 'ready'

    def _read(self):
        for line in self.process.stdout:
            kind, value = json.loads(line)
            (self.changes if kind == 'changed' else self.answers).put(value)

    def ask(self, expression):
        """The value of an expression there."""
        self.process.stdin.write(f'{expression}\n')
        self.process.stdin.flush()
        return self.answers.get(timeout=30)

    def wait_changed(self, name, seconds=15):
        """Wait for a change of the property NAME; returns all that changed with it."""
        while name not in (names := self.changes.get(timeout=seconds)):
            pass
        return names

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            assert self.process.wait(20) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.reader.join(10)
            self.process.stdout.close()
