# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Somebody who asks sshd for its banner, again and again, while something else happens."""

import json
import subprocess

# Prints how often nobody answered, and the longest time in between two answers, in seconds.
ASK = r'''
import json, select, socket, sys, time

def answers ():
    try:
        with socket.create_connection (('127.0.0.1', 22), 2) as connection:
            return connection.recv (4) == b'SSH-'
    except OSError:
        return False

refused, gap, last = 0, 0, time.monotonic ()
print ('ready', flush=True)
while not select.select ([sys.stdin], [], [], 0.02)[0]:
    if answers ():
        now = time.monotonic ()
        gap, last = max (gap, now - last), now
    else:
        refused += 1
print (json.dumps ([refused, max (gap, time.monotonic () - last)]))
'''


class Client:
    """Asks while the block runs; refused and gap tell afterwards what came of it."""

    def __init__(self, machine):
        """Ask the sshd of MACHINE, port 22, which must not mind connections without a login."""
        self.machine = machine
        self.refused = self.gap = None

    def __enter__(self):
        self.process = self.machine.popen(['/usr/bin/python3', '-c', ASK], stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == 'ready\n'
        return self

    def __exit__(self, *_error):
        out, _err = self.process.communicate('\n', 30)
        self.refused, self.gap = json.loads(out)
