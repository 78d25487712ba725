# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian roots, made once and kept outside the checkout: one per release, and others with more."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

RELEASES = ('bookworm', 'trixie')
IN_USE = []  # open files, each with the lock that keeps a root from being removed
PACKAGES = pathlib.Path(__file__).parent.parent / 'packages'
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
# What a root is for → the lists of its packages, beside the release's own.
PURPOSES = {'': ('run', 'build', 'lint'), 'cockpit': ('run', 'cockpit'), 'bench': ('run', 'bench'),
            'newer cockpit': ('run', 'cockpit')}
# Of one of them, a list that comes from the release's backports.
NEWER = {'newer cockpit': 'cockpit'}
MIRROR = 'http://deb.debian.org/debian'
VERSION = 1  # raised when the recipe below changes

# What the packages leave behind that a machine must not start with.
RECIPE = (
    'rm -f "$1/etc/machine-id" && systemd-machine-id-setup --root="$1" 2>/dev/null',
    'chroot "$1" systemctl --quiet disable krb5-kdc.service krb5-admin-server.service dnsmasq.service'
    ' 2>/dev/null || true',
    # A directory is for the tests that set one up: without it names and logins are the machine's.
    'chroot "$1" systemctl --quiet mask slapd.service',
    'chroot "$1" sh -c "cd /usr/lib/systemd/system'
    ' && systemctl --quiet disable sssd.service sssd-*.socket"',
    'chroot "$1" pam-auth-update --package --remove sss pwquality',
    'sed -i -e "/^automount:/d" -e "s/ sss\\>//" "$1/etc/nsswitch.conf"',
    'chroot "$1" systemctl --quiet mask console-getty.service apt-daily.timer apt-daily-upgrade.timer'
    ' systemd-networkd-wait-online.service NetworkManager-wait-online.service',
    'touch "$1/etc/default/locale"',
    # What a German and an Egyptian machine speak: C.UTF-8 alone ignores LANGUAGE on Debian 13.
    'for name in de_DE ar_EG; do'
    ' chroot "$1" localedef -i "$name" -f UTF-8 "$name.UTF-8"; done',
    # A bus for the tests that ask for it: dbus-daemon is the bus of the others.
    'chroot "$1" systemctl --quiet disable dbus-broker.service',
    'chroot "$1" systemctl --quiet --global disable dbus-broker.service',
    'printf "127.0.0.1 localhost\\n::1 localhost\\n127.0.1.1 machine\\n" >"$1/etc/hosts"',
    'echo machine >"$1/etc/hostname"',
    'mkdir -p "$1/src" "$1/work" "$1/var/log/journal" "$1/var/cache/packages"',
    # To be installed once more, as an upgrade does.
    'cp "$1"/var/cache/apt/archives/openssh-server_*.deb "$1/var/cache/packages/"',
)


def cache_dir():
    """The folder that holds the roots."""
    base = os.environ.get('XDG_CACHE_HOME') or '/var/cache'
    return pathlib.Path(base) / 'truenas-ssh-tests'


def packages(name):
    """The names in one package list."""
    lines = (PACKAGES / name).read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith('#')]


def wanted(release, purpose=''):
    """Every package that the root of a release holds."""
    lists = PURPOSES[purpose] + (() if purpose else (release,))
    newer = packages(NEWER[purpose]) if purpose in NEWER else []
    return sorted({f'{name}/{release}-backports' if name in newer else name
                   for part in lists for name in packages(part)})


def key(release, purpose=''):
    """What a root depends on, as a short hash."""
    text = repr((VERSION, release, wanted(release, purpose), RECIPE))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def sources(release, backports=False):
    """The host's own Debian mirrors as apt lines for a release; empty for the default ones."""
    asked = '$(ORIGIN)|$(LABEL)|$(REPO_URI)|$(CODENAME)'
    done = subprocess.run(['apt-get', 'indextargets', '--format', asked], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    found = {}
    for line in done.stdout.splitlines():
        origin, label, uri, codename = line.split('|')
        if origin == 'Debian' and codename:
            suffix = '-security' if label == 'Debian-Security' else ''
            found.setdefault(suffix, uri)
    if '' not in found and not backports:
        return []
    found.setdefault('', MIRROR)
    found['-updates'] = found['']
    if backports:
        found['-backports'] = found['']
    return [f'deb [signed-by={KEYRING}] {uri} {release}{suffix} main'
            for suffix, uri in sorted(found.items())]


def root(release, purpose=''):
    """The folder of the release's root for a PURPOSE, which is made if it is not there."""
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    name = f'{purpose.replace(" ", "-")}-{release}' if purpose else release
    path = folder / f'{name}-{key(release, purpose)}'
    with open(folder / f'{name}.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.is_dir():
            make(release, purpose, name, path)
            remove_old(name, path)
        IN_USE.append(lock_use(path, fcntl.LOCK_SH))
    return path


def lock_use(path, kind):
    """Lock a root: shared by those who use it, exclusive for the one who removes it."""
    lock = open(f'{path}.used', 'w', encoding='utf-8')
    fcntl.flock(lock, kind)
    return lock


def make(release, purpose, name, path):
    """Make a root beside its final name and rename it, so that a killed run leaves none."""
    print(f'making a root of Debian {release}{purpose and " with "}{purpose}, once', flush=True)
    temporary = pathlib.Path(tempfile.mkdtemp(prefix=f'.{name}-', dir=path.parent))
    try:
        temporary.chmod(0o755)
        command = ['mmdebstrap', '--quiet', '--variant=apt', '--format=directory',
                   '--include=' + ','.join(wanted(release, purpose)),
                   *(f'--customize-hook={line}' for line in RECIPE), release, str(temporary)]
        lines = '\n'.join(sources(release, purpose in NEWER))
        command += ['-'] if lines else []
        subprocess.run(command, input=lines, text=True, check=True, timeout=1800)
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_old(name, current):
    """Remove roots of other keys and what killed runs left; the caller holds the lock."""
    for old in current.parent.glob(f'.{name}-*'):
        shutil.rmtree(old, ignore_errors=True)
    for old in current.parent.glob(f'{name}-*'):
        if old != current and old.is_dir():
            with contextlib.suppress(BlockingIOError):
                with lock_use(old, fcntl.LOCK_EX | fcntl.LOCK_NB):
                    shutil.rmtree(old, ignore_errors=True)
                    pathlib.Path(f'{old}.used').unlink()
