# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every method and property of the live interface, as every kind of caller: nothing comes of a call
without a grant, and before it nothing is touched."""

import contextlib
import random
import time
import xml.etree.ElementTree

import pytest
from gi.repository import GLib

from harness.bus import NAME, PROPERTIES, Failure
from harness.crowd import Call, Crowd, apply, boot, end
from harness.machine import wait_for
from harness.polkit import ASKABLE, DENIED, RULES, Person, action, allow, allow_nothing, restart
from harness.sshd import DROP_IN, administrator, everywhere, ports, reset, settle, undisturbed

PASSWORD = 'a secret of the administrator'
GIANT = 4_000_000_000
STATE = '/var/lib/truenas-ssh'

# What each method needs while TcpPort is pending; None: everybody may. Each call would have an
# effect, or tell something.
ROWS = [
    ('configure', apply({'TcpPort': 2201})),
    ('configure', end('Confirm')),
    ('configure', end('Rollback')),
    ('configure', Call('Revert', GLib.Variant('(ta{sv})', (0, {})))),
    ('inspect', Call('ListHistory')),
    ('manage-service', Call('Start')),
    ('manage-service', Call('Stop')),
    ('manage-service', Call('Restart')),
    ('manage-service', boot(False)),
    (None, Call('ListInterfaces')),
    (None, Call('ListGroups', GLib.Variant('(su)', ('', 0)))),
    (None, Call('ListHostKeys')),
    ('inspect', Call('CheckLogin', GLib.Variant('(ssa{sv})', ('alice', '192.0.2.1', {})))),
    ('inspect', Call('CheckKerberos')),
    ('inspect', Call('Explain')),
]

# The same in an order in which each of them works.
IN_ORDER = [end('Confirm'), apply({'TcpPort': 2201}), ROWS[3][1],
            apply({'TcpPort': 2201}, confirm_timeout=600), end('Rollback'), Call('Stop'),
            Call('Start'), Call('Restart'), boot(False), boot(True), ROWS[4][1],
            *(call for _name, call in ROWS[9:])]

# A mixed change: a basic setting and a line that gives power.
MIXED = {'TcpPort': 2200, 'AuxiliaryParameters': 'PermitRootLogin no'}

@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Who calls, and the administrator whose password is asked for."""
    machine.user_add('alice', 'her own')
    administrator(machine, PASSWORD)
    machine.run(['useradd', '--uid', str(GIANT), '--create-home', 'giant'])


@pytest.fixture
def clean(machine):
    """Takes back what a test has done to polkit and to sshd."""
    yield
    machine.run('systemctl unmask --runtime --quiet polkit.service; systemctl daemon-reload')
    allow_nothing(machine)
    if machine.get('PendingDeadline'):
        machine.call('Rollback', end('Rollback').args)
    reset(machine)


@pytest.fixture
def pending(machine, clean):
    """A change that somebody else has put on probation: the token is theirs."""
    machine.apply({'TcpPort': 2200}, confirm_timeout=600)


def introspect(machine):
    """The interface as the service tells it: names of methods; properties with their access."""
    text = machine.call('Introspect', interface='org.freedesktop.DBus.Introspectable')
    found = xml.etree.ElementTree.fromstring(text).find(f"interface[@name='{NAME}']")
    return ({each.get('name') for each in found.findall('method')},
            {each.get('name'): each.get('access') for each in found.findall('property')})


def world(machine):
    """What a call could have had an effect on, besides sshd itself."""
    state = {path.name: path.read_bytes() for path in machine.path(STATE).iterdir()
             if path.is_file()}
    return settle(machine), state, machine.show('ssh.service', 'UnitFileState')


def property_calls(machine):
    """Reading each property, and writing it: the value that it has."""
    args = GLib.Variant('(s)', (NAME,))
    values = machine.bus.call_sync(NAME, '/org/truenas/SSH', PROPERTIES, 'GetAll', args, None, 0,
                                   10000, None).get_child_value(0)
    for i in range(values.n_children()):
        name = values.get_child_value(i).get_child_value(0).get_string()
        value = values.lookup_value(name, None)
        yield (Call('Get', GLib.Variant('(ss)', (NAME, name)), PROPERTIES),
               Call('Set', GLib.Variant('(ssv)', (NAME, name, value)), PROPERTIES))


def check_properties(machine, user):
    """Each can be read, and none can be written."""
    pairs = list(property_calls(machine))
    answers = Crowd(machine, user, [call for pair in pairs for call in pair],
                    interactive=False).answers()
    for (read, _write), value, refusal in zip(pairs, answers[::2], answers[1::2]):
        assert isinstance(value, str), (read, value)
        assert isinstance(refusal, Failure) and 'not writable' in refusal.message, (read, refusal)


