# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests do to a machine's sshd, and what they see of it from outside."""

import contextlib
import subprocess

from .container import wait_for

DROP_IN = '/etc/ssh/sshd_config.d/00-truenas.conf'
OVERRIDE = '/run/systemd/system/ssh.service.d/90-test.conf'

# Of the drop-in, the lines that are others every time it is written.
CHANGING = ('#: generation ', '#: sha256 ')


class Session:
    """An established login that lasts while the block runs; it is asked whether it still lives."""

    def __init__(self, machine, user, **how):
        """Log in as USER with the arguments of Machine.ssh."""
        self.machine = machine
        self.user = user
        self.how = how
        self.count = 0

    def __enter__(self):
        command = self.machine.ssh_command(self.user, 'exec cat', **self.how)
        self.process = self.machine.popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          text=True, bufsize=1)
        assert self.lives()
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)

    def lives(self):
        """Whether what is typed still comes back."""
        self.count += 1
        try:
            self.process.stdin.write(f'{self.count}\n')
            self.process.stdin.flush()
            return self.process.stdout.readline() == f'{self.count}\n'
        except OSError:
            return False


def administrator(machine, password=None):
    """Add a user "boss" who can log in with a key, whatever becomes of passwords and of root."""
    machine.user_add('boss', password, groups=['sudo'])
    machine.key_add('boss')


def files(machine, *leave_out):
    """Everything in /etc/ssh: path → (mode, owner, text); a drop-in without its number."""
    found = {}
    top = machine.path('/etc/ssh')
    for path in sorted(top.rglob('*')):
        name = f'/etc/ssh/{path.relative_to(top)}'
        if path.name == 'moduli' or name in leave_out or not path.is_file():
            continue
        info = path.lstat()
        text = path.read_text('utf-8', errors='surrogateescape')
        if name == DROP_IN:
            text = ''.join(line for line in text.splitlines(True)
                           if not line.startswith(CHANGING))
        found[name] = (info.st_mode, info.st_uid, info.st_gid, text)
    return found


def ports(machine):
    """The ports that sshd listens on, with the addresses: {(address, port)}."""
    return {(address, port) for address, port, process in machine.listening()
            if process.startswith('sshd')}


def everywhere(port):
    """What ports () gives where sshd listens on PORT of all interfaces."""
    return {('0.0.0.0', port), ('[::]', port)}


def sockets(machine):
    """The inodes of the sockets that sshd listens on."""
    return {field.removeprefix('ino:')
            for line in machine.run(['ss', '-H', '-lntpe']).stdout.splitlines() if '"sshd' in line
            for field in line.split() if field.startswith('ino:')}


def override(machine, service='', unit='', path=OVERRIDE):
    """Add lines to the sections of ssh.service."""
    machine.write(path, f'[Unit]\n{unit}\n[Service]\n{service}\n')
    machine.run(['systemctl', 'daemon-reload'])


def reset(machine):
    """Back to an sshd as the package has it, whatever has been done to it."""
    machine.run('rm -rf /run/systemd/system/ssh.service.d /etc/ssh/sshd_config.d/*'
                ' /etc/ssh/sshd_config.d/.[!.]*; systemctl daemon-reload')
    machine.restart_sshd()
    wait_for(lambda: ports(machine) == everywhere(22))
    wait_for(lambda: settle(machine)['ManagedSettings'] == [])


def settle(machine):
    """Wait until the service has seen all that sshd has come to; its properties."""
    def seen():
        values = machine.properties()
        told = {(each['address'], each['port']) for each in values['ListenAddresses']
                if 'interface' not in each}
        found = {(address.strip('[]'), port) for address, port in ports(machine)
                 if '%' not in address}
        return values if (values['ActiveState'] == 'active' and told == found
                          and not {name for name, _details in values['Warnings']}
                          & {'configuration-broken', 'not-listening'}) else None
    return wait_for(seen)


@contextlib.contextmanager
def undisturbed(machine, port=22):
    """The block leaves sshd, its sockets and its files as they were."""
    def state():
        return (machine.sshd_pid(), sockets(machine), files(machine))
    before = state()
    assert ports(machine) == everywhere(port)
    yield
    assert state() == before
