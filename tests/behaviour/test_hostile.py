# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages that nobody sends who means well, by those who may do everything and by those who may
nothing: each is answered, and nothing comes of it."""

import concurrent.futures
import contextlib
import os
import re
import time
import xml.etree.ElementTree

import pytest
from gi.repository import GLib

from harness.bus import NAME, PATH, PROPERTIES, SETTINGS, Failure
from harness.crowd import Call, Crowd
from harness.hostile import THROWN_OUT, Raw, speak, try_luck
from harness.machine import wait_for
from harness.polkit import ASKABLE, DENIED
from harness.sshd import reset, undisturbed

FULL = bool(os.environ.get('TRUENAS_SSH_FULL'))
USERS = ('root', 'nobody')
TIMES = 100_000 if FULL else 3000
LARGE = 31 * 1024 * 1024  # the bus takes 32 MiB
ERROR = 'org.freedesktop.DBus.Error.'
LIMITS = ERROR + 'LimitsExceeded'
INVALID = ERROR + 'InvalidArgs'
UNKNOWN = {ERROR + name for name in ('UnknownMethod', 'UnknownObject', 'UnknownInterface')}

# One of each type, and of some that are nested.
KINDS = ['()', '(b)', '(y)', '(q)', '(u)', '(t)', '(d)', '(s)', '(o)', '(g)', '(v)', '(as)', '(av)',
         '(a{sv})', '(a{ss})', '(ss)', '(su)', '(us)', '(ssv)', '(ta{sv})', '(sa{sv})',
         '(a{sv}a{sv})', '(a{sv}a{sv}a{sv})', '(ssa{sv})', '(aaaaay)', '((((s))))']
VALUES = {'b': True, 'd': 1.5, 's': 'TcpPort', 'o': PATH, 'g': 'as'}


@pytest.fixture(scope='module', name='methods')
def introspect(machine):
    """The type of each method's arguments, as the service tells it."""
    text = machine.call('Introspect', interface='org.freedesktop.DBus.Introspectable')
    found = xml.etree.ElementTree.fromstring(text).findall(f"interface[@name='{NAME}']/method")
    return {each.get('name'): '(' + ''.join(arg.get('type') for arg in each.findall('arg')
                                            if arg.get('direction') == 'in') + ')'
            for each in found}


def value(kind):
    """Some value of a type."""
    if kind[0] == '(':
        types = [kind[1:-1]] if kind[1] == '(' else re.findall(r'a*(?:\{..\}|.)', kind[1:-1])
        return GLib.Variant.new_tuple(*map(value, types))
    if kind[0] == 'a':
        return GLib.Variant.new_array(GLib.VariantType(kind[1:]), [])
    if kind == 'v':
        return GLib.Variant('v', GLib.Variant('s', 'x'))
    return GLib.Variant(kind, VALUES.get(kind, 1))


def descriptors(machine):
    """How many descriptors the service has."""
    return len(list(machine.path(f'/proc/{machine.daemon_pid()}/fd').iterdir()))


def memory(machine, field):
    """Of the service, in MB."""
    text = machine.read(f'/proc/{machine.daemon_pid()}/status')
    return int(re.search(rf'^{field}:\s+(\d+)', text, re.M)[1]) / 1000


@contextlib.contextmanager
def unmoved(machine, megabytes=None):
    """The block changes nothing: the same service, as many descriptors, hardly more memory."""
    machine.call('ListHostKeys')
    had, pid, before = descriptors(machine), machine.daemon_pid(), memory(machine, 'VmRSS')
    machine.path(f'/proc/{pid}/clear_refs').write_text('5')
    with undisturbed(machine):
        yield
        assert machine.daemon_pid() == pid
    wait_for(lambda: descriptors(machine) <= had + 2)
    # The sanitizers keep what was freed.
    if megabytes and machine.variant == 'plain':
        assert memory(machine, 'VmHWM') - before < megabytes


@pytest.mark.parametrize('user', USERS)
def test_wrong_types(machine, methods, user):
    known = {**methods, 'Get': '(ss)', 'GetAll': '(s)', 'Set': '(ssv)'}
    calls = [Call(name, value(kind) if kind != '()' else None,
                  NAME if name in methods else PROPERTIES)
             for name, right in known.items() for kind in KINDS if kind != right]
    assert len(calls) > 400
    with unmoved(machine, 16):
        answers = Crowd(machine, user, calls, interactive=False, at_once=False).answers()
    for call, answer in zip(calls, answers):
        assert isinstance(answer, Failure), (call, answer)
        assert answer.name == INVALID or call.interface == PROPERTIES and answer.name in UNKNOWN, (
            call, answer)