def check_denied(answers, names):
    """Each call was denied by one of the NAMES for the sake of its action, or is open."""
    assert len(answers) == len(ROWS)
    for (name, call), answer in zip(ROWS, answers):
        if name is None:
            assert isinstance(answer, str), (call, answer)
            continue
        assert isinstance(answer, Failure), (call, answer)
        assert answer.name in names, (call, answer)
        assert answer.message.startswith(f'{action(name)}: '), (call, answer)


def walk(machine, user, *names, interactive=True, agent=None, meanwhile=None):
    """Every call by a USER who has no grant; returns the crowd, for its prompts."""
    before = world(machine)
    with undisturbed(machine, 2200):
        crowd = Crowd(machine, user, [call for _name, call in ROWS], interactive, agent=agent)
        if meanwhile:
            crowd.wait_until_sent()
            meanwhile()
        check_denied(crowd.answers(), names)
        check_properties(machine, user)
    assert world(machine) == before
    return crowd


# The table

def test_every_method_has_a_row(machine):
    methods, properties = introspect(machine)
    assert {call.method for _name, call in ROWS} == methods
    assert {call.method for call in IN_ORDER} == methods
    assert properties.keys() == machine.properties().keys()
    assert set(properties.values()) == {'read'}


# With a grant

@pytest.mark.parametrize('user', ['root', 'alice'])
def test_with_every_grant(machine, pending, user):
    if user != 'root':
        allow(machine, user, 'configure', 'manage-service', 'inspect')
    crowd = Crowd(machine, user, IN_ORDER, interactive=False, at_once=False)
    for call, answer in zip(IN_ORDER, crowd.answers(), strict=True):
        assert isinstance(answer, str), (call, answer)
    assert ports(machine) == everywhere(22)
    assert machine.get('ManagedSettings') == []
    check_properties(machine, user)


# Without one

@pytest.mark.parametrize('interactive, name', [(False, ASKABLE), (True, DENIED)])
def test_no_agent(machine, pending, interactive, name):
    walk(machine, 'alice', name, interactive=interactive)


def test_agent_that_says_no(machine, pending):
    crowd = walk(machine, 'alice', DENIED, agent='no')
    needed = sorted(action(name) for name, _call in ROWS if name)
    assert sorted(crowd.prompts) == needed


def test_rule_that_says_no(machine, pending):
    allow(machine, 'alice', 'configure', 'manage-service', 'inspect', result='NO')
    crowd = walk(machine, 'alice', DENIED, agent='no')
    assert crowd.prompts == []


def test_rule_that_fails(machine, pending):
    machine.write(RULES, 'polkit.addRule (function (action, subject) {\n  throw "no";\n});\n')
    restart(machine)
    walk(machine, 'alice', DENIED)


def test_grants_of_somebody_else(machine, pending):
    allow(machine, 'boss', 'configure', 'configure-privileged', 'manage-service', 'inspect')
    walk(machine, 'alice', ASKABLE, interactive=False)


@pytest.mark.parametrize('interactive', [False, True])
def test_number_of_a_user_that_is_huge(machine, pending, interactive):
    """Beyond what fits a signed number, where polkit has once said yes to everything."""
    assert machine.run(['id', '-u'], user='giant').stdout == f'{GIANT}\n'
    walk(machine, 'giant', DENIED, *([] if interactive else [ASKABLE]), interactive=interactive)


def test_polkit_is_absent(machine, pending):
    machine.run(['systemctl', 'mask', '--runtime', '--now', 'polkit.service'])
    walk(machine, 'alice', DENIED)


def test_polkit_fails(machine, pending):
    """It is killed while it is asked."""
    machine.run(['systemctl', 'kill', '--signal=STOP', 'polkit.service'])
    walk(machine, 'alice', DENIED, meanwhile=lambda: machine.run(
        'sleep 0.3; systemctl kill --signal=KILL polkit.service'))


def test_polkit_hangs(machine, pending):
    machine.run(['systemctl', 'kill', '--signal=STOP', 'polkit.service'])
    walk(machine, 'alice', DENIED)
    machine.run(['systemctl', 'kill', '--signal=CONT', 'polkit.service'])


def test_callers_that_vanish_during_the_check(machine, pending):
    """At 50 moments, from at once to while somebody would be asked; and nothing of them stays."""
    calls = [call for name, call in ROWS if name]
    before, daemon = world(machine), machine.daemon_pid()
    moments = [*[0] * 10, *(random.uniform(0, 0.15) for _call in range(38)), 1, 1]
    with undisturbed(machine, 2200):
        crowd = Crowd(machine, 'alice', calls, agent='silent', vanish=moments)
        crowd.answers()
        assert 0 < len(crowd.prompts) < 50
    assert world(machine) == before
    assert machine.daemon_pid() == daemon

    def nobody_waits():
        many = Crowd(machine, 'alice', [Call('Stop')] * 32, interactive=False).answers()
        return {each.name for each in many} == {ASKABLE}
    wait_for(nobody_waits)


