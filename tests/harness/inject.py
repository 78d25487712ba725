# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What strace does to the daemon in the middle of things: it is held where it takes the journal's
lock, a tracer is attached to one of its threads, and then it goes on."""

import concurrent.futures
import contextlib
import os
import re
import subprocess
import typing

from gi.repository import GLib

from .build import PROBES
from .bus import SETTINGS, failure
from .container import wait_for
from .sshd import CHANGING, ports

DAEMON = 'truenas-ssh.service'
PREPARE = 'truenas-ssh-prepare.service'
DAEMON_PROGRAM = 'truenas-ssh-daemon'
PREPARE_PROGRAM = 'truenas-ssh-prepare'
FOLDER = '/run/truenas-ssh-rig'
STATE = '/var/lib/truenas-ssh'
JOURNAL = f'{STATE}/journal'
SCRATCH = '/run/truenas-ssh'
ETC = '/etc/ssh'
OURS = (f'{ETC}/', f'{STATE}/')
PATIENCE = 60

GONE = ('org.freedesktop.DBus.Error.NoReply', 'org.freedesktop.DBus.Error.Disconnected')

# The daemon is started again soon, since that happens hundreds of times.
UNIT = f'''[Service]
Environment=LD_PRELOAD={PROBES}/probe-hold.so TRUENAS_SSH_HOLD={FOLDER}
RestartSec=100ms
ReadWritePaths={FOLDER}
'''

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


class NeverHeld(AssertionError):
    """An operation came to its end without a change, with this error."""


class Rig:
    """A machine whose daemon can be held, watched and struck."""

    def __init__(self, machine):
        """Have the daemon and prepare stop where they are held."""
        self.machine = machine
        machine.run(['mkdir', '-p', FOLDER])
        for unit in (DAEMON, PREPARE):
            machine.write(f'/run/systemd/system/{unit}.d/90-rig.conf', UNIT)
        machine.write('/run/systemd/system/ssh.service.d/90-rig.conf',
                      '[Unit]\nStartLimitIntervalSec=0\n')
        machine.run(['systemctl', 'daemon-reload'])
        machine.run(['systemctl', 'restart', DAEMON])
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.session = None  # somebody's, who is to notice nothing
        self.generation = 0  # as last seen

    # Holding

    def hold(self, place):
        """From now on, whoever comes to this place is held."""
        self.machine.write(f'{FOLDER}/{place}', '')

    def let_go(self, place):
        """From now on, and those who are held there, nobody is."""
        self.machine.remove(f'{FOLDER}/{place}')

    def let_all_go(self):
        """Nobody is held any more."""
        self.machine.run(['find', FOLDER, '-mindepth', '1', '-delete'])

    def find_held(self):
        """The (process, thread) that is held, or None."""
        for name, pid in self.processes():
            if name in ('truenas-ssh-dae', 'held'):
                for tid, comm in self.threads(pid):
                    if comm == 'held':
                        return pid, tid
        return None

    def processes(self):
        """Every process of the machine: (name, number)."""
        found = []
        for path in self.machine.path('/proc').iterdir():
            if path.name.isdigit():
                with contextlib.suppress(OSError):
                    found.append(((path / 'comm').read_text('utf-8').strip(), int(path.name)))
        return found

    def threads(self, pid):
        """The threads of a process: (number, name)."""
        found = []
        with contextlib.suppress(OSError):
            for path in self.machine.path(f'/proc/{pid}/task').iterdir():
                with contextlib.suppress(OSError):
                    found.append((int(path.name), (path / 'comm').read_text('utf-8').strip()))
        return found

    def go(self, tid):
        """Let one held thread go on."""
        self.machine.path(f'{FOLDER}/{tid}').write_bytes(b'')
        wait_for(lambda: not (self.machine.exists(f'{FOLDER}/{tid}') and self.is_held(tid)),
                 PATIENCE, 0.002)

    def is_held(self, tid):
        """Whether a thread is held still."""
        try:
            return self.machine.read(f'/proc/{tid}/comm') == 'held\n'
        except OSError:
            return False

    # Tracing

    def roles(self, pid, tid):
        """The threads of a daemon in which TID is held: role → numbers."""
        named = self.threads(pid)
        pools = [each for each, name in named if name.startswith('pool') and name != 'pool-spawner']
        return {'worker': [tid], 'bus': [each for each, name in named if name == 'gdbus'],
                'after': [each for each in pools if each != tid]}

    def _attach(self, tids, arguments):
        """Start strace on threads; returns it once it has them all."""
        tracer = self.machine.popen(
            ['strace', '-qq', '-yy', *arguments, *(f'--attach={tid}' for tid in tids)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

        def attached():
            assert tracer.poll() is None, tracer.stderr.read()
            return all('TracerPid:\t0\n' not in self.machine.read(f'/proc/{tid}/status')
                       for tid in tids)
        wait_for(attached, PATIENCE, 0.005)
        return tracer

    def _detach(self, tracer):
        """End a tracer, if it has not ended with what it traced."""
        pids = [str(pid) for name, pid in self.processes() if name == 'strace']
        if tracer.poll() is None and pids:
            self.machine.run(['kill', '-TERM', *pids], check=False)
        tracer.wait(PATIENCE)
        tracer.stderr.close()

    def record(self, operate, program=DAEMON_PROGRAM):
        """Let OPERATE run undisturbed; every call that the threads of PROGRAM make, in order."""
        self.machine.run(f'rm -f {FOLDER}/record*')
        with self.running(operate, program) as (pid, tid, finish, _done):
            roles = self.roles(pid, tid)
            tids = [each for some in roles.values() for each in some]
            tracer = self._attach(tids, ['-ttt', '-s', '64', '--output-separately',
                                         '-o', f'{FOLDER}/record',
                                         '-e', f'trace=?{",?".join(SYSCALLS)}'])
            self.go(tid)
            finish()
            self._detach(tracer)
        self.let_go(program)
        found = []
        for role, some in roles.items():
            for each in some:
                found += parse(self.machine.read(f'{FOLDER}/record.{each}'), role)
        return number([call for _time, call in sorted(found) if FOLDER not in call.arguments])

    def strike(self, operate, call, what, program=DAEMON_PROGRAM):
        """Run OPERATE and inject WHAT (as strace takes it) at a CALL.

        PROGRAM is held still when it comes to its lock again. Returns what OPERATE gives, and
        the call that was hit, or None.
        """
        self.machine.run(f'rm -f {FOLDER}/hit')
        with self.running(operate, program) as (pid, tid, finish, done):
            count = call.number
            if call.temporary is not None:
                count = 1
                if not self._advance(tid, call, done):
                    return None, None
            tids = self.roles(pid, tid)[call.role]
            if not tids:
                self.go(tid)
                return finish(), None
            only = []
            if call.connection is not None:
                count = call.turn
                only = ['-P', os.readlink(self.machine.path(f'/proc/{pid}/fd/{call.connection}'))]
            tracer = self._attach(tids,
                                  ['-s', '64', '-o', f'{FOLDER}/hit', '-e', f'trace={call.name}',
                                   '-e', f'inject={call.name}:{what}:when={count}', *only])
            try:
                if call.temporary is not None:
                    self.let_go(call.temporary)
                else:
                    self.go(tid)
                outcome = finish()
            finally:
                self._detach(tracer)
        return outcome, hit(self.machine.read(f'{FOLDER}/hit'), call.role)

    def _advance(self, tid, call, done):
        """Let a held thread go on to where it has made the temporary file that CALL writes.

        Returns whether it came there, as opposed to another thread, or none.
        """
        self.hold(call.temporary)
        for _turn in range(call.turn):
            self.go(tid)
            wait_for(lambda: self.find_held() or done(), PATIENCE, 0.002)
            if not self.is_held(tid):
                self.let_go(call.temporary)
                return False
        return True

    @contextlib.contextmanager
    def running(self, operate, program):
        """OPERATE runs in a thread and is held: (process, thread, wait for it, is it done?)."""
        self.hold(program)
        future = self.pool.submit(operate)

        def finish():
            return future.result(PATIENCE)
        try:
            found = wait_for(lambda: self.find_held() or future.done(), PATIENCE, 0.005)
            if found is True:
                raise NeverHeld(future.result())
            yield *found, finish, future.done
        finally:
            if not future.done():
                self.let_all_go()
            future.result(PATIENCE)

    # What the machine is like

    def texts(self):
        """Sshd's configuration, file by file, without the drop-in's number."""
        found = {}
        top = self.machine.path(ETC)
        for path in [top / 'sshd_config', *sorted((top / 'sshd_config.d').glob('*.conf'))]:
            lines = path.read_text('utf-8').splitlines(True)
            found[path.name] = ''.join(line for line in lines if not line.startswith(CHANGING))
        return found

    def ports(self):
        """Where sshd listens."""
        return ports(self.machine)

    def settings(self):
        """What the interface tells of the settings."""
        values = self.machine.properties()
        return {name: values[name] for name in (*SETTINGS, 'ManagedSettings')}

    def world(self):
        """All that has to agree: files, what sshd reads in them, its sockets, the properties."""
        return {'files': self.texts(), 'sshd': self.machine.sshd_T(), 'ports': self.ports(),
                'properties': self.settings()}

    def look(self):
        """The world, once the service answers, and what has to be true of any."""
        world = self.world()
        generation = self.machine.get('Generation')
        assert generation >= self.generation, (generation, self.generation)
        self.generation = generation
        world['pending'] = self.machine.get('PendingDeadline') != 0
        assert world['pending'] == self.machine.exists(JOURNAL)
        assert self.session is None or self.session.lives()
        return world

    def leftovers(self, *folders):
        """Files that a change needs only while it goes on, but for the journal."""
        found = []
        for folder in folders or (ETC, STATE, SCRATCH):
            top = self.machine.path(folder)
            for current, folders, names in os.walk(top):
                found += [os.path.join(current, name) for name in (*folders, *names)
                          if 'truenas-ssh-' in name or name.startswith('scratch-')
                          or name.endswith('.broken')]
        return found


def outcome_of(call, *arguments, **named):
    """The name of the error that a call ends with, or None."""
    try:
        call(*arguments, **named)
    except GLib.Error as error:
        return failure(error).name
    return None