@pytest.mark.parametrize('user', USERS)
def test_large_messages(machine, methods, user):
    """Of one part, or of millions: refused before anybody takes them apart."""
    names = methods if FULL else ['Apply', 'ListGroups', 'Restart']
    calls = [Raw(name, what, LARGE) for name in names
             for what in ('string', 'empty strings', 'variants', 'dictionary')]
    calls += [Raw('Set', 'string', LARGE, PROPERTIES), Raw('NoSuchMethod', 'variants', LARGE)]
    with unmoved(machine, 16):
        answers = speak(machine, user, calls)
    for call, answer in zip(calls, answers):
        assert isinstance(answer, Failure) and answer.name == LIMITS, (call, answer)
        assert 'larger than 256 KiB; send less' in answer.message


@pytest.mark.parametrize('user', USERS)
def test_what_the_library_cannot_read(machine, user):
    """GDBus gives its connection up at some arguments that are right by D-Bus."""
    args = GLib.Variant('(a{yg}av)', ({255: 'a{sv}', 254: ''}, [GLib.Variant('n', 1)] * 2))
    with unmoved(machine, 16):
        answers = Crowd(machine, user, [Call('Apply', args), Call('ListHostKeys')] * 10,
                        interactive=False).answers()
    for answer in answers[::2]:
        assert answer == (LIMITS, answer.message) and 'cannot be read' in answer.message
    assert all(isinstance(answer, str) for answer in answers[1::2])


def connections(machine):
    """The names of the service's connections to the bus."""
    def ask(method, *args):
        return machine.call(method, GLib.Variant('(s)', args) if args else None,
                            'org.freedesktop.DBus', 'org.freedesktop.DBus', '/org/freedesktop/DBus')
    found = []
    for name in ask('ListNames'):
        with contextlib.suppress(GLib.Error):
            if name[0] == ':' and ask('GetConnectionUnixProcessID', name) == machine.daemon_pid():
                found.append(name)
    return found


@pytest.mark.parametrize('user', USERS)
def test_signals(machine, user):
    """Anybody may send some to any connection, be it one on which nobody may call."""
    machine.call('ListHostKeys')
    names = connections(machine)
    assert len(names) == 2
    signals = [Raw('Signal', what, size, how='signal', name=name) for name in names
               for what, size in (('unreadable', 0), ('string', 100), ('string', LARGE),
                                  ('variants', LARGE), ('unreadable', 0))]
    with unmoved(machine, 16):
        assert set(speak(machine, user, signals)) == {None}
        assert connections(machine) == names


def test_flood_of_signals(machine):
    """They are taken apart, and keep nobody waiting."""
    machine.call('ListHostKeys')
    name, *_others = connections(machine)
    signals = [Raw('Signal', 'unreadable', how='signal', name=name)] * 2000
    with concurrent.futures.ThreadPoolExecutor(1) as pool, unmoved(machine):
        sent = pool.submit(speak, machine, 'nobody', signals, one=True)
        while not sent.done():
            began = time.monotonic()
            machine.call('ListGroups', GLib.Variant('(su)', ('', 0)))
            assert time.monotonic() - began < 5
        assert set(sent.result()) == {None}


def test_number_that_is_given_twice(machine):
    """A call that is under way keeps its place, whatever is answered under its number."""
    log = 'keygen-calls'
    machine.run(['mv', '/usr/bin/ssh-keygen', '/usr/bin/ssh-keygen-real'])
    machine.write('/usr/bin/ssh-keygen', f'#!/bin/sh\nlogger -t {log} key\nsleep 0.5\n'
                  'exec /usr/bin/ssh-keygen-real "$@"\n', 0o755)
    calls = [Raw('ListHostKeys', how='silent'),
             Raw('GetAll', 'name', 0, PROPERTIES, how='again')] * 200
    try:
        speak(machine, 'nobody', calls, one=True)
        machine.call('ListHostKeys')
    finally:
        machine.run(['mv', '/usr/bin/ssh-keygen-real', '/usr/bin/ssh-keygen'])
    machine.run(['journalctl', '--sync'])
    keys = machine.journal(None, None, '-t', log).count(' key')
    assert 3 <= keys < 200, keys


@pytest.mark.parametrize('user', USERS)
def test_as_large_as_may_be(machine, user):
    """What is under the limit is taken apart: of small parts, it takes many times its size."""
    calls = [Raw(name, what, 260_000) for name in ('Apply', 'Confirm', 'Restart')
             for what in ('string', 'empty strings', 'variants', 'dictionary')]
    with unmoved(machine, 64):
        answers = speak(machine, user, calls * 5)
    for call, answer in zip(calls * 5, answers):
        assert isinstance(answer, Failure), (call, answer)
        allowed = (INVALID, LIMITS) if call.what in ('variants', 'dictionary') else (
            INVALID, f'{NAME}.Error.NotPending', ASKABLE)
        assert answer.name in allowed, (call, answer)


