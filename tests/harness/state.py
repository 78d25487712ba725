# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a machine's files and sshd are like, to see what a call has touched, and to put it back."""

import contextlib
import hashlib
import os
import re
import stat

ETC = '/etc'
STATE = '/var/lib/truenas-ssh'
MAIN = '/etc/ssh/sshd_config'
FOLDER = '/etc/ssh/sshd_config.d'
DROP_IN = f'{FOLDER}/00-truenas.conf'
INCLUDE = f'Include {FOLDER}/*.conf'


def entry(path):
    """What is at a path: kind, mode, owner, attributes and content."""
    info = os.lstat(path)
    content = ''
    if stat.S_ISLNK(info.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(info.st_mode):
        with open(path, 'rb') as file:
            content = hashlib.sha256(file.read()).hexdigest()
    names = os.listxattr(path, follow_symlinks=False)
    attributes = {name: os.getxattr(path, name, follow_symlinks=False) for name in names}
    return oct(info.st_mode), info.st_uid, info.st_gid, attributes, content


def identity(path):
    """Who is at a path; another one as soon as anybody has written or changed anything there."""
    info = os.lstat(path)
    return (oct(info.st_mode), info.st_uid, info.st_gid, info.st_ino, info.st_size,
            info.st_mtime_ns, info.st_ctime_ns)


def files(machine, *folders, what=identity):
    """Every file below folders by path; told by identity, or by entry, which a copy has too."""
    found = {}
    for folder in folders or (ETC, STATE):
        root = os.fspath(machine.path(folder))
        for current, names, others in os.walk(root):
            for path in [current, *(os.path.join(current, name) for name in (*names, *others))]:
                found[folder + path.removeprefix(root)] = what(path)
    return found


def sshd(machine):
    """The main process of sshd, and its listening sockets as address and inode."""
    text = machine.run(['ss', '-H', '-lntpe']).stdout
    sockets = {(line.split()[3], re.search(r'ino:(\d+)', line)[1])
               for line in text.splitlines() if '"sshd"' in line}
    return machine.sshd_pid(), sockets


def differences(before, after):
    """What differs between two dictionaries: key → (before, after)."""
    return {key: (before.get(key), after.get(key)) for key in sorted({*before, *after})
            if before.get(key) != after.get(key)}


@contextlib.contextmanager
def untouched(machine, *folders):
    """Expect that the block leaves files, sshd's process and its sockets exactly as they are."""
    files_before, sshd_before = files(machine, *folders), sshd(machine)
    yield
    changed = differences(files_before, files(machine, *folders))
    assert not changed, changed
    sshd_after = sshd(machine)
    assert sshd_after == sshd_before, (sshd_before, sshd_after)


def give_back(machine, main):
    """Put sshd back to the main file's text MAIN and nothing else, and have the service see it."""
    before = sshd(machine)
    untouched_sshd = getattr(machine, 'sshd_given_back', None) == before
    if untouched_sshd and machine.read(MAIN) == main and not any(machine.path(FOLDER).iterdir()):
        return
    machine.run(f'rm -rf {FOLDER}/* {FOLDER}/.[!.]*')
    if machine.read(MAIN) != main:
        machine.write(MAIN, main)
    if not untouched_sshd:
        machine.restart_sshd()
        machine.sshd_given_back = sshd(machine)
    machine.apply({})
