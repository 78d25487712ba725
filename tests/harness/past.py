# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a machine remembers of its changes, and the way back."""

import json

from gi.repository import GLib

from .bus import options

NOBODY = 2**32 - 1

# By outcome; others look for these, so they never change.
MESSAGES = {
    'applied': 'b94defd46f2848679e7ba19f74a0d8ec',
    'pending': '993270014cb84f7d99010659205a53d1',
    'confirmed': '58281f75eb8942dbb37b0037d3f17734',
    'rolled-back': 'a16b04e95e684db38625a288da73ea45',
    'failed': '9e290b0bb4404e528fe66693d6e4a0e7',
    'edited': '55a5fde421504b5ebbece643e2e325d7',
}


def history(machine, user=None):
    """The history, newest first."""
    return machine.call('ListHistory', user=user)


def shown(machine):
    """The newest entry without what differs from call to call."""
    return {key: value for key, value in history(machine)[0].items() if key != 'time'}


def outcomes(machine, since):
    """(generation - SINCE, outcome) of what came after the generation SINCE, oldest first."""
    return [(entry['generation'] - since, entry['outcome']) for entry in reversed(history(machine))
            if entry['generation'] > since]


def revert(machine, generation, user=None, **given):
    """Revert; options as for apply ()."""
    args = GLib.Variant('(ta{sv})', (generation, options(given)))
    return machine.call('Revert', args, user=user)


def end(machine, method, token=''):
    """Confirm or roll back."""
    machine.call(method, GLib.Variant('(s)', (token,)))


def messages(machine, outcome, since=0):
    """The journal's messages about an outcome since a generation, as dictionaries."""
    machine.run(['journalctl', '--sync'])
    text = machine.run(['journalctl', '-o', 'json', '--all',
                        f'MESSAGE_ID={MESSAGES[outcome]}']).stdout
    found = [json.loads(line) for line in text.splitlines()]
    return [each for each in found if int(each['TRUENAS_SSH_GENERATION']) > since]