@pytest.mark.parametrize('user', USERS)
def test_deep_messages(machine, user):
    """As deep as the bus lets them be, and deeper."""
    depths = (1, 30, 60, 61, 62, 63, 64, 65, 100)
    calls = [Raw(name, 'deep', depth) for name in ('Apply', 'Explain') for depth in depths]
    calls += [Raw('Apply', 'arrays', depth) for depth in (1, 31, 32, 33)]
    with unmoved(machine, 16):
        answers = speak(machine, user, calls)
    for call, answer in zip(calls, answers):
        allowed = call.size < (64 if call.what == 'deep' else 33)
        assert answer != THROWN_OUT if allowed else True, (call, answer)
        assert answer == THROWN_OUT or answer.name == INVALID, (call, answer)
    assert THROWN_OUT in answers


@pytest.mark.parametrize('user', USERS)
def test_paths(machine, user):
    """Others than ours have nothing; what is no path never comes to us."""
    valid = ['/', '/org', '/org/truenas', PATH + '/x', PATH + 'x', '/a' * 1000]
    invalid = ['', 'x', '//', PATH + '/', '/a//b', '/a-b', '/\u00fc', '/a b']
    with unmoved(machine, 16):
        answers = speak(machine, user, [Raw('ListHostKeys', path=path) for path in valid])
        thrown = speak(machine, user, [Raw('ListHostKeys', path=path) for path in invalid])
    assert {answer.name for answer in answers} <= UNKNOWN, answers
    assert set(thrown) == {THROWN_OUT}, thrown


@pytest.mark.parametrize('name', [*(name for name, kind in SETTINGS.items() if kind == 'as'),
                                  'reset', 'check-logins'])
def test_long_lists(machine, name):
    many = GLib.Variant('as', [f'n{i}' for i in range(10_000)])
    args = ({name: many}, {}) if name in SETTINGS else ({}, {name: many})
    with unmoved(machine, 32):
        answer, = Crowd(machine, 'root', [Call('Apply', GLib.Variant('(a{sv}a{sv})', args))]).answers()
    assert isinstance(answer, Failure) and answer.name.startswith(f'{NAME}.Error.'), answer
    assert (name if name != 'reset' else 'n0') in answer.message and len(answer.message) < 2000


@pytest.mark.parametrize('kind', ['(a{sv}a{sv})', '(ta{sv})', '(ssa{sv})', '(sa{sv})'])
def test_many_names(machine, methods, kind):
    """Of settings and options that nobody knows."""
    many = GLib.Variant('a{sv}', {f'n{i}': GLib.Variant('b', True) for i in range(5000)})
    calls = [Call(name, GLib.Variant.new_tuple(
        *(many if each == 'a{sv}' else GLib.Variant(each, '' if each == 's' else 0)
          for each in re.findall(r'a\{sv\}|.', kind[1:-1]))))
        for name, right in methods.items() if right == kind]
    with unmoved(machine, 32):
        answers = Crowd(machine, 'root', calls, at_once=False).answers()
    for call, answer in zip(calls, answers):
        assert isinstance(answer, Failure) and len(answer.message) < 2000, (call, answer)


EXPECTED = {'answer', INVALID, DENIED, ASKABLE, LIMITS, ERROR + 'UnknownProperty',
            ERROR + 'PropertyReadOnly', *UNKNOWN}


@pytest.mark.parametrize('user', USERS)
def test_calls_of_chance(machine, methods, user, capsys):
    """Nothing is lost, and no answer is one that nobody has thought of.

    What chance lets root do to sshd's own life would go on the whole time.
    """
    seed = int.from_bytes(os.urandom(4), 'big')
    before = machine.get('Warnings')
    with contextlib.ExitStack() as stack:
        had, pid = descriptors(machine), machine.daemon_pid()
        if user != 'root':
            stack.enter_context(unmoved(machine))
        found = try_luck(machine, user, methods, TIMES, seed,
                         never=['Start', 'Stop', 'Restart', 'CheckKerberos'])
        assert machine.daemon_pid() == pid, seed
    with capsys.disabled():
        print(f'\n{machine.release}: {user}: seed {seed}: {found}')
    ours = {name for name in found if name.startswith(f'{NAME}.Error.')}
    assert found.keys() <= EXPECTED | ours, (seed, found)
    assert sum(found.values()) == TIMES and found['answer'] > TIMES / 100, (seed, found)
    if machine.get('PendingDeadline'):
        machine.call('Rollback', GLib.Variant('(s)', ('',)))
    machine.call('SetStartOnBoot', GLib.Variant('(b)', (True,)))
    reset(machine)
    wait_for(lambda: descriptors(machine) <= had + 2)
    assert machine.get('Warnings') == before, seed

