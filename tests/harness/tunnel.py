# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A VPN such as machines have: a tun device at each end, and a process that carries the packets."""

import ctypes
import fcntl
import os
import select
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000


class Tunnel:
    """The tunnel NAME from a machine to its network namespace NETNS; it ends with the block."""

    def __init__(self, machine, name, netns):
        """Nothing yet."""
        self.machine = machine
        self.name = name
        self.netns = netns

    def __enter__(self):
        """Bring it up; both ends have the interface's name."""
        path = f'/proc/{self.machine.leader}/root/run/netns/{self.netns}'
        self.process = subprocess.Popen(
            [sys.executable, __file__, self.name, f'/proc/{self.machine.leader}/ns/net', path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == 'up\n'
        return self

    def __exit__(self, *_error):
        """Take it down as a VPN's process does when it dies: the devices are gone."""
        self.process.communicate('')

    def address(self, near, far):
        """Give addresses to both ends, and bring the links up."""
        self.machine.run(f'ip address add {near} peer {far} dev {self.name};'
                         f' ip link set {self.name} up;'
                         f' ip -n {self.netns} address add {far} peer {near} dev {self.name};'
                         f' ip -n {self.netns} link set {self.name} up')


def open_tun(name, namespace):
    """A new tun device in a network namespace."""
    with open(namespace, 'rb') as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) < 0:
            raise OSError(ctypes.get_errno(), namespace)
    fd = os.open('/dev/net/tun', os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH', name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


def carry(name, *namespaces):
    """Carry packets from end to end until the standard input ends."""
    near, far = (open_tun(name, namespace) for namespace in namespaces)
    other = {near: far, far: near}
    print('up', flush=True)
    while True:
        readable, _writable, _special = select.select([near, far, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        for fd in readable:
            try:
                os.write(other[fd], os.read(fd, 65536))
            except OSError:  # the other end is down
                pass


if __name__ == '__main__':
    carry(*sys.argv[1:])
