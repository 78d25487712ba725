# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What must come of a change on probation, as a small model beside a real machine."""

import random
import threading
import time

from gi.repository import GLib

from .bus import NAME, SETTINGS, failure, options, settings
from .machine import wait_for
from .sshd import DROP_IN, everywhere

DAEMON = '/usr/libexec/truenas-ssh-daemon'
SERVICE = 'truenas-ssh.service'
WRONG = '0' * 32
OWN = ('TcpPort', 'TcpForwarding', 'Compression')
SHORT, LONG = 10, 3600
EARLY = 3.0  # s before the deadline from which on nothing else is begun

LOOK = r'''
ss -Hlntp | awk '/"sshd/ { print "listens", $4 }'
sshd -T | grep -E '^(port|allowtcpforwarding|compression) '
systemctl list-units --all --plain --no-legend 'truenas-ssh-deadline-*.timer' | sed 's/^/timer /'
'''


class Outcome:
    """What a call has come to: a value, or the short name of an error and its message."""

    def __init__(self, machine, method, args):
        """Call a METHOD with ARGS, over a connection of its own."""
        self.value, self.name, self.message = None, '', ''
        try:
            bus = machine.connect()
            self.value = bus.call_sync(NAME, '/org/truenas/SSH', NAME, method, args, None, 0,
                                       60000, None).unpack()
            bus.close_sync(None)
        except GLib.Error as error:
            name, self.message = failure(error)
            self.name = name.rpartition('.')[2]

    def __repr__(self):
        return f'{self.name}: {self.message}' if self.name else repr(self.value)


def change(wanted, **given):
    """The arguments of Apply."""
    return GLib.Variant('(a{sv}a{sv})', (settings(wanted), options(given)))


def token_args(token):
    """The arguments of Confirm and Rollback."""
    return GLib.Variant('(s)', (token,))


