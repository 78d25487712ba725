# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""System calls as strace tells of them: what each does to what, and which of them there will be
again in another run."""

import re
import typing

STATE = '/var/lib/truenas-ssh'
ETC = '/etc/ssh'
OURS = (f'{ETC}/', f'{STATE}/')

# Of all system calls, those that the rigs look at.
SYSCALLS = ('openat', 'open', 'read', 'pread64', 'write', 'pwrite64', 'fsync', 'fdatasync',
            'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir', 'mkdir', 'mkdirat',
            'link', 'linkat', 'symlink', 'fchmod', 'chmod', 'fchmodat', 'fchown', 'chown',
            'fsetxattr', 'setxattr', 'getxattr', 'ftruncate', 'truncate', 'fallocate', 'flock',
            'fstat', 'newfstatat', 'statx', 'getdents64', 'access', 'faccessat', 'faccessat2',
            'readlink', 'socket', 'connect', 'setsockopt', 'ioctl', 'sendto', 'sendmsg',
            'recvfrom', 'recvmsg', 'pipe2', 'clone', 'clone3', 'fork', 'vfork', 'execve',
            'pidfd_open')


class Call(typing.NamedTuple):
    """A system call as it was recorded: the NUMBERth NAME of the threads of a ROLE."""

    role: str
    name: str
    number: int
    arguments: str
    turn: int = 1  # the how many-th with this label

    @property
    def label(self):
        """What it does to what, without what is others in every run."""
        text = re.sub(r'scratch-\w{6}', 'scratch', self.arguments)
        text = re.sub(r'(\.truenas-ssh-)\w{6}\b', r'\1', text)
        text = re.sub(r'deadline-\d+', 'deadline', text)
        found = re.search(r'</[^>]*>|"/[^"]*"', text.replace('AT_FDCWD</>', ''))
        what = found[0][1:-1] if found else 'message' if self.connection else ''
        return f'{self.role} {self.name} {what}'.rstrip()

    @property
    def temporary(self):
        """Of a write to one of our temporary files, how that one's name begins; else None.

        Writes are not counted, since threads wake each other up with them, now more, now less.
        """
        found = re.match(r'\d+</[^>]*/(\.[^/>]*)\.truenas-ssh-', self.arguments)
        return found[1] if found and self.name == 'write' and self.role == 'worker' else None

    @property
    def connection(self):
        """Of a write to the bus, the descriptor of that; else None."""
        found = re.match(r'(\d+)<UNIX', self.arguments)
        return int(found[1]) if found and self.name == 'write' and self.role == 'bus' else None

    @property
    def place(self):
        """What tells it from the others of its thread: a write, by what it is written to."""
        return (self.label, self.turn) if self.connection else (self.role, self.name, self.number)

    @property
    def is_ours(self):
        """Whether it is about one of the files that a change is made of."""
        return any(mark + folder in self.arguments for mark in '<"' for folder in OURS)


def has_effect(call):
    """Whether the world outside of the process is another one after it."""
    if call.name in ('openat', 'open'):
        return 'O_CREAT' in call.arguments
    if call.name in ('write', 'pwrite64'):
        return (call.connection is not None
                or re.match(r'\d+</(?!dev/)', call.arguments) is not None)
    if call.name in ('sendto', 'sendmsg'):
        return re.match(r'\d+<NETLINK', call.arguments) is None
    if call.name in ('clone', 'clone3'):
        return 'CLONE_THREAD' not in call.arguments
    return re.match('fsync|fdatasync|rename|unlink|rmdir|mkdir|link|symlink|f?chmod|f?chown|'
                    'f?setxattr|f?truncate|fallocate|flock|v?fork|execve', call.name) is not None


def parse(text, role):
    """The calls in what strace wrote about one thread."""
    numbers, found = {}, []
    for line in text.splitlines():
        match = re.match(r'(?:\[?pid +)?(?:\d+\]? +)?(\d+\.\d+) (\w+)\((.*)', line)
        if match:
            name = match[2]
            numbers[name] = numbers.get(name, 0) + 1
            found.append((float(match[1]), Call(role, name, numbers[name], match[3])))
    return found


def number(calls):
    """The same calls, each with the turn that it has among those of its label."""
    turns, found = {}, []
    for call in calls:
        turns[call.label] = turns.get(call.label, 0) + 1
        found.append(call._replace(turn=turns[call.label]))
    return found


def recurring(calls, again):
    """Those of a recording that another one, AGAIN, of the same operation has as well."""
    known = {call.place for call in again}
    return [call for call in calls if call.place in known]


def hit(text, role):
    """The call that was injected into, of what strace wrote about a ROLE's, or None."""
    lines = text.splitlines()
    for before, line in zip(['', *lines], lines):
        line = before if '+++ killed by SIGKILL +++' in line else line
        found = re.match(r'(?:\d+ +)?(\w+)\((.*)', line)
        if found and ('(INJECTED)' in line or line is before):
            return Call(role, found[1], 0, found[2])
    return None


def with_substitutes(chosen, found):
    """What to strike for each of CHOSEN until something is hit: itself twice, then what stands
    before it in FOUND and is not chosen. Not every run makes every call."""
    everything = []
    for call in chosen:
        before = found[max(0, found.index(call) - 2):found.index(call)]
        everything.append([call, call, *(each for each in reversed(before) if each not in chosen)])
    return everything
