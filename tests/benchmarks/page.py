# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page in Cockpit, in a real browser."""

from harness import node
from harness.browser import Browser

from .probes import timed
from .rows import Row, scaled

PURPOSE = 'cockpit'
ADMIN = ('admin', 'correct horse')


def saved(browser):
    """From the click on save until the page says that it is done."""
    browser('#Compression').click({'force': True})
    browser.review()

    def save():
        browser('#save').click()
        browser('#review-dialog').gone()
    return timed(save)


def compare(machine, rounds):
    """A new browser in each round."""
    assert node.modules().is_dir(), 'run tests/run once, it installs what the page is built from'
    machine.user_add(*ADMIN, groups=['sudo'])
    machine.key_add('root')
    shown, saves = [], []
    for _ in range(rounds):
        with Browser(machine) as browser:
            shown.append(browser.login(*ADMIN))
            if not browser('#advanced').isChecked():
                browser('#advanced').check({'force': True})
            saves.append(saved(browser))
    return [Row('the page, from the login to the form', 'ms', shown),
            Row('the page, from Save to done', 'ms', scaled(saves, 'ms'))]
