# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What strace does to the daemon in the middle of things: it is held where it takes the journal's
lock, a tracer is attached to one of its threads, and then it goes on."""

import concurrent.futures
import contextlib
import os
import subprocess
import time

from gi.repository import GLib

from .build import PROBES
from .bus import SETTINGS, failure
from .calls import ETC, STATE, SYSCALLS, hit, number, parse
from .container import wait_for
from .sshd import CHANGING, ports

DAEMON = 'truenas-ssh.service'
PREPARE = 'truenas-ssh-prepare.service'
DAEMON_PROGRAM = 'truenas-ssh-daemon'
PREPARE_PROGRAM = 'truenas-ssh-prepare'
FOLDER = '/run/truenas-ssh-rig'
JOURNAL = f'{STATE}/journal'
SCRATCH = '/run/truenas-ssh'
PATIENCE = 60

GONE = ('org.freedesktop.DBus.Error.NoReply', 'org.freedesktop.DBus.Error.Disconnected')

# The daemon is started again soon, since that happens hundreds of times.
UNIT = f'''[Service]
Environment=LD_PRELOAD={PROBES}/probe-hold.so TRUENAS_SSH_HOLD={FOLDER}
RestartSec=100ms
ReadWritePaths={FOLDER}
'''


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
                self.let_go(program)
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
        """Where sshd listens: for a moment it does not, while it reads its configuration again."""
        found, before = ports(self.machine), None
        deadline = time.monotonic() + 2
        while found != before or (not found and time.monotonic() < deadline):
            time.sleep(0.02)
            found, before = ports(self.machine), found
        return found

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
