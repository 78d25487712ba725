# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tree as Debian packages, and the same with a higher version to upgrade to."""

import shutil

from . import node
from .build import SOURCE, Build, BuildFailed, tracked

# Where a machine finds the two folders of packages.
PACKAGES = '/packages'
FIRST = 'first'
NEXT = 'next'

MAKE = f'''
export TRUENAS_SSH_NODE_MODULES={node.INSIDE} DEB_BUILD_OPTIONS="parallel=$(nproc)"
cd build/source
dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary 2>&1
mkdir ../{FIRST}
mv ../*.deb ../*.changes ../*.buildinfo ../{FIRST}
'''

# What is in them is the same: dpkg looks at the numbers, and runs what an upgrade runs.
RAISE = fr'''
cd build
mkdir {NEXT}
for package in {FIRST}/*.deb; do
    case $package in *-dbgsym_*) continue ;; esac
    rm -rf unpacked
    dpkg-deb --raw-extract "$package" unpacked
    sed -i -e '/^Version: /s/$/.1/' -e 's/\(truenas[^(]* (= [^)]*\))/\1.1)/g' \
        unpacked/DEBIAN/control
    dpkg-deb --root-owner-group -Zgzip -z1 --build unpacked {NEXT} >/dev/null
done
'''

LINTIAN = f'lintian --tag-display-limit 0 --fail-on error,warning build/{FIRST}/*.changes 2>&1'

# A program of somebody who has the packages, and nothing else of ours.
USE = f'''
dpkg --install build/{FIRST}/libtruenas-ssh*.deb build/{FIRST}/gir1.2-truenasssh-1_*.deb >/dev/null
cc -Wall -Werror /usr/share/doc/libtruenas-ssh-dev/examples/move-port.c \\
    $(pkg-config --cflags --libs truenas-ssh-1) -o /tmp/move-port
ldd /tmp/move-port | grep -q 'libtruenas-ssh.so.1 => /'
python3 -c 'import gi; gi.require_version ("TruenasSsh", "1"); from gi.repository import TruenasSsh'
'''


class Packages(Build):
    """Packages for one release: in objects, the folder FIRST, and NEXT with a higher version."""

    def __init__(self, release, folder):
        """Those of RELEASE, made in FOLDER."""
        super().__init__(release, 'packages', folder)

    def make(self):
        """Make both; returns what was printed."""
        source = self.objects / 'source'
        for name in tracked('*'):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / name, target)
        text = ''
        for script in (MAKE, RAISE):
            status, printed = self.inside(script, 900)
            text += printed
            if status:
                raise BuildFailed(text)
        return text

    def look(self):
        """What lintian says, and whether a program can be built; returns (good, text)."""
        text = ''
        for script in (LINTIAN, USE):
            status, printed = self.inside(script, 300)
            text += printed
            if status:
                return False, text
        return True, text
