# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Another port, from asking until sshd is known to listen there."""

import json
import pathlib

from .rows import Row, scaled

SCRIPT = pathlib.Path(__file__).with_name('by_hand.py')
LIMITS = {'bare steps': 1.5, 'augtool': None, 'Ansible': 0.05}


def compare(machine, rounds):
    """In turn, from one process in the machine."""
    machine.key_add('root')
    script = SCRIPT.read_text('utf-8')
    found = json.loads(machine.python(script, str(rounds), timeout=60 + 60 * rounds).stdout)
    ours = scaled(found['ours'], 'ms')
    return [Row('Apply of a new port', 'ms', ours, name, scaled(found[name], 'ms'), most)
            for name, most in LIMITS.items()]
