# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A browser of the host's that looks at the Cockpit page of a machine."""

import json
import os
import pathlib
import subprocess
import time

from . import node

SETTLED = 0.5  # seconds; colours change slowly
DRIVER = pathlib.Path(__file__).with_name('browser.mjs')
PICTURES = pathlib.Path(__file__).resolve().parents[2] / 'pictures'


class BrowserError(AssertionError):
    """What the page did not do."""


class Element:
    """What a selector of the page finds: methods are those of a locator of Playwright."""

    def __init__(self, browser, selector):
        self.browser = browser
        self.selector = selector

    def __getattr__(self, method):
        return lambda *args: self.browser.ask(method, self.selector, *args)

    def shown(self, seconds=20):
        """Wait until it can be seen; returns its text."""
        self.waitFor({'timeout': seconds * 1000})
        return self.innerText()

    def gone(self, seconds=20):
        """Wait until it cannot be seen any more."""
        self.waitFor({'state': 'hidden', 'timeout': seconds * 1000})


class Browser:
    """One browser with one session; its network is the machine's."""

    def __init__(self, machine):
        self.machine = machine
        command = ['nsenter', '-t', str(machine.leader), '-n', 'setpriv', '--pdeathsig', 'TERM',
                   'node', str(DRIVER)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8',
            env={**os.environ, 'NODE_MODULES': str(node.modules())})

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ask(self, method, selector=None, *args):
        """Have something done in the browser; returns what it answers."""
        line = json.dumps({'method': method, 'selector': selector, 'args': args})
        self.process.stdin.write(f'{line}\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise BrowserError(f'the browser has ended during {line}')
        reply = json.loads(answer)
        if 'error' in reply:
            where = '' if method == 'login' else f'\non the page:\n{self.text()}'
            raise BrowserError(f'{line}: {reply["error"]}{where}')
        return reply['value']

    def text(self):
        """All that can be read on the page."""
        try:
            self.process.stdin.write('{"method": "html"}\n')
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline()).get('value')
        except (OSError, ValueError):
            return None

    def login(self, user, password, **how):
        """A session of USER on the page."""
        return self.ask('login', None, {'user': user, 'password': password, **how})

    def review(self):
        """Open the review of what was typed, and wait until it can be saved."""
        self('#review').click()
        self('#save:enabled').shown()

    def save(self):
        """Save what was typed, through the review; wait until that is done."""
        self.review()
        self('#save').click()
        self('#review-dialog').gone()

    def keep(self):
        """Keep the change that is pending."""
        self('#keep').click()
        self('#pending').gone()

    def picture(self, name):
        """Pictures of the page in both themes, for somebody to look at."""
        folder = pathlib.Path(os.environ.get('TRUENAS_SSH_PICTURES', PICTURES))
        folder /= self.machine.release
        folder.mkdir(parents=True, exist_ok=True)
        for style in ('dark', 'light'):
            self.ask('style', None, style)
            time.sleep(SETTLED)
            self.ask('picture', None, f'{folder}/{name}-{style}.png')

    def flaws(self):
        """What axe finds wrong with the page, in both themes."""
        found = []
        for style in ('dark', 'light'):
            self.ask('style', None, style)
            time.sleep(SETTLED)
            found += [f'{style}: {flaw}' for flaw in self.ask('axe')]
        return found

    def __call__(self, selector):
        """What the selector finds on the page."""
        return Element(self, selector)
