# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tree, built and installed inside a release's root, never on the host."""

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

from . import node, roots
from .jobs import contained

SOURCE = pathlib.Path(__file__).resolve().parents[2]
REPORTS = '/var/log/truenas-ssh-sanitizer'
COMMON = ('--prefix=/usr', '--sysconfdir=/etc', '--localstatedir=/var', '-Db_colorout=never',
          '-Dzsh_completions=/usr/share/zsh/vendor-completions')

# What distinguishes the builds: compiler and options of meson setup.
KINDS = {
    'plain': ('gcc', '-Dbuildtype=debugoptimized', '-Dwerror=true', '-Ddocs=disabled'),
    'clang': ('clang', '-Dbuildtype=debugoptimized', '-Dwerror=true', '-Ddocs=enabled'),
    'sanitized': ('gcc', '-Ddebug=true', '-Doptimization=1', '-Db_lundef=false',
                  '-Db_sanitize=address,undefined', '-Ddocs=disabled'),
    'fuzz': ('clang', '-Ddebug=true', '-Doptimization=1', '-Db_lundef=false', '-Dfuzz=true',
             '-Db_sanitize=address,undefined', '-Dintrospection=disabled', '-Dvapi=disabled',
             '-Ddocs=disabled'),
    'coverage': ('gcc', '-Ddebug=true', '-Doptimization=0', '-Db_coverage=true',
                 '-Ddocs=disabled'),
    'mutant': ('gcc', '-Dbuildtype=debugoptimized', '-Dintrospection=disabled',
               '-Dvapi=disabled', '-Ddocs=disabled'),
}

# The page is the same in all of them.
WITH_PAGE = ('plain', 'packages')

SANITIZER = {
    'ASAN_OPTIONS': f'log_path={REPORTS}/address:abort_on_error=1'
                    ':detect_stack_use_after_return=1'
                    # Whole stacks, through libraries without frame pointers too, would take four
                    # times the time.
                    ':fast_unwind_on_malloc=1',
    'G_SLICE': 'always-malloc',
    'UBSAN_OPTIONS': f'log_path={REPORTS}/undefined:halt_on_error=1:abort_on_error=1'
                     ':print_stacktrace=1',
}

UNITS = ('truenas-ssh.service', 'truenas-ssh-prepare.service', 'truenas-ssh-revive@.service',
         'truenas-ssh-keys@.service')
PROBES = '/usr/libexec/truenas-ssh-probes'
# Where programs that count are compiled, and count; whoever boots such ones names the folder.
OBJECTS = '/work/build'
COUNTERS = 'TRUENAS_SSH_COUNTERS'
COUNTING = f'[Service]\nReadWritePaths={OBJECTS}\n'
FATAL = '[Service]\nEnvironment=G_DEBUG=fatal-warnings\n'


class BuildFailed(RuntimeError):
    """A build that ended badly; its text is what the tools printed."""


