# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Cockpit page, in a real browser: what it shows, and every setting down to sshd."""

import pytest

from harness.browser import Browser
from harness.machine import wait_for

ADMIN = ('admin', 'correct horse')


@pytest.fixture(scope='module')
def browser(machine):
    """A browser, with an administrator's session."""
    machine.user_add(ADMIN[0], ADMIN[1], ['sudo', 'staff'])
    machine.key_add('root')
    with Browser(machine) as started:
        started.login(*ADMIN)
        yield started


def test_shows_the_form(machine, browser):
    """After the login the settings are there, with the values that they have."""
    assert browser('#TcpPort').inputValue() == '22'
    assert 'Running' in browser('#service-state').shown()
    assert ':22' in browser('#listens').shown()
    browser('#host-keys li >> nth=0').shown()
    assert browser('#host-keys li').count() == len(machine.call('ListHostKeys'))
    assert browser.ask('errors') == []
