# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the rigs let the service do, over and over: each operation, and how to come to its start."""

import hashlib
import re

from gi.repository import GLib

from .container import wait_for
from .inject import DAEMON, DAEMON_PROGRAM, GONE, JOURNAL, PREPARE_PROGRAM, outcome_of
from .outside import reload, write
from .past import end
from .sshd import DROP_IN

OLD, NEW = 2201, 2202
FIRST = '/etc/ssh/sshd_config.d/50-site.conf'
SECOND = '/etc/ssh/sshd_config.d/60-site.conf'


def make_due(machine):
    """The time of what is on probation is up."""
    form, _sum, text, *rest = machine.read(JOURNAL).split('\n')
    text, count = re.subn(r"^(\(uint64 \d+, '[^']*', int64) \d+", r'\1 1', text)
    assert count == 1, text
    total = hashlib.sha256(text.encode()).hexdigest()
    machine.write(JOURNAL, '\n'.join((form, total, text, *rest)), 0o600)


class Operation:
    """A change of the port, and what an operation is to the rig."""

    program = DAEMON_PROGRAM
    certain = False  # whether it is carried through to its end, whenever it is cut short
    once_more = False  # whether that takes another start of sshd
    strict = True  # whether an error means that everything is as before

    def __init__(self, machine):
        self.machine = machine

    def begin(self):
        """Bring the machine to where the operation begins."""
        machine = self.machine
        if machine.get('PendingDeadline'):
            end(machine, 'Rollback')
        if machine.get('TcpPort') != OLD:
            machine.apply({'TcpPort': OLD})

    def operate(self):
        """Do it; the name of the error or None."""
        return outcome_of(self.machine.apply, {'TcpPort': NEW})

    def finish(self):
        """Take away what no other operation has."""


class ApplyForeign(Operation):
    """Lines of two other files are in the way."""

    def begin(self):
        machine = self.machine
        if machine.exists(DROP_IN):
            machine.apply(reset=['TcpPort'], replace_foreign=True)
        if not machine.exists(FIRST):
            machine.write(FIRST, 'Port 22\n')
            write(machine, SECOND, 'ListenAddress 0.0.0.0\n')
        assert machine.read(FIRST) == 'Port 22\n'

    def operate(self):
        return outcome_of(self.machine.apply, {'TcpPort': NEW}, replace_foreign=True)

    def finish(self):
        for path in (FIRST, SECOND):
            self.machine.remove(path)
        reload(self.machine)
        super().begin()


class ApplyOnProbation(Operation):
    """A change that waits to be confirmed."""

    def operate(self):
        return outcome_of(self.machine.apply, {'TcpPort': NEW}, confirm_timeout=3600)


class Confirm(Operation):
    """The end of a probation."""

    strict = False

    def begin(self):
        if not self.machine.get('PendingDeadline'):
            super().begin()
            self.machine.apply({'TcpPort': NEW}, confirm_timeout=3600)

    def operate(self):
        return outcome_of(end, self.machine, 'Confirm')

    def finish(self):
        super().begin()


class RollBack(Confirm):
    """The other end, as somebody wants it."""

    def operate(self):
        return outcome_of(end, self.machine, 'Rollback')


class RollBackInTime(Confirm):
    """The other end, since nobody has confirmed: the service sees that the journal is due."""

    certain = True

    def operate(self):
        pid = self.machine.daemon_pid()
        make_due(self.machine)
        self.machine.write('/etc/ssh/sshd_config.d/70-hint', '')
        self.machine.remove('/etc/ssh/sshd_config.d/70-hint')
        wait_for(lambda: not self.machine.exists(JOURNAL) or self.machine.daemon_pid() != pid, 30)
        wait_for(lambda: self.machine.daemon_pid() != pid or self.idle(), 30)
        return GONE[0] if self.machine.daemon_pid() != pid else None

    def idle(self):
        """Whether nothing is under way any more."""
        try:
            return self.machine.get('LastChange').get('outcome') == 'rolled-back'
        except GLib.Error:  # killed just now, and the next one is held
            return False


class Recover(Confirm):
    """The service starts, and finds what is due."""

    certain = True

    def begin(self):
        super().begin()
        self.machine.run(['systemctl', 'stop', DAEMON])
        make_due(self.machine)

    def operate(self):
        done = self.machine.run(['systemctl', 'start', DAEMON], check=False)
        return GONE[0] if done.returncode else None


class Prepare(Recover):
    """Sshd starts, and before it does, prepare finds what is due."""

    program = PREPARE_PROGRAM

    def operate(self):
        self.machine.run(['systemctl', 'restart', 'ssh.service'])
        killed = self.machine.show('truenas-ssh-prepare.service', 'Result') == 'signal'
        self.machine.run(['systemctl', 'reset-failed', 'truenas-ssh-prepare.service'], check=False)
        return GONE[0] if killed else None


class PrepareInterfaces(Prepare):
    """Prepare renders for an interface that has come; where it does not, its next run does."""

    once_more = True

    def begin(self):
        machine = self.machine
        super(Recover, self).finish()
        if not machine.exists('/sys/class/net/lan1'):
            machine.add_interface('lan1', '10.21.0.1/24', '10.21.0.2/24', netns='far1')
        machine.apply({'BindInterfaces': ['lan0', 'lan1']})
        # Which would see to it itself.
        machine.run(['systemctl', 'stop', DAEMON])
        if 'rdomain lan1' in machine.read(DROP_IN):
            machine.run(['ip', 'link', 'set', 'lan1', 'name', 'away1'])
            machine.run(['systemctl', 'restart', 'ssh.service'])
            machine.run(['systemctl', 'stop', DAEMON])  # prepare has started it
            machine.run(['ip', 'link', 'set', 'away1', 'name', 'lan1'])
        assert 'rdomain lan1' not in machine.read(DROP_IN)

    def finish(self):
        self.machine.apply(reset=['BindInterfaces'])
        super().finish()


OPERATIONS = {
    'apply': Operation, 'apply, other files too': ApplyForeign,
    'apply on probation': ApplyOnProbation, 'confirm': Confirm, 'roll back': RollBack,
    'roll back in time': RollBackInTime, 'recover': Recover, 'prepare': Prepare,
    'prepare for interfaces': PrepareInterfaces,
}
