# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Faults of files while a change is made: SSH is where it was, or where the new settings say."""

import pytest

from harness.rig import Rig, Script, Thief
from harness.sshd import Session, administrator, reset


@pytest.fixture(scope='module', autouse=True)
def key(machine):
    """The key of somebody who is logged in from the first test to the last."""
    administrator(machine)
    machine.user_add('person')
    key = machine.key_add('person')
    with Session(machine, 'person', key=key) as session:
        yield key
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it."""
    reset(machine)


class OtherBinary(Script):
    """The program is replaced by one that ends at once, as by an upgrade that went wrong."""

    passing = True
    script = ('cp -a /usr/sbin/sshd /usr/sbin/sshd.real; printf "#!/bin/sh\\nexit 1\\n" >/root/bad;'
              ' chmod 755 /root/bad; mv /root/bad /usr/sbin/sshd')
    undo = 'mv /usr/sbin/sshd.real /usr/sbin/sshd'


class Linked(Script):
    """The drop-in becomes a symbolic link."""

    script = ('cp -a {drop_in} /root/copy.conf; ln -s /root/copy.conf {drop_in}.x;'
              ' mv -T {drop_in}.x {drop_in}')
    undo = ('[ ! -L {drop_in} ] || {{ cp /root/copy.conf {drop_in}.x;'
            ' mv -T {drop_in}.x {drop_in}; }}')


class LinkedAndTaken(Linked):
    """The drop-in becomes a symbolic link, and somebody takes the new port."""

    soon = 0.02

    def __init__(self, of):
        super().__init__(of)
        self.thief = Thief(of)

    def arm(self, port):
        """Prepare both."""
        self.thief.arm(port)
        super().arm(port)

    def strike(self):
        """The port first, which sshd is about to take."""
        self.thief.strike()
        super().strike()

    def disarm(self):
        """End both."""
        self.thief.disarm()
        super().disarm()


class Mounted(Script):
    """Another file is mounted over the drop-in."""

    script = 'cp -a {drop_in} /root/copy.conf; mount --bind /root/copy.conf {drop_in}'
    undo = 'umount {drop_in}'


class Pipe(Script):
    """A pipe that nobody writes to is included."""

    passing = True
    script = 'mkfifo /etc/ssh/sshd_config.d/50-pipe.conf'
    undo = 'rm /etc/ssh/sshd_config.d/50-pipe.conf'


class ReadOnly(Script):
    """The folder can no longer be written to."""

    script = 'mount -o remount,ro /etc/ssh'
    undo = 'mount -o remount,rw /etc/ssh'

    def __init__(self, of):
        super().__init__(of)
        self.machine.run('cp -a /etc/ssh /root/copy && mount -t tmpfs -o mode=755 ssh /etc/ssh'
                         ' && cp -a /root/copy/. /etc/ssh/ && systemctl restart truenas-ssh')


FAULTS = [OtherBinary, Pipe, Linked, LinkedAndTaken, Mounted, ReadOnly]


@pytest.mark.parametrize('fault', FAULTS, ids=lambda fault: fault.__name__)
def test_fault(machine, key, capsys, fault):
    with Session(machine, 'person', key=key) as session:
        line = (on := Rig(machine, key)).repeat(fault(on), fault.__doc__.splitlines()[0])
        assert session.lives()
    with capsys.disabled():
        print(f'\n{line}')
