# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine whose administrators have passwords and no keys, and changes that keep them out."""

from .machine import raises
from .sshd import undisturbed
from .state import MAIN, give_back

NO_PASSWORDS = {'PasswordAuthentication': False}
KEYS = '/home/boss/.ssh/authorized_keys'

# Accounts and homes as each test finds them.
SAVED = '/root/saved'
ACCOUNTS = 'passwd shadow group gshadow pam.d/common-auth'


def prepare(machine):
    """Root, "boss" of sudo, and "guest" with a key; returns the text of sshd's main file.

    PAM answers at once, and sshd forgives clients whom it has refused again and again.
    """
    machine.run(['chpasswd'], input='root:secret\n')
    machine.user_add('boss', 'secret', groups=['sudo'])
    machine.user_add('guest', 'secret', groups=['team'])
    machine.key_add('guest')
    machine.run('rm -rf /root/.ssh'
                " && sed -i 's/pam_unix.so nullok/& nodelay/' /etc/pam.d/common-auth"
                f' && mkdir {SAVED} && cp -a /home {SAVED}/home'
                f' && cd /etc && cp -a --parents {ACCOUNTS} {SAVED}')
    main = machine.read(MAIN)
    return main if machine.release == 'bookworm' else f'{main}PerSourcePenalties no\n'


def clean(machine, main):
    """Accounts, homes and sshd are as prepare () left them, whatever has been done."""
    machine.run(f'rm -rf /root/.ssh /home/* /etc/nologin; cp -a {SAVED}/home/. /home/'
                f' && cd {SAVED} && cp -a --parents {ACCOUNTS} /etc')
    give_back(machine, main)


def refused(machine, change, **given):
    """Check that a change is refused, also where it is only tried; returns the reasons."""
    with undisturbed(machine):
        with raises('Lockout') as tried:
            machine.apply(change, dry_run=True, **given)
        with raises('Lockout') as done:
            machine.apply(change, **given)
    assert tried.message == done.message
    return done.message
