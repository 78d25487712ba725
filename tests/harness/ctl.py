# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""truenas-sshctl as people and scripts use it."""

import json
import shlex

from .container import wait_for
from .terminal import Terminal

PROGRAM = 'truenas-sshctl'


def ctl(machine, *args, status=0, **how):
    """Run it without a terminal, and expect an exit status; returns what it printed."""
    done = machine.run([PROGRAM, *args], check=False, **how)
    assert done.returncode == status, f'{done.returncode}: {done.stdout}{done.stderr}'
    return done.stdout if status == 0 else done.stdout + done.stderr


def ctl_json(machine, *args, **how):
    """The same, with what the option --json prints."""
    return json.loads(ctl(machine, *args, '--json', **how))


def at_terminal(machine, *args, user=None, env=None):
    """Run it at a terminal, which at the end shows “status N.”."""
    command = f'{PROGRAM} {shlex.join(args)}; echo "status $?."'
    return Terminal(machine, command, user, env)


def clean_up(machine):
    """Nothing is managed, whatever a test has done."""
    if machine.get('PendingDeadline'):
        machine.run([PROGRAM, 'rollback'], check=False)
    wait_for(lambda: machine.get('PendingDeadline') == 0, 20)
    machine.apply(reset=machine.get('ManagedSettings'))
