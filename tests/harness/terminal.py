# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""People at a terminal of the machine: what they are shown, and what they type."""

import contextlib
import os
import re
import select
import subprocess
import time

# A terminal of its own for what runs in it; a key is only pressed where it is not shown, since
# whoever asks for one forgets what was typed before.
TERMINAL = r'''
import os, pty, select, sys, termios
pid, terminal = pty.fork ()
if pid == 0:
    os.execvp (sys.argv[1], sys.argv[1:])
while True:
    ready, _, _ = select.select ([0, terminal], [], [])
    try:
        data = os.read (ready[0], 65536)
    except OSError:
        break
    if not data:
        break
    if ready[0] == terminal:
        os.write (1, data)
        continue
    while termios.tcgetattr (terminal)[3] & termios.ECHO:
        select.select ([], [], [], 0.01)
    os.write (terminal, data)
'''


class Terminal:
    """A terminal in which a user runs COMMAND (a list, or text for the shell)."""

    def __init__(self, machine, command, user=None, env=None):
        inner = ['sh', '-c', command] if isinstance(command, str) else command
        inner = ['runuser', '-u', user, '--', *inner] if user else inner
        self.process = machine.popen(['/usr/bin/python3', '-c', TERMINAL, *inner], env=env,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.seen = ''
        self.read = 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.hang_up()
        self.process.stdout.close()

    def hang_up(self):
        """Close the terminal, which ends what runs in it."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait(10)

    def expect(self, pattern, seconds=10):
        """The first match of PATTERN in what has been shown since the last one."""
        deadline = time.monotonic() + seconds
        while not (found := re.compile(pattern).search(self.seen, self.read)):
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b''
            assert data, f'{pattern!r} is not shown: {self.seen[self.read:]!r}'
            self.seen += data.decode()
        self.read = found.end()
        return found

    def asked(self):
        """Wait for a prompt of polkit's; returns the name of the action that it is about."""
        name = self.expect(r'AUTHENTICATING FOR org\.truenas\.ssh\.(\S+) ')[1]
        self.expect(r'[Pp]assword: ')
        return name

    def press(self, keys):
        """Press keys, when whoever reads them does not show them."""
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    def type(self, text):
        """Type a line."""
        self.press(f'{text}\n')

    def prompts(self):
        """How often polkit asked."""
        return self.seen.count('AUTHENTICATING FOR')
