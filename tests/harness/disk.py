# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk of its own for folders of a machine, whose power can be cut."""

import contextlib
import fcntl
import filecmp
import os
import shutil
import struct
import subprocess

from .container import wait_for

# How each is made and mounted: of what is not made durable, as little as can be may survive.
KINDS = {
    'ext4': ('32M', ('mkfs.ext4', '-q'), 'noauto_da_alloc,commit=900'),
    'xfs': ('320M', ('mkfs.xfs', '-q'), 'noatime'),
    'btrfs': ('320M', ('mkfs.btrfs', '-q'), 'noatime,commit=900'),
}

# The ioctl that ends a file system, and its flags: after writing everything, after writing the
# log, and at once. The last way is to take what the disk holds at that instant; it suits all.
SHUTDOWN = 0x8004587d
WAYS = {'flush': 0, 'log': 1, 'nothing': 2, 'image': None}


class Disk:
    """A file system in an image, on which a machine has some of its folders."""

    def __init__(self, machine, kind, folders):
        """Move FOLDERS of the booted MACHINE to a new disk of a KIND, and boot it from there."""
        size, command, self.options = KINDS[kind]
        self.kind = kind
        self.machine = machine
        self.folders = {folder: folder.strip('/').replace('/', '-') for folder in folders}
        self.image = machine.folder / 'disk.img'
        self.copy = machine.folder / 'disk.copy'
        self.mounted = machine.folder / 'disk'
        self.mounted.mkdir()
        subprocess.run(['truncate', '-s', size, self.image], check=True)
        subprocess.run([*command, self.image], check=True, stdout=subprocess.DEVNULL)
        self.arguments = list(machine.arguments)
        self._move_in()

    def _move_in(self):
        """Copy the folders while the machine is off."""
        machine = self.machine
        machine.power_off()
        self._mount()
        for folder, name in self.folders.items():
            subprocess.run(['cp', '-a', machine.image / folder.strip('/'), self.mounted / name],
                           check=True)
            machine.arguments.append(f'--bind={self.mounted / name}:{folder}')
        self.sync()
        machine.boot()

    def move_out(self):
        """Boot the machine from its own folders again, and throw the disk away."""
        self.machine.power_off()
        self._unmount()
        self.machine.arguments[:] = self.arguments
        self.image.unlink()
        self.mounted.rmdir()
        self.machine.boot()

    def _mount(self):
        """Mount it; the kernel brings in order what it finds."""
        subprocess.run(['mount', '-o', f'loop,{self.options}', self.image, self.mounted],
                       check=True)

    def _unmount(self):
        """Unmount it, and wait until nobody has it any more, the machine included."""
        wait_for(lambda: subprocess.run(['umount', self.mounted], check=False).returncode == 0, 30)
        wait_for(lambda: not subprocess.run(['losetup', '-j', self.image], text=True, check=True,
                                            stdout=subprocess.PIPE).stdout, 30)

    def sync(self):
        """Make everything durable that there is so far."""
        subprocess.run(['sync', '-f', self.mounted], check=True)

    def read(self, path):
        """The text of a file on it, by its path in the machine; None: there is none."""
        folder = next(folder for folder in self.folders if path.startswith(f'{folder}/'))
        with contextlib.suppress(FileNotFoundError):
            file = self.mounted / self.folders[folder] / path.removeprefix(f'{folder}/')
            return file.read_text('utf-8')
        return None

    def _take_image(self):
        """Copy what has reached the disk; nobody writes, so that it is one instant."""
        for path in (self.copy, self.machine.folder / 'disk.again'):
            subprocess.run(['cp', '--sparse=always', self.image, path], check=True)
        assert filecmp.cmp(self.copy, path, shallow=False)
        path.unlink()

    def cut_power(self, way):
        """Cut the power of disk and machine in one of the WAYS; it is off then."""
        if way == 'image':
            self._take_image()
        else:
            top = os.open(self.mounted, os.O_RDONLY)
            fcntl.ioctl(top, SHUTDOWN, struct.pack('I', WAYS[way]))
            os.close(top)
        self.machine.power_off()
        self._unmount()
        if way == 'image':
            shutil.move(self.copy, self.image)

    def start(self):
        """Mount it again and boot the machine."""
        self._mount()
        self.machine.boot()
