# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A transcript of the service at work, for somebody who sees it for the first time."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

from . import roots
from .build import Build, BuildFailed
from .jobs import wrap
from .machine import Machine

RELEASE = 'bookworm'
INSIDE = 'TRUENAS_SSH_TOUR'  # set in the process that may leave mounts and processes behind
CALL = 'busctl call org.truenas.SSH /org/truenas/SSH org.truenas.SSH'
READ = 'busctl get-property org.truenas.SSH /org/truenas/SSH org.truenas.SSH'
LOGIN = "visitor@localhost 'echo Hello from $(hostname), I am $(id -un)'"


class Step(typing.NamedTuple):
    """One command, why it is run, and patterns that its output must and must not match."""

    why: str
    command: str
    holds: str = ''
    lacks: str = '$^'
    works: bool = True


STEPS = (
    Step('The service introduces itself; the bus starts it when it is first asked.',
         'busctl introspect org.truenas.SSH /org/truenas/SSH', r'\.TcpPort'),
    Step('Settings are properties that anybody may read. Nothing is managed yet (as 0).',
         f'{READ} TcpPort ManagedSettings', 'q 22'),
    Step('Move SSH to port 2222. The answer comes when sshd is proven to listen there.',
         f"{CALL} Apply 'a{{sv}}a{{sv}}' 1 TcpPort q 2222 0", 'TcpPort'),
    Step('So a user logs in there, with a key.', f'ssh -p 2222 {LOGIN}', 'I am visitor'),
    Step('What was set, and only that, is in one file of sshd.',
         'cat /etc/ssh/sshd_config.d/00-truenas.conf', '2222'),
    Step('A user without privileges asks for another port and is refused.',
         f"runuser -u visitor -- {CALL} Apply 'a{{sv}}a{{sv}}' 1 TcpPort q 3333 0",
         'denied|nteractive auth', works=False),
    Step('The administrator makes a typing mistake; nothing is touched, the line is named.',
         f"{CALL} Apply 'a{{sv}}a{{sv}}' 1 AuxiliaryParameters s 'ClientAliveIntervall 30' 0",
         'AuxiliaryParameters:1', works=False),
    Step('SSH still answers on port 2222.', f'ssh -p 2222 {LOGIN}', 'I am visitor'),
    Step('Give the port back to the system.',
         f"{CALL} Apply 'a{{sv}}a{{sv}}' 0 1 reset as 1 TcpPort", 'TcpPort'),
    Step('SSH is where it was, and nothing is managed any more.', f'ssh {LOGIN}', 'I am visitor'),
    Step('The file is gone as well.', 'ls /etc/ssh/sshd_config.d', lacks='00-truenas.conf'),
)


def prepare(machine):
    """A user and a key, so that ssh needs no questions answered."""
    machine.user_add('visitor')
    key = machine.key_add('visitor')
    machine.write('/root/.ssh/config', f'IdentityFile {key}\nStrictHostKeyChecking no\n'
                  'UserKnownHostsFile /dev/null\nLogLevel ERROR\nConnectTimeout 5\n', 0o600)


def take(machine, step):
    """Run one step and show it; returns whether it did what it says."""
    print(f'\n# {step.why}\n$ {step.command}', flush=True)
    done = machine.run(f'{{ {step.command}\n}} 2>&1', check=False)
    print(done.stdout.rstrip(), flush=True)
    good = bool((done.returncode == 0) == step.works
            and re.search(step.holds, done.stdout)
            and not re.search(step.lacks, done.stdout))
    if not good:
        print(f'!! this was not what should happen (exit status {done.returncode})', flush=True)
    return good


def shell(machine):
    """An interactive shell on the machine, with a terminal of the machine's own."""
    print('\nA shell on the machine; it ends with it. The user "visitor" can log in with ssh.')
    command = machine.enter(['script', '--quiet', '--return', '--command', 'bash -l', '/dev/null'])
    env = {**machine.environment(), 'TERM': os.environ.get('TERM', 'dumb')}
    return subprocess.run(command, env=env, cwd='/', check=False).returncode


def build_tree(folder):
    """The layer that the tree installs."""
    build = Build(RELEASE, 'plain', pathlib.Path(folder), lasting=True)
    print(f'building for Debian {RELEASE}; the objects stay in {build.objects}', flush=True)
    try:
        build.make()
    except BuildFailed as error:
        sys.exit(f'{error}\ntests/try: the build failed')
    return build.layer


def tour(interactive):
    """Build, boot, and run the steps or the shell; returns the exit status."""
    with tempfile.TemporaryDirectory(prefix='truenas-ssh-try-') as folder:
        layer = build_tree(folder)
        print('booting a throwaway machine', flush=True)
        with Machine(roots.root(RELEASE), layer) as machine:
            prepare(machine)
            if interactive:
                return shell(machine)
            good = [take(machine, step) for step in STEPS]
    print(f'\n{sum(good)} of {len(good)} steps did what they say; the machine is gone.')
    return 0 if all(good) else 1


def main():
    """Start over where nothing can be left behind, then give the tour."""
    parser = argparse.ArgumentParser(prog='tests/try', description=__doc__)
    parser.add_argument('--shell', action='store_true', help='a shell on the machine instead')
    given = parser.parse_args()
    if INSIDE not in os.environ:
        os.environ[INSIDE] = '1'
        command = wrap([sys.executable, '-P', '-m', 'harness.tour', *sys.argv[1:]])
        os.execvp(command[0], command)
    return tour(given.shell)


if __name__ == '__main__':
    sys.exit(main())