class Build:
    """One kind of build for one release: folder/layer is what it installs."""

    def __init__(self, release, kind, folder, lasting=False, source=SOURCE):
        """A build in FOLDER; a LASTING one compiles in a folder that stays from run to run."""
        self.release = release
        self.kind = kind
        self.source = source
        self.folder = folder / f'{release}-{kind}'
        self.layer = self.folder / 'layer'
        self.objects = self.folder / 'build'
        if lasting:
            self.objects = self.lasting_folder() / self.folder.name

    def lasting_folder(self):
        """Where what this checkout compiles with today's root stays."""
        mark = hashlib.sha256(f'{SOURCE} {roots.key(self.release)} {node.key()}'.encode()).hexdigest()[:12]
        return roots.cache_dir() / f'build-{mark}'

    def page_modules(self):
        """What lets the page be built, if it is to be."""
        found = self.kind in WITH_PAGE and node.modules().is_dir()
        return [f'--bind-ro={node.modules()}:{node.INSIDE}'] if found else []

    def inside(self, script, timeout=600):
        """Run a shell SCRIPT in the root: the tree is /src, the build /work/build."""
        command = ['systemd-nspawn', '--quiet', '--register=no', '--keep-unit', '--as-pid2',
                   '--private-network', '--settings=no', '--link-journal=no', '--timezone=off',
                   '--resolv-conf=off', '--console=pipe', '--volatile=overlay',
                   f'--directory={roots.root(self.release)}',
                   f'--machine={self.folder.name}-{os.getpid()}', f'--bind-ro={self.source}:/src',
                   f'--bind={self.folder}:/work', f'--bind={self.objects}:/work/build',
                   '--chdir=/work',
                   *self.page_modules(), '--setenv=LANG=C.UTF-8', '--setenv=PYTHONDONTWRITEBYTECODE=1']
        return contained([*command, '/bin/sh', '-eu', '-c', script], timeout)

    def make(self):
        """Configure, compile and install into the layer; returns what was printed."""
        self.layer.mkdir(parents=True)
        self.objects.mkdir(parents=True, exist_ok=True)
        (self.folder / 'build').mkdir(exist_ok=True)
        compiler, *options = KINDS[self.kind]
        page = 'enabled' if self.page_modules() else 'disabled'
        setup = ' '.join((*COMMON, *options, f'-Dcockpit={page}', f'-Dnode_modules={node.INSIDE}'))
        with open(f'{self.objects}.lock', 'w', encoding='utf-8') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            status, text = self.inside(
                'export ASAN_OPTIONS=detect_leaks=0\n'
                f'[ -f build/build.ninja ] || CC={compiler} meson setup build /src {setup}\n'
                'ninja -C build\n'
                'DESTDIR=/work/layer meson install -C build --no-rebuild --quiet\n')
        if status:
            raise BuildFailed(text)
        self.add_ours()
        return text

    def add_ours(self):
        """Put into the layer what only the tests need: probes, fatal warnings, reports."""
        self.layer.chmod(0o755)
        probes = self.layer / PROBES.lstrip('/')
        probes.mkdir(parents=True)
        for probe in filter(pathlib.Path.is_file, self.objects.glob('tests/probe/probe-*')):
            shutil.copy(probe, probes)
        for unit in UNITS:
            folder = self.layer / f'etc/systemd/system/{unit}.d'
            folder.mkdir(parents=True)
            (folder / '50-fatal-warnings.conf').write_text(FATAL)
            if self.kind == 'sanitized':
                (folder / '50-sanitizer.conf').write_text(self.sanitizer_unit())
            if self.kind == 'coverage':
                (folder / '50-counting.conf').write_text(COUNTING)
        if self.kind == 'sanitized':
            reports = self.layer / REPORTS.lstrip('/')
            reports.mkdir(parents=True)
            reports.chmod(0o1777)

    @staticmethod
    def sanitizer_unit():
        """The part of a unit that lets the sanitizers work and report."""
        lines = [f'Environment="{name}={value}"' for name, value in SANITIZER.items()]
        return '\n'.join(['[Service]', *lines,
                          f'LogsDirectory={pathlib.Path(REPORTS).name}', 'LogsDirectoryMode=1777',
                          'SystemCallFilter=', 'LimitAS=infinity', 'MemoryMax=infinity', ''])

    def test(self, full=False):
        """Run meson's tests; returns a list of (name, passed) and the text of the failures."""
        long = 'export TRUENAS_SSH_FULL=1\n' if full else ''
        suite = '--suite fuzz -t 10' if self.kind == 'fuzz' else f'-t {60 if full else 1}'
        status, text = self.inside(
            f'{long}mkdir -p /run/sshd\n'
            'export ASAN_OPTIONS=abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1\n'
            f'meson test -C build --no-rebuild --print-errorlogs {suite}',
            4 * 3600 if full else 600)
        log = self.objects / 'meson-logs/testlog.json'
        found = []
        if log.exists():
            found = [json.loads(line) for line in log.read_text().splitlines()]
        results = [(each['name'], each['result'] in ('OK', 'EXPECTEDFAIL')) for each in found]
        if not results or (status and all(passed for _name, passed in results)):
            results.append(('meson test', False))
        return results, text


def tracked(*patterns):
    """Files of the tree that match, without what git ignores; without git, all that match."""
    command = ['git', '-c', 'safe.directory=*', '-C', str(SOURCE), 'ls-files', '--cached',
               '--others', '--exclude-standard', '-z', '--', *patterns]
    try:
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True)
        names = done.stdout.split('\0')
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(SOURCE)) for pattern in patterns
                 for path in SOURCE.rglob(pattern)]
    return sorted({name for name in names if name and (SOURCE / name).is_file()})
