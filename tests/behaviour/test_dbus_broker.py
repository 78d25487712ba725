# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where dbus-broker is the bus: starting, who may what, signals, and an end that loses no call."""

import threading
import time

import pytest
from gi.repository import GLib

from harness.bus import NAME, PATH, settings
from harness.crowd import Call, Crowd
from harness.machine import raises, wait_for
from harness.polkit import ASKABLE, DENIED, Person, action, allow, allow_nothing
from harness.sshd import administrator, everywhere, ports, reset, undisturbed

PASSWORD = 'a secret of the administrator'
UNIT = 'truenas-ssh.service'
DBUS = 'org.freedesktop.DBus'


@pytest.fixture(scope='module', autouse=True)
def broker(machine):
    """The machine, booted anew with the other bus."""
    machine.user_add('alice')
    administrator(machine, PASSWORD)
    machine.run('systemctl enable dbus-broker.service')
    machine.reboot()


@pytest.fixture(autouse=True)
def clean(machine):
    """Takes back what a test has done to polkit and to sshd."""
    yield
    allow_nothing(machine)
    reset(machine)


def patience(machine, ms):
    """Let the service wait so long before it ends."""
    machine.write(f'/run/systemd/system/{UNIT}.d/idle.conf',
                  f'[Service]\nEnvironment=TRUENAS_SSH_IDLE={ms}\n')
    machine.run(f'systemctl daemon-reload; systemctl stop {UNIT}')


def ask(machine):
    """Call from a connection of its own, which is gone afterwards."""
    own = machine.connect()
    try:
        return own.call_sync(NAME, PATH, 'org.freedesktop.DBus.Properties', 'Get',
                             GLib.Variant('(ss)', (NAME, 'Version')), None, 0, 60000, None)
    finally:
        own.close_sync(None)


def test_it_is_the_bus(machine):
    assert machine.show('dbus.service', 'Id') == 'dbus-broker.service'
    assert machine.show('dbus-broker.service', 'ActiveState') == 'active'
    assert machine.run('pidof dbus-daemon', check=False).stdout == ''
    assert machine.run(['systemctl', '--failed', '--no-legend', '--plain']).stdout == ''


def test_service_starts_when_it_is_asked(machine):
    machine.run(['systemctl', 'stop', UNIT])
    assert machine.get('TcpPort') == 22
    assert machine.daemon_pid() > 0
    assert machine.properties(user='alice') == machine.properties()


def test_change_is_announced_before_the_answer(machine):
    with machine.signals() as signals:
        machine.apply({'TcpPort': 2200})
        assert signals.changed()['TcpPort'] == 2200
        assert signals.changed()['ManagedSettings'] == ['TcpPort']
    assert ports(machine) == everywhere(2200)


def test_nobody_else_can_own_the_name(machine):
    with raises(DENIED):
        machine.call('RequestName', GLib.Variant('(su)', (NAME, 3)), DBUS, DBUS,
                     '/org/freedesktop/DBus', user='alice')


def test_who_may_what(machine):
    with undisturbed(machine):
        with raises(ASKABLE, f"^{action('configure')}: "):
            machine.apply({'TcpPort': 2200}, user='alice')
        with raises(DENIED, f"^{action('manage-service')}: "):
            machine.call('Stop', user='alice', interactive=True)
    allow(machine, 'alice', 'configure')
    machine.apply({'TcpPort': 2200}, user='alice')
    assert ports(machine) == everywhere(2200)
    with undisturbed(machine, 2200), raises(ASKABLE, f"^{action('manage-service')}: "):
        machine.call('Stop', user='alice')


def test_person_is_asked(machine):
    args = GLib.Variant('(a{sv}a{sv})', (settings({'TcpPort': 2200}), {}))
    with Person(machine, 'alice', ('Apply', args)) as alice:
        assert alice.asked() == 'configure'
        alice.type(PASSWORD)
        assert "'changed': <['TcpPort']>" in alice.answer()
    assert ports(machine) == everywhere(2200)


def test_callers_that_vanish(machine):
    daemon = machine.daemon_pid()
    with undisturbed(machine):
        crowd = Crowd(machine, 'alice', [Call('Stop')], agent='silent',
                      vanish=[i * 0.01 for i in range(1, 16)])
        crowd.answers()
        assert crowd.prompts
        machine.apply()
    assert machine.daemon_pid() == daemon


def test_no_call_is_lost_at_the_end(machine):
    errors = []

    def call_again_and_again():
        for i in range(100):
            try:
                ask(machine)
            except GLib.Error as error:
                errors.append(error.message)
            time.sleep(i % 10 * 0.003)

    patience(machine, 1)
    machine.disconnect()
    before = machine.journal(UNIT).count('Started ')
    callers = [threading.Thread(target=call_again_and_again) for _caller in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert errors == [], machine.journal(None, None, '-n', '200')
    assert machine.journal(UNIT).count('Started ') - before > 10
    wait_for(lambda: machine.show(UNIT, 'ActiveState') == 'inactive')
    patience(machine, 60000)
