# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All properties at once are those that each would be, at any time."""

from concurrent.futures import ThreadPoolExecutor

from gi.repository import Gio, GLib
import pytest

from harness.bus import NAME, PATH, PROPERTIES, SETTINGS
from harness.machine import raises

CHANGES = 20


def get_all(connection, name=NAME):
    """GetAll, on some connection."""
    return connection.call_sync(NAME, PATH, PROPERTIES, 'GetAll', GLib.Variant('(s)', (name,)),
                                None, Gio.DBusCallFlags.NONE, 10000, None).unpack()[0]


@pytest.fixture(name='other')
def connect(machine):
    """A client that is not the one who changes anything."""
    machine.key_add('root')
    connection = machine.connect()
    yield connection
    connection.close_sync(None)


def test_all_are_as_each(machine, other):
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    for _ in range(3):
        found = get_all(other)
        assert {*SETTINGS, 'Generation', 'Version', 'Warnings'} < {*found}
        assert found == {name: machine.get(name) for name in found}
    machine.apply({'TcpPort': 2222, 'AuxiliaryParameters': 'MaxAuthTries 4\n'})
    found = get_all(other)
    assert found == {name: machine.get(name) for name in found}
    assert found['TcpPort'] == 2222
    assert found['LastChange']['outcome'] == 'applied'
    machine.apply({}, reset=['TcpPort', 'AuxiliaryParameters'])


def test_none_is_old_after_a_change(machine, other):
    for i in range(CHANGES):
        done = machine.apply({'Compression': bool(i % 2)})
        found = get_all(other)
        assert (found['Compression'], found['Generation']) == (bool(i % 2), done['generation'])
        assert found['LastChange']['generation'] == done['generation']
    machine.apply({}, reset=['Compression'])


def test_none_goes_back_while_many_ask(machine, other):
    """Whoever asks all the time sees generations that only grow."""
    def ask():
        seen = []
        while not done:
            seen.append(get_all(other)['Generation'])
        return seen
    done = []
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask)
        try:
            for i in range(CHANGES):
                machine.apply({'Compression': bool(i % 2)})
            last = machine.apply({}, reset=['Compression'])['generation']
        finally:
            done.append(True)
        seen = asking.result()
    assert seen == sorted(seen)
    assert get_all(other)['Generation'] == last
    assert len(set(seen)) > CHANGES / 2


def test_of_another_interface(other):
    with raises('org.freedesktop.DBus.Error.InvalidArgs'):
        get_all(other, 'org.truenas.Other')


def test_nobody_waits_for_it_without_a_reply(machine, other):
    """A call that wants no answer gets none, and the next one is answered."""
    message = Gio.DBusMessage.new_method_call(NAME, PATH, PROPERTIES, 'GetAll')
    message.set_body(GLib.Variant('(s)', (NAME,)))
    message.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
    other.send_message(message, Gio.DBusSendMessageFlags.NONE)
    assert get_all(other) == machine.properties()
