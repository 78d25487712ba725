# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A booted Debian: overlay, cgroup, systemd-nspawn, and nothing left behind."""

import contextlib
import os
import pathlib
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


class CommandFailed(subprocess.CalledProcessError):
    """A command in the machine that ended with a status other than 0."""

    def __str__(self):
        return f'{super().__str__()}\n{self.stdout or ""}{self.stderr or ""}'


def wait_for(function, seconds=20, every=0.03):
    """The first true result of FUNCTION, or an assertion with the last one after SECONDS."""
    deadline = time.monotonic() + seconds
    while True:
        result = function()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {seconds} s: {function!r} gives {result!r}')
        time.sleep(every)


def hierarchies():
    """Where the cgroup hierarchies are mounted that systemd keeps its units in."""
    found = []
    for line in pathlib.Path('/proc/self/mounts').read_text(encoding='utf-8').splitlines():
        _source, target, kind, options = line.split()[:4]
        if kind == 'cgroup2' or (kind == 'cgroup' and 'name=systemd' in options.split(',')):
            found.append(pathlib.Path(target))
    return found


def remove_cgroup(folder):
    """Remove a cgroup and those below it; its processes are already dead or dying."""
    for current, _folders, _files in os.walk(folder, topdown=False):
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(current)


def remove_stale_cgroups(seconds=300):
    """Remove what killed runs have left: empty cgroups that are older than a boot takes."""
    for folder in hierarchies():
        for stale in folder.glob('truenas-ssh-*'):
            with contextlib.suppress(OSError):
                if time.time() - stale.stat().st_mtime > seconds:
                    remove_cgroup(stale)