class Pending:
    """A machine and the model of it; a method for each step, which compares both at its end."""

    def __init__(self, machine, seed):
        """Begin an interleaving, with settings of its own and nothing pending."""
        self.machine = machine
        # Timers that may be left: one that a crash leaves only wakes the service, once.
        machine.strays = getattr(machine, 'strays', 0)
        self.chance = random.Random(seed)
        self.steps = []
        self.quiet = False  # the service has been stopped, and nothing is to wake it
        self.edited = False
        self.before = None  # while something is pending: the settings to go back to
        self.edited_before = False  # and whether those are in an edited file, which comes back
        self.token = self.old_token = None
        self.deadline = 0
        self.generation = 0
        self.history = {}
        self.last = 'applied'
        machine.apply(reset=[*SETTINGS], overwrite_edits=True)
        self.settings = self._other({})
        machine.apply(self.settings)
        self._check()

    # Looking

    def _observe(self):
        """What the machine says about itself; only what wakes nobody, when it has to be quiet."""
        machine = self.machine
        found = {'listens': set(), 'port': set(), 'timer': set()}
        for line in machine.run(LOOK).stdout.splitlines():
            word, _space, rest = line.partition(' ')
            if word in ('listens', 'timer', 'port'):
                found[word].add(rest)
            else:
                found[word] = rest
        found['timer'] = len(found['timer'])
        if self.quiet:
            return found
        properties = machine.properties()
        codes = {code for code, _details in properties['Warnings']}
        found |= {name: properties[name] for name in OWN if name in self.settings}
        found |= {'ManagedSettings': sorted(properties['ManagedSettings']),
                  'LastChange': properties['LastChange'].get('outcome'),
                  'PendingDeadline': round(properties['PendingDeadline'] / 1e6),
                  'edited': 'edited-by-hand' in codes,
                  'wrong': codes & {'rollback-failed', 'not-listening', 'configuration-broken'}}
        assert properties['Generation'] >= self.generation
        self.generation = properties['Generation']
        return found

    def _expected(self):
        """What the model says."""
        port = self.settings.get('TcpPort', 22)
        found = {'listens': {f'{address}:{number}' for address, number in everywhere(port)},
                 'port': {str(port)}, 'timer': int(self.before is not None),
                 'allowtcpforwarding': 'yes' if self.settings.get('TcpForwarding', True) else 'no',
                 'compression': 'yes' if self.settings.get('Compression', True) else 'no'}
        if self.quiet:
            return found
        pending = self.before is not None
        found |= {**self.settings, 'ManagedSettings': sorted(self.settings),
                  'LastChange': self.last, 'edited': self.edited, 'wrong': set(),
                  'PendingDeadline': round(self.deadline) if pending else 0}
        return found

    def _differences(self):
        """What differs, as name → (found, expected)."""
        found, expected = self._observe(), self._expected()
        deadlines = (found.get('PendingDeadline', 0), expected.get('PendingDeadline', 0))
        if all(deadlines) and abs(deadlines[0] - deadlines[1]) <= 1:
            found['PendingDeadline'] = expected['PendingDeadline']
        if 0 < found['timer'] - expected['timer'] <= self.machine.strays:
            found['timer'] = expected['timer']
        return {name: (found.get(name), expected.get(name)) for name in {*found, *expected}
                if found.get(name) != expected.get(name)}

    def _check(self, seconds=10):
        """Compare, and wait for what takes a moment."""
        until = time.monotonic() + seconds
        while self.is_due(0.5) is False and (wrong := self._differences()):
            assert time.monotonic() < until, f'after {self.steps[-1:]}: found, expected: {wrong}'
            time.sleep(0.03)
        if not self.quiet:
            self._check_history()

    def _check_history(self):
        """What has become of each change stands in the history."""
        entries = self.machine.call('ListHistory')
        pending = [entry for entry in entries if entry['outcome'] == 'pending']
        assert len(pending) <= (self.before is not None), pending
        found = {entry['generation']: entry['outcome'] for entry in entries}
        for generation, outcome in self.history.items():
            assert self.is_due(0.5) or found[generation] == outcome, (generation, found)

    # Helpers of the steps

    def _other(self, current):
        """A change to other values than the current ones."""
        wanted = {'TcpPort': self.chance.choice([port for port in range(2200, 2210)
                                                 if port != current.get('TcpPort')])}
        for name in ('TcpForwarding', 'Compression'):
            if self.chance.random() < 0.3:
                wanted[name] = not current.get(name, True)
        return wanted

    def is_due(self, seconds=EARLY):
        """Whether what is pending ends within so many seconds."""
        return self.before is not None and time.time() > self.deadline - seconds

    def _note(self, result):
        """Note the generation of a change that was done, which no other had."""
        assert result['generation'] not in self.history
        assert result['generation'] > self.generation
        return result['generation']

    def _ended(self, outcome, kept):
        """What was pending is over."""
        if not kept:
            self.settings, self.edited = self.before, self.edited_before
        for generation, known in self.history.items():
            if known == 'pending':
                self.history[generation] = outcome
        self.before, self.old_token, self.token = None, self.token, None
        self.last = outcome

    def _new_life(self):
        """Another process of the service: it only knows what is on disk."""
        self.last = 'pending' if self.before is not None else None
        self.quiet = False

    def _wakes(self):
        """What comes next calls the service, and so wakes it."""
        if self.quiet:
            self._new_life()

    # Steps

    def propose(self, timeout=LONG):
        """Apply a change on probation, or another one on top of what is pending."""
        self._apply(timeout)

    def apply(self):
        """Apply a change that is not on probation."""
        self._apply(0)

    def _apply(self, timeout):
        """Apply, and see that it was accepted or refused as it should be."""
        self._wakes()
        same = self.before is None and not self.edited and self.chance.random() < 0.08
        wanted = self.settings if same else self._other(self.settings)
        given = {'confirm_timeout': timeout} if timeout else {}
        if self.chance.random() < 0.5:
            given['overwrite_edits'] = True
        began = time.time()
        outcome = Outcome(self.machine, 'Apply', change(wanted, **given))
        if self.before is not None:
            assert (outcome.name, 'pending' in outcome.message) == ('Busy', True), outcome
        elif self.edited and 'overwrite_edits' not in given:
            assert outcome.name == 'Conflict', outcome
        elif same:
            assert (outcome.name, outcome.value[0]['changed']) == ('', []), outcome
            assert 'token' not in outcome.value[0]
            self.last = 'applied'
        else:
            assert outcome.name == '', outcome
            self._applied(wanted, timeout, began, outcome.value[0])
        self._check()

    def _applied(self, wanted, timeout, began, result):
        """The change was done."""
        generation = self._note(result)
        self.history[generation] = self.last = 'pending' if timeout else 'applied'
        if timeout:
            self.before, self.token = self.settings, result['token']
            self.edited_before = self.edited
            self.deadline = result['deadline'] / 1e6
            assert began + timeout - 0.3 < self.deadline < time.time() + timeout + 0.3
        assert set(result['changed']) == {name for name, value in wanted.items()
                                          if self.settings.get(name) != value}
        self.settings, self.edited = {**self.settings, **wanted}, False

    def end(self, method=None, kind=None):
        """Confirm or roll back: with the right token, with none, with a wrong or an old one."""
        self._wakes()
        method = method or self.chance.choice(('Confirm', 'Rollback'))
        kind = kind or self.chance.choice(('right', 'right', 'empty', 'wrong', 'old'))
        token = {'right': self.token, 'empty': '', 'wrong': WRONG, 'old': self.old_token}[kind]
        token = WRONG if token is None else token
        self.steps[-1] += f' {method} {kind}'
        outcome = Outcome(self.machine, method, token_args(token))
        if self.before is None:
            assert outcome.name == 'NotPending', outcome
        elif token not in (self.token, ''):
            assert outcome.name == 'AccessDenied', outcome
        else:
            assert outcome.name == '', outcome
            self._ended('confirmed' if method == 'Confirm' else 'rolled-back', method == 'Confirm')
        self._check()

    def both(self):
        """Confirm and roll back at the same time: one of them does it."""
        if self.before is None:
            return
        self._wakes()
        outcomes = {}

        def call(method):
            outcomes[method] = Outcome(self.machine, method, token_args(''))
        threads = [threading.Thread(target=call, args=(method,))
                   for method in self.chance.sample(('Confirm', 'Rollback'), 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        names = {method: outcome.name for method, outcome in outcomes.items()}
        kept = names['Confirm'] == ''
        assert sorted(names.values()) in (['', 'Busy'], ['', 'NotPending']), outcomes
        self._ended('confirmed' if kept else 'rolled-back', kept)
        self._check()

    def kill(self):
        """The service crashes while it has nothing to do."""
        self._wakes()
        self.machine.get('Version')
        self._kill()
        self._new_life()
        self._check()

    def _kill(self, pid=None):
        """Kill it, and wait until it is no more."""
        pid = pid or self.machine.daemon_pid()
        self.machine.run(['kill', '-KILL', pid], check=False)
        wait_for(lambda: self.machine.daemon_pid() != pid, 20)

    def interrupt(self):
        """The service crashes in the middle of a call: it is done, or it is not."""
        self._wakes()
        machine = self.machine
        method = self.chance.choice(('Confirm', 'Rollback') if self.before is not None
                                    else ('Apply', 'propose'))
        wanted = self._other(self.settings)
        given = {'confirm_timeout': LONG} if method == 'propose' else {}
        args = token_args('') if self.before is not None \
            else change(wanted, overwrite_edits=True, **given)
        machine.get('Version')
        pid, outcomes = machine.daemon_pid(), []
        thread = threading.Thread(target=lambda: outcomes.append(
            Outcome(machine, 'Apply' if method == 'propose' else method, args)))
        thread.start()
        time.sleep(self.chance.random() ** 2 * 0.6)
        self._kill(pid)
        thread.join()
        machine.strays += 1
        self.steps[-1] += f' {method}'
        self._after_interrupt(method, wanted, outcomes[0])

    def _after_interrupt(self, method, wanted, outcome):
        """Take in what it was, among what it may be."""
        properties = self.machine.properties()
        pending = properties['PendingDeadline'] != 0
        found = {name: properties[name] for name in properties['ManagedSettings']}
        new = {**self.settings, **wanted}
        assert outcome.name in ('', 'NoReply'), outcome
        answered = outcome.name == ''
        self.steps[-1] += f' answered={answered} pending={pending}'
        self.quiet = False
        if method in ('Confirm', 'Rollback'):
            self._new_life()
            if not pending:
                ended = 'confirmed' if method == 'Confirm' else 'rolled-back'
                self._ended(ended, method == 'Confirm')
                self.last = properties['LastChange'].get('outcome')
                assert self.last in ((None, ended) if answered or method == 'Rollback'
                                     else (None,))
            assert not (answered and pending)
        elif found == new and new != self.settings and (pending or method == 'Apply'):
            assert pending is (method == 'propose')
            self.before = self.settings if pending else None
            self.edited_before = self.edited
            self.settings, self.edited = new, False
            self.deadline = properties['PendingDeadline'] / 1e6
            if answered and pending:
                self.token = outcome.value[0]['token']
            self._new_life()
            # A call that came after the crash was answered by the next process.
            if answered and not pending:
                self.last = properties['LastChange'].get('outcome')
                assert self.last in (None, 'applied')
        else:
            assert not answered and not pending, (outcome, properties)
            self.last = properties['LastChange'].get('outcome')
            assert self.last in (None, 'rolled-back')
        self._check()

    def stop(self):
        """Stop the service; the deadline goes on."""
        self.machine.run(['systemctl', 'stop', SERVICE])
        self.quiet = True
        self._check()

    def start(self):
        """Start the service, if it does not run."""
        self.machine.run(['systemctl', 'start', SERVICE])
        self._wakes()
        self._check()

    def upgrade(self):
        """Another binary takes the place of the service's, and is started."""
        self.machine.run(f'cp -a {DAEMON} {DAEMON}.new && mv -f {DAEMON}.new {DAEMON}'
                         f' && systemctl restart {SERVICE}')
        self._new_life()
        self._check()

    def reexec(self):
        """The system's manager starts itself anew."""
        self.machine.run(['systemctl', 'daemon-reexec'])
        self._check()

    def restart_sshd(self):
        """Restart sshd, as somebody else does."""
        self.machine.restart_sshd()
        self._check()

    def edit(self):
        """Somebody edits our file, or removes it, and has sshd read that."""
        machine = self.machine
        kind = self.chance.choice(('comment', 'line', 'remove'))
        self.steps[-1] += f' {kind}'
        if kind == 'remove' or not machine.exists(DROP_IN):
            machine.remove(DROP_IN)
            self.settings, self.edited = {}, False
        else:
            more = '# by hand\n' if kind == 'comment' else 'MaxSessions 7\n'
            machine.write(DROP_IN, machine.read(DROP_IN) + more)
            self.edited = True
        machine.run(['systemctl', 'reload', 'ssh.service'])
        self._check()

    def reboot(self):
        """The machine restarts, in good order or not."""
        kind = self.chance.choice(('reboot', 'crash'))
        self.steps[-1] += f' {kind}'
        getattr(self.machine, kind)()
        self.machine.strays = 0
        if self.before is not None:
            self._ended('rolled-back', False)
        self._new_life()
        self.quiet = True
        self._check()

    def timeout(self):
        """Let the deadline pass; until then nothing happens, and then it does at once."""
        old = everywhere(self.before.get('TcpPort', 22))
        before = {f'{address}:{port}' for address, port in old}
        time.sleep(max(0, self.deadline - time.time() - 0.5))
        if time.time() < self.deadline - 0.3 and self.settings.get('TcpPort') \
                != self.before.get('TcpPort'):
            found = self._listens()
            assert found != before or time.time() > self.deadline - 0.1, found
        if self.chance.random() < 0.3 and not self.quiet:
            return self._last_moment()
        wait_for(lambda: self._listens() == before, max(0, self.deadline - time.time()) + 20)
        self._ended('rolled-back', False)
        self.quiet = False
        return self._check(20)

    def _last_moment(self):
        """Confirm when it is too late, or almost."""
        time.sleep(max(0, self.deadline - time.time() + self.chance.uniform(-0.2, 0.1)))
        outcome = Outcome(self.machine, 'Confirm', token_args(''))
        assert outcome.name in ('', 'NotPending', 'Busy'), outcome
        kept = outcome.name == ''
        self.steps[-1] += f' confirmed={kept}'
        self._ended('confirmed' if kept else 'rolled-back', kept)
        self._check(20)

    def _listens(self):
        """Where sshd listens."""
        return self._quietly()['listens']

    def _quietly(self):
        """What there is to see without a call."""
        quiet, self.quiet = self.quiet, True
        try:
            return self._observe()
        finally:
            self.quiet = quiet

    # The whole

    def do(self, name, *args):
        """One step, noted."""
        self.steps.append(name)
        getattr(self, name)(*args)

    def run(self, deadlines):
        """Some random steps, and what is pending is ended; with DEADLINES often by waiting."""
        steps = {'propose': 5, 'apply': 2, 'end': 5, 'both': 2, 'kill': 2, 'interrupt': 3,
                 'stop': 2, 'start': 1, 'upgrade': 1, 'reexec': 1, 'restart_sshd': 2, 'edit': 2,
                 'reboot': 1}
        short = self.chance.random() < deadlines
        self.do('propose', SHORT if short else LONG)
        for _number in range(self.chance.randint(1, 3) if short else self.chance.randint(2, 6)):
            if self.is_due():
                break
            if short:
                steps = {name: steps[name] for name in steps if name not in ('both', 'reboot')}
            self.do(self.chance.choices([*steps], [*steps.values()])[0])
        if self.before is not None and self.deadline - time.time() < 60:
            self.do('timeout')
        elif self.before is not None:
            self.do(self.chance.choice(('both', 'end_well')))

    def end_well(self):
        """Confirm or roll back, with what it takes."""
        kind = 'empty' if self.token is None else self.chance.choice(('right', 'empty'))
        self.end(None, kind)
