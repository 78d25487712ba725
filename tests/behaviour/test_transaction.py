# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Apply is one transaction: what it reports, what it waits for, and what it leaves alone."""

import pytest
from gi.repository import Gio, GLib

from harness.bus import NAME, PATH, PROPERTIES, options, settings
from harness.machine import failure, raises, wait_for
from harness.sshd import (DROP_IN, Session, everywhere, files, override, ports, reset, sockets,
                          undisturbed)

SLOW = 'ExecReload=\nExecReload=/bin/sleep 0.7\nExecReload=/bin/kill -HUP $MAINPID'
KEYS = [f'/etc/ssh/ssh_host_{kind}_key' for kind in ('ecdsa', 'ed25519', 'rsa')]
LAID_DOWN = ['/etc/ssh/ssh_config', '/etc/ssh/sshd_config', *KEYS, *(f'{key}.pub' for key in KEYS)]


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """Somebody who is logged in from the first test to the last."""
    machine.user_add('person')
    key = machine.key_add('person')
    with Session(machine, 'person', key=key) as session:
        yield key
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it."""
    yield
    reset(machine)


def start_apply(machine, bus=None, **given):
    """Send an Apply and return the dictionary that its answer or error will be put in."""
    change = {key: value for key, value in given.items() if key[0].isupper()}
    chosen = {key: value for key, value in given.items() if key not in change}
    args = GLib.Variant('(a{sv}a{sv})', (settings(change), options(chosen)))
    answer = {}

    def on_reply(source, result):
        try:
            answer['result'] = source.call_finish(result).unpack()[0]
        except GLib.Error as error:
            answer['error'] = failure(error)
    bus = bus or machine.bus
    bus.call(NAME, PATH, NAME, 'Apply', args, None, Gio.DBusCallFlags.NONE, 60000, None, on_reply)
    bus.flush_sync(None)
    return answer


def answered(answer):
    """Let the main loop deliver the answer; whether it is there."""
    GLib.MainContext.default().iteration(False)
    return answer


# What is told

def test_result_properties_and_signals_of_a_change(machine):
    before = machine.get('Generation')
    with machine.signals() as signals:
        result = machine.apply({'TcpPort': 2200, 'Compression': False})
        assert machine.get('TcpPort') == 2200
        changed = signals.changed()
    assert result['generation'] > before
    assert sorted(result['changed']) == ['Compression', 'TcpPort']
    assert changed['Generation'] == machine.get('Generation') == result['generation']
    assert changed['TcpPort'] == 2200
    assert changed['Compression'] is False
    assert sorted(changed['ManagedSettings']) == ['Compression', 'TcpPort']
    assert {(each['address'], each['port']) for each in changed['ListenAddresses']} == {
        ('0.0.0.0', 2200), ('::', 2200)}
    assert changed['LastChange'] == machine.get('LastChange') == {
        'generation': result['generation'], 'outcome': 'applied', 'reason': ''}
    assert ports(machine) == everywhere(2200)


def test_signals_come_before_the_reply(machine):
    with machine.signals() as signals:
        answer = start_apply(machine, TcpPort=2200)
        while not answer:
            GLib.MainContext.default().iteration(True)
        seen = [arguments[1] for _member, arguments in signals.seen]
    assert any(each.get('TcpPort') == 2200 for each in seen)
    assert any('LastChange' in each for each in seen)


def test_change_that_changes_nothing(machine):
    result = machine.apply({'TcpPort': 2200})
    with undisturbed(machine, 2200):
        again = machine.apply({'TcpPort': 2200})
        assert again['changed'] == []
        assert again['generation'] == result['generation'] == machine.get('Generation')
        nothing = machine.apply()
        assert nothing['generation'] == result['generation']


def test_dry_run_touches_nothing(machine):
    generation, last = machine.get('Generation'), machine.get('LastChange')
    with undisturbed(machine), machine.signals() as signals:
        result = machine.apply({'TcpPort': 2200}, dry_run=True)
        assert signals.changed() == {}
    assert 'Port 2200\n' in result['config']
    assert f'+++ {DROP_IN}' in result['diff']
    assert (machine.get('Generation'), machine.get('LastChange')) == (generation, last)


def test_refused_change_touches_nothing(machine):
    generation, last = machine.get('Generation'), machine.get('LastChange')
    with undisturbed(machine):
        with raises('ConfigRejected', '^AuxiliaryParameters:1: '):
            machine.apply({'TcpPort': 2200, 'AuxiliaryParameters': 'Nonsense 1'})
        with raises('UnknownGroup'):
            machine.apply({'TcpPort': 2200, 'PasswordLoginGroups': ['nobody-has-this']})
    assert (machine.get('Generation'), machine.get('LastChange')) == (generation, last)
    assert machine.get('ManagedSettings') == []


def test_port_of_somebody_else(machine):
    machine.run(['systemd-run', '--quiet', '--unit=thief', 'socat',
                 'TCP4-LISTEN:2222,bind=127.0.0.1', 'STDOUT'])
    wait_for(lambda: machine.listening(2222))
    message = r'^TcpPort: thief\.service listens on port 2222 \(127\.0\.0\.1\)'
    with undisturbed(machine), raises('PortInUse', message):
        machine.apply({'TcpPort': 2222})
    machine.run(['systemctl', 'stop', 'thief.service'])


# if-generation

def test_change_of_the_generation_that_was_seen(machine):
    seen = machine.get('Generation')
    result = machine.apply({'TcpPort': 2200}, if_generation=seen)
    assert result['generation'] > seen
    message = f"generation {result['generation']}, not {seen}"
    with undisturbed(machine, 2200), raises('Conflict', message):
        machine.apply({'TcpPort': 2201}, if_generation=seen)
    with raises('Conflict'):
        machine.apply({'TcpPort': 2200}, if_generation=seen)
    machine.apply({'TcpPort': 2201}, if_generation=result['generation'])
    assert ports(machine) == everywhere(2201)


def test_generation_never_repeats(machine):
    seen = [machine.get('Generation')]
    for change in ({'TcpPort': 2200}, {'TcpPort': 2201}):
        seen.append(machine.apply(change)['generation'])
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    seen.append(machine.apply(reset=['TcpPort'])['generation'])
    override(machine, 'ExecReload=\nExecReload=/bin/false')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2200})
    seen.append(machine.get('Generation'))
    override(machine)
    seen.append(machine.apply({'TcpPort': 2202})['generation'])
    assert seen == sorted(set(seen))


# An sshd that does not run

def test_stopped_sshd_is_not_started(machine, person):
    machine.call('Stop')
    result = machine.apply({'TcpPort': 2200})
    assert result['changed'] == ['TcpPort']
    assert ports(machine) == set()
    assert machine.get('ActiveState') == 'inactive'
    assert machine.get('TcpPort') == 2200
    assert machine.get('LastChange')['outcome'] == 'applied'
    machine.run(['systemctl', 'start', 'ssh.service'])
    assert ports(machine) == everywhere(2200)
    assert machine.ssh('person', 'true', port=2200, key=person).returncode == 0


def test_stopped_sshd_is_started_on_request(machine):
    machine.call('Stop')
    machine.apply({'TcpPort': 2200}, start=True)
    assert ports(machine) == everywhere(2200)
    assert machine.get('ActiveState') == 'active'


def test_start_without_a_change(machine):
    machine.call('Stop')
    generation = machine.get('Generation')
    assert machine.apply(start=True)['changed'] == []
    assert ports(machine) == everywhere(22)
    assert machine.get('ActiveState') == 'active'
    assert machine.get('Generation') == generation
    with undisturbed(machine):
        machine.apply(start=True)


def make_fail(machine):
    """Have sshd fail for good, as after a port that somebody else has."""
    machine.write('/etc/ssh/sshd_config.d/50-foreign.conf', 'ListenAddress 192.0.2.99\n')
    machine.run(['systemctl', 'restart', 'ssh.service'], check=False)
    wait_for(lambda: machine.show('ssh.service', 'ActiveState') == 'failed')
    machine.remove('/etc/ssh/sshd_config.d/50-foreign.conf')


def test_failed_sshd_is_not_started(machine):
    make_fail(machine)
    machine.apply({'TcpPort': 2200})
    assert machine.show('ssh.service', 'ActiveState') == 'failed'
    assert ports(machine) == set()
    machine.run(['systemctl', 'start', 'ssh.service'])
    assert ports(machine) == everywhere(2200)


def test_failed_sshd_is_started_on_request(machine):
    make_fail(machine)
    machine.apply({'TcpPort': 2200}, start=True)
    assert ports(machine) == everywhere(2200)


# Several at a time

def test_second_change_is_refused_while_one_runs(machine):
    override(machine, SLOW)
    first = start_apply(machine, TcpPort=2200)
    wait_for(lambda: machine.exists(DROP_IN))
    for call in (lambda: machine.apply({'TcpPort': 2201}), lambda: machine.call('Stop'),
                 lambda: machine.call('Restart'), lambda: machine.apply(start=True)):
        with raises('Busy', 'try again'):
            call()
    assert not answered(first)
    assert machine.get('TcpPort') == 22  # reading goes on
    wait_for(lambda: answered(first))
    assert first['result']['changed'] == ['TcpPort']
    assert ports(machine) == everywhere(2200)
    machine.apply({'TcpPort': 2201})
    assert ports(machine) == everywhere(2201)


def test_many_changes_at_once(machine):
    """Each is made as a whole or refused as a whole, and what was made last holds."""
    connections = [machine.connect() for _ in range(8)]
    answers = {2200 + i: start_apply(machine, bus, TcpPort=2200 + i)
               for i, bus in enumerate(connections)}
    wait_for(lambda: all([answered(each) for each in answers.values()]))
    made = {port: each['result']['generation']
            for port, each in answers.items() if 'result' in each}
    errors = {each['error'].name for each in answers.values() if 'error' in each}
    assert made and errors <= {f'{NAME}.Error.Busy'}
    last = max(made, key=made.get)
    assert ports(machine) == everywhere(last)
    assert machine.get('TcpPort') == last
    for bus in connections:
        bus.close_sync(None)


def test_hundred_readers_and_a_change(machine):
    found, errors = [], []

    def on_reply(source, result):
        try:
            found.append(source.call_finish(result).unpack()[0]['TcpPort'])
        except GLib.Error as error:
            errors.append(failure(error))
    answer = start_apply(machine, TcpPort=2200)
    connections = [machine.connect() for _ in range(10)]
    for _ in range(10):
        for bus in connections:
            bus.call(NAME, PATH, PROPERTIES, 'GetAll', GLib.Variant('(s)', (NAME,)), None,
                     Gio.DBusCallFlags.NONE, 20000, None, on_reply)
    wait_for(lambda: answered(answer) and len(found) + len(errors) == 100)
    assert not errors
    assert answer['result']['changed'] == ['TcpPort']
    assert set(found) <= {22, 2200}
    for bus in connections:
        bus.close_sync(None)


def count(machine, what):
    """How many descriptors ("fd") or threads ("task") the daemon has."""
    return len(list(machine.path(f'/proc/{machine.daemon_pid()}/{what}').iterdir()))


def test_changes_in_a_row(machine, person):
    changes = 100 if machine.variant == 'plain' else 30
    machine.apply({'TcpPort': 2299})
    daemon, sshd, before = machine.daemon_pid(), machine.sshd_pid(), count(machine, 'fd')
    seen = set()
    for i in range(changes):
        machine.apply({'TcpPort': 2200 + i % 2, 'Compression': i % 3 == 0})
        seen |= sockets(machine)
        assert ports(machine) == everywhere(2200 + i % 2)
    assert len(seen) == 2 * changes  # new ones after every change
    assert machine.sshd_pid() == sshd
    assert machine.daemon_pid() == daemon
    wait_for(lambda: count(machine, 'fd') <= before)
    assert count(machine, 'task') < 20
    assert machine.ssh('person', 'true', port=2201, key=person).returncode == 0
    assert 'Not allowed at this time' not in machine.journal('ssh.service')
    assert list(machine.path('/run/truenas-ssh').iterdir()) == []
    assert set(files(machine)) == {*LAID_DOWN, DROP_IN}
    machine.run(['systemctl', 'restart', 'ssh.service'])  # no start limit is near
    assert ports(machine) == everywhere(2201)
