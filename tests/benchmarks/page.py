# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page in Cockpit, in a real browser, beside a page of Cockpit's own."""

from harness import node
from harness.browser import Browser

from .probes import timed
from .rows import Row, scaled

PURPOSE = 'cockpit'
ADMIN = ('admin', 'correct horse')
PORTS = (2222, 22)


def shown(machine, **what):
    """From the login until a page shows what it is for, in a new browser, whose cache is empty."""
    with Browser(machine) as browser:
        return browser.login(*ADMIN, **what)


def saved(browser):
    """From the click on save until the page says that it is done."""
    browser('#Compression').click({'force': True})
    browser.review()

    def save():
        browser('#save').click()
        browser('#review-dialog').gone()
    return timed(save)


def kept(browser, port):
    """From the click on save to the end of the probation, which is clicked on as soon as it can be."""
    browser('#TcpPort').fill(str(port))
    browser.review()

    def save_and_keep():
        browser('#save').click()
        browser.keep()
    return timed(save_and_keep)


def compare(machine, rounds):
    """A new browser in each round."""
    assert node.modules().is_dir(), 'run tests/run once, it installs what the page is built from'
    machine.user_add(*ADMIN, groups=['sudo'])
    machine.key_add('root')
    ours, theirs, saves, keeps = [], [], [], []
    for turn in range(rounds):
        theirs.append(shown(machine, path='system/services', sight='#services-list'))
        ours.append(shown(machine))
        with Browser(machine) as browser:
            browser.login(*ADMIN)
            if not browser('#advanced').isChecked():
                browser('#advanced').check({'force': True})
            saves.append(saved(browser))
            keeps.append(kept(browser, PORTS[turn % 2]))
    return [Row('the page, from the login to the form', 'ms', ours, "Cockpit's Services", theirs),
            Row('the page, from Save to done', 'ms', scaled(saves, 'ms')),
            Row('the page, another port, from Save to kept', 'ms', scaled(keeps, 'ms'))]
