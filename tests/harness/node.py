# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What npm installs for the Cockpit page and its tests, once, outside the checkout."""

import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import tempfile

from . import roots

PAGE = pathlib.Path(__file__).resolve().parents[2] / 'data/cockpit'
INSIDE = '/node_modules'  # where a build finds them, whose source is read-only


def key():
    """What the modules depend on, as a short hash."""
    return hashlib.sha256((PAGE / 'package-lock.json').read_bytes()).hexdigest()[:12]


def modules():
    """The folder node_modules that belongs to package-lock.json, whether it is there or not."""
    return roots.cache_dir() / f'node-{key()}/node_modules'


def install():
    """Fill it; npm runs no scripts of packages."""
    target = modules().parent
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(f'{target}.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.is_dir():
            return
        print('installing the modules of the Cockpit page, once', flush=True)
        temporary = pathlib.Path(tempfile.mkdtemp(prefix='.node-', dir=target.parent))
        try:
            for name in ('package.json', 'package-lock.json'):
                shutil.copy(PAGE / name, temporary)
            subprocess.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
                           cwd=temporary, stdout=subprocess.DEVNULL, check=True, timeout=600)
            temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