class Container:
    """A Debian root and layers on top of it, booted on an overlay of its own."""

    def __init__(self, root, layers=(), arguments=()):
        """Boot ROOT with LAYERS (uppermost first) over it and extra nspawn ARGUMENTS."""
        self.arguments = list(arguments)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='truenas-ssh-'))
        self.name = self.folder.name.replace('_', 'X')  # it must not end in a dash
        self.image = self.folder / 'image'
        self.cgroups = [folder / self.name for folder in hierarchies()]
        self.process = None
        self.leader = None
        try:
            self._mount([*layers, root])
            self.boot()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def _mount(self, lower):
        """Lay an overlay in memory over the LOWER folders."""
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'machine', self.folder],
                       check=True)
        for name in ('upper', 'work', 'image'):
            (self.folder / name).mkdir()
        options = (f'lowerdir={":".join(map(str, lower))},'
                   f'upperdir={self.folder}/upper,workdir={self.folder}/work')
        subprocess.run(['mount', '-t', 'overlay', '-o', options, 'machine', self.image],
                       check=True)

    # Power

    def boot(self, seconds=60):
        """Switch the machine on and wait until it is up."""
        for folder in self.cgroups:
            folder.mkdir(exist_ok=True)
        join = ''.join(f'echo $$ >{shlex.quote(str(folder))}/cgroup.procs; '
                       for folder in self.cgroups)
        command = ['setpriv', '--pdeathsig', 'KILL', 'systemd-nspawn', '--quiet', '--boot',
                   '--register=no', '--keep-unit', '--private-network', '--settings=no',
                   '--link-journal=no', '--resolv-conf=off', '--timezone=off', '--console=pipe',
                   f'--machine={self.name}', '--hostname=machine',
                   f'--directory={self.image}', *self.arguments]
        with open(self.folder / 'console', 'ab') as console:
            self.process = subprocess.Popen(
                ['/bin/sh', '-c', f'{join}exec "$@"', 'sh', *command],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
        self._wait_until_up(seconds)

    def _wait_until_up(self, seconds):
        """Wait for the first process, the bus and the end of the boot."""
        self.leader = wait_for(self._find_leader, seconds)
        wait_for(self._has_bus, seconds)
        state = wait_for(self._boot_state, seconds)
        if state == 'degraded':
            failed = self.run(['systemctl', '--failed', '--no-legend', '--plain']).stdout
            print(f'the machine is up, but these units failed:\n{failed}', flush=True)

    def _find_leader(self):
        """The machine's first process as seen from here, or None."""
        if self.process.poll() is not None:
            raise RuntimeError(f'systemd-nspawn ended\n{self.console()}')
        pid = self.process.pid
        with contextlib.suppress(OSError):
            ours = os.readlink('/proc/self/ns/pid')
            children = pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text('ascii')
            for child in map(int, children.split()):
                comm = pathlib.Path(f'/proc/{child}/comm').read_text('utf-8').strip()
                if comm == 'systemd' and os.readlink(f'/proc/{child}/ns/pid') != ours:
                    return child
        return None

    def _has_bus(self):
        """Whether the bus can be reached."""
        if self.process.poll() is not None:
            raise RuntimeError(f'systemd-nspawn ended\n{self.console()}')
        return self.path('/run/dbus/system_bus_socket').exists()

    def _boot_state(self):
        """How the boot ended, or None while it goes on."""
        done = self.run(['systemctl', 'is-system-running'], check=False)
        state = done.stdout.strip()
        return state if state in ('running', 'degraded', 'maintenance') else None

    def reboot(self):
        """Shut the machine down in good order and start it again; its disk stays."""
        self.shutdown()
        self.boot()

    def crash(self):
        """Cut the power and start again: nothing in the machine can clean up."""
        self.power_off()
        self.boot()

    def shutdown(self, seconds=30):
        """Shut down in good order."""
        os.kill(self.leader, signal.SIGRTMIN + 4)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            print(f'the machine did not shut down within {seconds} s', flush=True)
        self.power_off()

    def power_off(self):
        """End every process of the machine at once."""
        if self.process is None:
            return
        leader = self.leader or self._try_find_leader()
        if leader and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(leader, signal.SIGKILL)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.process = self.leader = None
        self._remove_cgroups()

    def _try_find_leader(self):
        """The first process of a machine that perhaps never came up."""
        with contextlib.suppress(RuntimeError):
            return self._find_leader()
        return None

    def _remove_cgroups(self):
        """Remove the machine's cgroups as soon as they are empty."""
        for folder in self.cgroups:
            for _attempt in range(100):
                try:
                    remove_cgroup(folder)
                    break
                except OSError:
                    time.sleep(0.02)

    def close(self):
        """Switch off and remove everything that the machine had."""
        self.power_off()
        for target in (self.image, self.folder):
            if target.is_mount():
                subprocess.run(['umount', '--lazy', target], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def console(self):
        """What the boot printed."""
        return (self.folder / 'console').read_text('utf-8', errors='replace')

    # Commands and files

    def enter(self, command, user=None):
        """The argument list that runs COMMAND (a list, or text for the shell) in the machine."""
        inner = ['sh', '-c', command] if isinstance(command, str) else list(map(str, command))
        if user:
            inner = ['runuser', '-u', user, '--', *inner]
        return ['nsenter', '-t', str(self.leader), '-a', '-r', '-w', '--', *inner]

    def environment(self, user=None, extra=None):
        """The environment of a command in the machine."""
        name = user or 'root'
        home = '/root' if name == 'root' else f'/home/{name}'
        base = {'PATH': PATH, 'LANG': 'C.UTF-8', 'TERM': 'dumb', 'HOME': home,
                'USER': name, 'LOGNAME': name, 'SHELL': '/bin/bash'}
        return {**base, **(extra or {})}

    def popen(self, command, user=None, env=None, **options):
        """Start COMMAND in the machine and return the Popen; it dies with the machine at the latest."""
        return subprocess.Popen(self.enter(command, user), env=self.environment(user, env),
                                cwd='/', start_new_session=True, **options)

    def run(self, command, user=None, check=True, input=None, timeout=60, env=None):
        """Run COMMAND (a list, or text for the shell) in the machine to its end."""
        stdin = subprocess.DEVNULL if input is None else subprocess.PIPE
        with self.popen(command, user, env, stdin=stdin, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE, text=True, encoding='utf-8',
                        errors='replace') as process:
            try:
                out, err = process.communicate(input, timeout)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
        if check and process.returncode:
            raise CommandFailed(process.returncode, command, out, err)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def path(self, path):
        """A path of the machine as seen from here (absolute symlinks in it lead out)."""
        return pathlib.Path(f'/proc/{self.leader}/root') / str(path).lstrip('/')

    def exists(self, path):
        """Whether something is there, a dangling symlink included."""
        return os.path.lexists(self.path(path))

    def read(self, path):
        """The text of a file in the machine, byte for byte."""
        return self.path(path).read_bytes().decode('utf-8', errors='surrogateescape')

    def write(self, path, text, mode=0o644):
        """Write a file in the machine, and the folders on the way."""
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode('utf-8', errors='surrogateescape'))
        target.chmod(mode)

    def remove(self, path):
        """Remove a file in the machine, if it is there."""
        self.path(path).unlink(missing_ok=True)
