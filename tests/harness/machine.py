# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with truenas-ssh on it, as the behaviour tests see it."""

import os
import pathlib
import shlex

from .build import COUNTERS, OBJECTS, REPORTS, SANITIZER
from .bus import Bus, failure, raises
from .container import CommandFailed, Container, wait_for
from .packages import PACKAGES

__all__ = ['CommandFailed', 'Machine', 'failure', 'raises', 'wait_for']


class Machine(Bus, Container):
    """A booted machine: commands, files, the bus, users, logins, interfaces."""

    def __init__(self, root, layer=None, release=None, variant='plain', arguments=()):
        """Boot ROOT with the installed tree LAYER over it, if there is one."""
        self.release = release or pathlib.Path(root).name.split('-')[0]
        self.variant = variant
        super().__init__(root, [layer] if layer else [], arguments)

    @classmethod
    def from_environment(cls, **options):
        """The machine that the run has prepared for this process."""
        env = os.environ
        if 'TRUENAS_SSH_PACKAGES' in env:
            options['arguments'] = [f'--bind-ro={env["TRUENAS_SSH_PACKAGES"]}:{PACKAGES}',
                                    *options.get('arguments', ())]
        if COUNTERS in env:
            options['arguments'] = [f'--bind={env[COUNTERS]}:{OBJECTS}',
                                    *options.get('arguments', ())]
        return cls(env['TRUENAS_SSH_ROOT'], env.get('TRUENAS_SSH_LAYER'),
                   env.get('TRUENAS_SSH_RELEASE'), env.get('TRUENAS_SSH_VARIANT', 'plain'),
                   **options)

    def environment(self, user=None, extra=None):
        """The environment of a command; programs built with sanitizers report to a file."""
        reports = SANITIZER if self.variant == 'sanitized' else {}
        return super().environment(user, {**reports, **(extra or {})})

    def power_off(self):
        """End every process of the machine at once."""
        self.disconnect()
        super().power_off()

    def reports(self):
        """What the sanitizers have reported so far, as one text; empty is good."""
        folder = self.path(REPORTS)
        if not folder.is_dir():
            return ''
        return ''.join(file.read_text('utf-8', errors='replace')
                       for file in sorted(folder.iterdir()))

    def python(self, script, *args, user=None, check=True, input=None, timeout=60, env=None):
        """Run a Python script in the machine; the library can be imported from gi.repository."""
        return self.run(['/usr/bin/python3', '-c', script, *args], user, check, input, timeout,
                        {**self.python_environment(), **(env or {})})

    def python_environment(self):
        """What a program needs that knows nothing of sanitizers and loads what is built with them."""
        if self.variant != 'sanitized':
            return {}
        found = self.run('readlink -f $(gcc -print-file-name=libasan.so)').stdout.strip()
        return {'LD_PRELOAD': found, 'ASAN_OPTIONS': f'{SANITIZER["ASAN_OPTIONS"]}:detect_leaks=0'}

    # systemd

    def show(self, unit, name):
        """One property of a unit."""
        return self.run(['systemctl', 'show', '--value', '-p', name, unit]).stdout.strip()

    def restart_sshd(self):
        """Restart sshd, however often a test has done so just now."""
        self.run('systemctl reset-failed ssh.service; systemctl restart ssh.service')

    def sshd_pid(self):
        """The main process of the running sshd, 0 when there is none."""
        return int(self.show('ssh.service', 'MainPID'))

    def daemon_pid(self):
        """The main process of truenas-ssh, 0 when it is not running."""
        return int(self.show('truenas-ssh.service', 'MainPID'))

    def journal(self, unit=None, since=None, *args):
        """The journal as text, of one unit, from a time on (as journalctl understands it)."""
        command = ['journalctl', '--no-pager', '-o', 'short-monotonic', *args]
        command += ['-u', unit] if unit else []
        command += [f'--since={since}'] if since else []
        return self.run(command, check=False).stdout

    # sshd

    def sshd_T(self, *args):
        """What sshd would do: keyword in lower case → list of its values."""
        found = {}
        for line in self.run(['/usr/sbin/sshd', '-T', *args]).stdout.splitlines():
            keyword, _space, value = line.partition(' ')
            found.setdefault(keyword, []).append(value)
        return found

    def listening(self, port=None):
        """The TCP sockets that listen: list of (address%device, port, process name)."""
        found = []
        for line in self.run(['ss', '-H', '-lntp']).stdout.splitlines():
            fields = line.split()
            address, _colon, number = fields[3].rpartition(':')
            process = fields[5].split('"')[1] if len(fields) > 5 else ''
            if port is None or int(number) == port:
                found.append((address, int(number), process))
        return found

    # Users and logins

    def user_add(self, name, password=None, groups=(), shell='/bin/bash'):
        """Add a user with a home, and the groups that do not exist yet."""
        for group in groups:
            self.run(['groupadd', '-f', group])
        extra = ['-G', ','.join(groups)] if groups else []
        self.run(['useradd', '-m', '-s', shell, *extra, name])
        if password is not None:
            self.run(['chpasswd'], input=f'{name}:{password}\n')

    def key_add(self, user):
        """Give USER a key to log in with; returns the path of the private key."""
        key = f'/root/key-{user}'
        if not self.exists(key):
            self.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key])
        home = self.run(['getent', 'passwd', user]).stdout.split(':')[5]
        self.run(f'install -d -m 700 -o {user} {home}/.ssh && cat {key}.pub >>{home}/.ssh/authorized_keys'
                 f' && chown {user} {home}/.ssh/authorized_keys && chmod 600 {home}/.ssh/authorized_keys')
        return key

    def ssh_command(self, user, *args, port=22, host='127.0.0.1', password=None, key=None,
                    options=None, methods=None, netns=None, program='ssh'):
        """The argument list of the real client, or of PROGRAM that takes the same options."""
        if methods is None:
            methods = 'password' if password is not None else 'publickey' if key else 'none'
        given = {'StrictHostKeyChecking': 'no', 'UserKnownHostsFile': '/dev/null',
                 'GlobalKnownHostsFile': '/dev/null', 'LogLevel': 'ERROR', 'ConnectTimeout': 5,
                 'PreferredAuthentications': methods, 'NumberOfPasswordPrompts': 1,
                 'BatchMode': 'no' if password is not None else 'yes', 'User': user, 'Port': port,
                 **(options or {})}
        command = ['ip', 'netns', 'exec', netns] if netns else []
        command += ['sshpass', '-p', password] if password is not None else []
        command += [program, '-F', 'none']
        command += ['-i', key, '-o', 'IdentitiesOnly=yes'] if key else []
        for name, value in given.items():
            command += ['-o', f'{name}={value}']
        return [*command, host, *args]

    def ssh(self, user, *args, timeout=30, check=False, input=None, **how):
        """Log in with the real client, by password or key or neither, and run ARGS there.

        How and where to is as for ssh_command ().
        """
        return self.run(self.ssh_command(user, *args, **how), check=check, input=input,
                        timeout=timeout)

    # Interfaces

    def add_interface(self, name, address=None, peer_address=None, netns=None, managed=False):
        """Plug a cable in: interface NAME here, its far end NAMEp in the second host NETNS.

        Addresses carry their prefix length. With MANAGED NetworkManager holds the address
        in a connection of the interface's name; else it leaves the interface alone.
        """
        netns = netns or f'{name}-far'
        quoted = shlex.quote(netns)
        self.run(f'ip netns list | grep -qw {quoted} || ip netns add {quoted}'
                 f' && ip -n {quoted} link set lo up')
        if not managed:
            self.write(f'/etc/NetworkManager/conf.d/90-{name}.conf',
                       f'[device-{name}]\nmatch-device=interface-name:{name}\nmanaged=0\n')
            self.run(['nmcli', 'general', 'reload', 'conf'])
        self.run(f'ip link add {name} type veth peer name {name}p netns {quoted}'
                 f' && ip -n {quoted} link set {name}p up && ip link set {name} up')
        if peer_address:
            self.run(['ip', '-n', netns, 'address', 'add', peer_address, 'dev', f'{name}p',
                      *self._at_once(peer_address)])
        if managed:
            self._connect(name, address)
        elif address:
            self.run(['ip', 'address', 'add', address, 'dev', name, *self._at_once(address)])
        return netns

    @staticmethod
    def _at_once(address):
        """What makes an IPv6 address usable without waiting for others to object."""
        return ['nodad'] if ':' in address else []

    def _connect(self, name, address):
        """Have NetworkManager bring an interface up with an address."""
        family, other = ('ipv6', 'ipv4') if address and ':' in address else ('ipv4', 'ipv6')
        method = ['manual', f'{family}.addresses', address] if address else ['disabled']
        self.run(['nmcli', 'connection', 'add', 'type', 'ethernet', 'con-name', name, 'ifname', name,
                  f'{other}.method', 'disabled', f'{family}.method', *method])
        self.run(['nmcli', '--wait', '15', 'connection', 'up', name])

    def remove_interface(self, name):
        """Pull the interface out of the machine."""
        self.run(['ip', 'link', 'delete', name])