# What is touched

@contextlib.contextmanager
def traced(machine):
    """The block can look at what the service opens, runs and connects to: a function gives it."""
    pid, path = machine.daemon_pid(), '/run/walker.trace'
    machine.write(path, '')
    tracer = machine.popen(f'strace -f -qq -e signal=none -o {path} -p {pid}'
                           ' -e trace=%file,execve,execveat,socket,connect & echo $!; wait',
                           stdout=-1, text=True)
    number = tracer.stdout.readline().strip()

    def attached():
        tasks = machine.path(f'/proc/{pid}/task').iterdir()
        return all('TracerPid:\t0\n' not in (task / 'status').read_text('ascii') for task in tasks)

    def quiet():
        before = machine.read(path)
        time.sleep(1)
        return machine.read(path) == before
    wait_for(attached)
    # It looks at the machine by itself after what was done to sshd just now.
    wait_for(quiet)
    start = len(machine.read(path))
    try:
        yield lambda: machine.read(path)[start:]
    finally:
        machine.run(['kill', '-INT', number])
        tracer.wait(10)
        tracer.stdout.close()


def test_nothing_is_touched_without_a_grant(machine, clean):
    """No file, no name of a user or group, no sshd: not even where names would have to be."""
    calls = [apply({'PasswordLoginGroups': ['no-such-group'], 'BindInterfaces': ['eth99'],
                    'AuxiliaryParameters': 'Include /etc/shadow'}),
             apply({'TcpPort': 22}, dry_run=True), *(call for name, call in ROWS if name)]
    machine.get('Version')
    with traced(machine) as trace:
        for interactive, agent in ((False, None), (True, None), (True, 'no')):
            answers = Crowd(machine, 'alice', calls, interactive, agent=agent).answers()
            assert {each.name for each in answers} == {DENIED if interactive else ASKABLE}
        assert trace() == ''


def test_nothing_is_touched_before_the_answer(machine, clean):
    args = apply({'TcpPort': 2200}).args
    with traced(machine) as trace, Person(machine, 'alice', ('Apply', args)) as alice:
        assert alice.asked() == 'configure'
        assert trace() == ''
        alice.type(PASSWORD)
        assert "'changed': <['TcpPort']>" in alice.answer()
        touched = trace()
        assert '/usr/sbin/sshd' in touched and DROP_IN in touched


# Mixed changes

@pytest.mark.parametrize('before, call', [
    ({}, apply(MIXED)),
    ({}, apply(MIXED, start=True)),
    (MIXED, apply({}, reset=[*MIXED])),
    ({'AuxiliaryParameters': 'PermitRootLogin no\nPrintMotd no'},
     apply({'TcpPort': 2200, 'AuxiliaryParameters': 'PrintMotd no'}))])
def test_mixed_change(machine, clean, before, call):
    """One question for all that it needs; to take a line away is as much as to add it."""
    if before:
        machine.apply(before)
    before = settle(machine)
    for names in (['configure', 'manage-service'], ['configure', 'configure-auxiliary']):
        allow(machine, 'alice', *names)
        crowd = Crowd(machine, 'alice', [call], agent='no')
        assert [each.name for each in crowd.answers()] == [DENIED]
        assert crowd.prompts == [action('configure-privileged')]
    assert machine.properties() == before


def test_one_answer_is_enough(machine, clean):
    with Person(machine, 'alice', ('Apply', apply(MIXED, start=True).args)) as alice:
        assert alice.asked() == 'configure-privileged'
        alice.type(PASSWORD)
        assert "'generation'" in alice.answer()
        assert alice.prompts() == 1
    assert ports(machine) == everywhere(2200)
    assert machine.sshd_T()['permitrootlogin'] == ['no']


# What changes meanwhile

def test_change_that_grows_while_a_person_is_asked(machine, clean):
    """Not what it needs, but what polkit's rules were told of it."""
    machine.apply({'Compression': False})
    args = apply({'TcpPort': 2200, 'Compression': False}).args
    with Person(machine, 'alice', ('Apply', args), ('Apply', args)) as alice:
        assert alice.asked() == 'configure'
        machine.apply({'Compression': True})
        alice.type(PASSWORD)
        answer = alice.answer()
        assert answer.name == f'{NAME}.Error.Conflict'
        assert 'since you were authorised' in answer.message
        assert "'changed': <['TcpPort', 'Compression']>" in alice.answer()
    assert machine.get('Compression') is False
