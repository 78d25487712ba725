# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""polkit does not answer, or is not there: users are denied soon, root needs none."""

import json
import time

import pytest

from harness.machine import raises
from harness.polkit import DENIED, action
from harness.sshd import Session, administrator, everywhere, ports, reset, undisturbed

# One process of a user makes many calls at once and prints how they ended.
LIMITS = 'org.freedesktop.DBus.Error.LimitsExceeded'
FLOOD = r'''
import collections, json, sys
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync (Gio.BusType.SYSTEM, None)
loop, ends, number = GLib.MainLoop (), collections.Counter (), int (sys.argv[1])
def on_reply (source, result):
    try:
        source.call_finish (result)
        ends['allowed'] += 1
    except GLib.Error as error:
        ends[f'{Gio.DBusError.get_remote_error (error)} {error.message}'] += 1
    if sum (ends.values ()) == number:
        loop.quit ()
for i in range (number):
    bus.call ('org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH', 'Stop', None, None,
              Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, 60000, None, on_reply)
print ('sent', flush=True)
loop.run ()
print (json.dumps (ends))
'''


@pytest.fixture(scope='module', autouse=True)
def alice(machine):
    """A user without any rights, who is also logged in from the first test to the last."""
    machine.user_add('alice')
    administrator(machine)
    with Session(machine, 'alice', key=machine.key_add('alice')) as session:
        yield 'alice'
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with polkit, and with an sshd as the package has it."""
    machine.get('Version')
    machine.run(['systemctl', 'start', 'polkit.service'])
    yield
    machine.run('for file in /usr/lib/polkit-1/polkitd /usr/lib/systemd/system/polkit.service'
                ' /usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service; do'
                ' [ ! -e $file.away ] || mv $file.away $file; done;'
                ' systemctl unmask --runtime --quiet polkit.service; systemctl daemon-reload;'
                ' busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig;'
                ' systemctl reset-failed polkit.service; systemctl restart polkit.service')
    reset(machine)


def check_denied(machine, user, seconds):
    """The user is denied within so many SECONDS, and root makes a change all the same."""
    message = f"^{action('manage-service')}: polkit does not answer"
    for interactive in (False, True):
        began = time.monotonic()
        with undisturbed(machine), raises(DENIED, message):
            machine.call('Stop', user=user, interactive=interactive)
        assert time.monotonic() - began < seconds
    machine.apply({'TcpPort': 2200, 'PasswordAuthentication': False})
    assert ports(machine) == everywhere(2200)
    assert machine.get('LastChange')['outcome'] == 'applied'


def test_polkit_is_masked(machine, alice):
    machine.run(['systemctl', 'mask', '--runtime', '--now', 'polkit.service'])
    check_denied(machine, alice, 3)


def test_polkit_is_removed(machine, alice):
    machine.run('systemctl stop polkit.service;'
                ' for file in /usr/lib/polkit-1/polkitd /usr/lib/systemd/system/polkit.service'
                ' /usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service; do'
                ' mv $file $file.away; done; systemctl daemon-reload;'
                ' busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig')
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    check_denied(machine, alice, 3)


def test_polkit_comes_back(machine, alice):
    """It is started when it is needed, as the bus does it."""
    machine.run(['systemctl', 'stop', 'polkit.service'])
    with raises('org.freedesktop.DBus.Error.InteractiveAuthorizationRequired'):
        machine.call('Stop', user=alice)
    assert machine.show('polkit.service', 'ActiveState') == 'active'


def test_polkit_hangs(machine, alice):
    """Who waits for it delays nobody, many who wait are sent away, and nobody waits for long."""
    machine.run(['systemctl', 'kill', '--signal=STOP', 'polkit.service'])
    began = time.monotonic()
    with machine.popen(['/usr/bin/python3', '-c', FLOOD, '100'], user=alice, stdout=-1,
                       text=True) as flood:
        assert flood.stdout.readline() == 'sent\n'
        with undisturbed(machine):
            assert machine.get('TcpPort', user=alice) == 22
        machine.apply({'TcpPort': 2200})
        machine.apply(reset=['TcpPort'])
        machine.call('ListInterfaces', user=alice)
        assert time.monotonic() - began < 8
        ends = json.loads(flood.stdout.readline())
    assert time.monotonic() - began < 25
    machine.run(['systemctl', 'kill', '--signal=CONT', 'polkit.service'])
    assert sum(ends.values()) == 100
    assert all(each.startswith((f'{DENIED} ', f'{LIMITS} ')) for each in ends), ends
    late = sum(count for each, count in ends.items() if 'polkit does not answer' in each)
    many = sum(count for each, count in ends.items() if 'oo many calls' in each)
    assert late == 32 and many == 68, ends
    assert ports(machine) == everywhere(22)
    with raises('org.freedesktop.DBus.Error.InteractiveAuthorizationRequired'):
        machine.call('Stop', user=alice)
