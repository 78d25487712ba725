# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The interface org.truenas.SSH as the tests speak to it, over the machine's own bus."""

import contextlib
import json
import re
import time
import typing

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

NAME = 'org.truenas.SSH'
PATH = '/org/truenas/SSH'
PROPERTIES = 'org.freedesktop.DBus.Properties'

SETTINGS = {
    'TcpPort': 'q',
    'PasswordLoginGroups': 'as',
    'PasswordAuthentication': 'b',
    'KerberosAuthentication': 'b',
    'TcpForwarding': 'b',
    'BindInterfaces': 'as',
    'Compression': 'b',
    'SftpLogLevel': 's',
    'SftpLogFacility': 's',
    'WeakCiphers': 'as',
    'AuxiliaryParameters': 's',
}

OPTIONS = {
    'dry-run': 'b',
    'if-generation': 't',
    'reset': 'as',
    'replace-foreign': 'b',
    'overwrite-edits': 'b',
    'start': 'b',
    'confirm-timeout': 'u',
    'confirm-on-login': 'b',
    'use-service': 'b',
    'allow-lockout': 'b',
    'check-logins': 'as',
    'interface': 's',
}

# Runs in the machine as another user: one call, its arguments and its answer as GVariant text.
CALLER = r'''
import json, sys
from gi.repository import Gio, GLib
ask = json.load (sys.stdin)
bus = Gio.bus_get_sync (Gio.BusType.SYSTEM, None)
args = None
if ask['args'] is not None:
    args = GLib.Variant.parse (GLib.VariantType (ask['type']), ask['args'], None, None)
try:
    reply = bus.call_sync (ask['name'], ask['path'], ask['interface'], ask['method'], args, None,
                           Gio.DBusCallFlags (ask['flags']), ask['timeout'], None)
    answer = {'type': reply.get_type_string (), 'value': reply.print_ (True)}
except GLib.Error as error:
    answer = {'domain': error.domain, 'message': error.message, 'code': error.code}
json.dump (answer, sys.stdout)
'''


class Failure(typing.NamedTuple):
    """A D-Bus error: its name, and its message without the wrapping of GDBus."""

    name: str
    message: str


def failure(error):
    """The name and message of a GLib.Error, or of pytest's ExceptionInfo that holds one."""
    error = getattr(error, 'value', error)
    name = Gio.DBusError.get_remote_error(error) or ''
    return Failure(name, error.message.removeprefix(f'GDBus.Error:{name}: '))


class Raised:
    """What raises () caught: name and message, filled in when the block ends."""

    name = ''
    message = ''


@contextlib.contextmanager
def raises(name, match=None):
    """Expect a D-Bus error: a short name of org.truenas.SSH.Error, or a full one."""
    full = name if '.' in name else f'{NAME}.Error.{name}'
    raised = Raised()
    try:
        yield raised
    except GLib.Error as error:
        raised.name, raised.message = failure(error)
        assert raised.name == full, f'{raised.name}: {raised.message} (expected {full})'
        if match is not None:
            assert re.search(match, raised.message), f'{raised.message!r} lacks {match!r}'
    else:
        raise AssertionError(f'no error where {full} was expected')


def dictionary(values, types):
    """A{sv} of VALUES by the table of TYPES; ready variants and unknown names pass as they are."""
    def variant(key, value):
        if isinstance(value, GLib.Variant):
            return value
        if key not in types:
            raise KeyError(f'{key}: give a GLib.Variant, its type is not known here')
        return GLib.Variant(types[key], value)
    return {key: variant(key, value) for key, value in values.items()}


def settings(change):
    """A change as a dictionary of variants."""
    return dictionary(change, SETTINGS)


def options(given):
    """Options, written with underscores, as a dictionary of variants."""
    return dictionary({key.replace('_', '-'): value for key, value in given.items()}, OPTIONS)


class Signals:
    """The signals of one object since the block began, oldest first."""

    def __init__(self, bus, path, interface, member):
        self.bus = bus
        self.match = (None, interface, member, path, None, Gio.DBusSignalFlags.NONE)
        self.seen = []

    def __enter__(self):
        self.subscription = self.bus.signal_subscribe(*self.match, self._on_signal)
        # The bus has the match once it has answered anything that was sent after it.
        self.bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                           'GetId', None, None, Gio.DBusCallFlags.NONE, 10000, None)
        return self

    def __exit__(self, *_error):
        self.bus.signal_unsubscribe(self.subscription)

    def _on_signal(self, _bus, _sender, _path, _interface, member, arguments):
        self.seen.append((member, arguments.unpack()))

    def collect(self, seconds=0.2):
        """Everything seen so far, after listening for SECONDS more."""
        deadline = time.monotonic() + seconds
        context = GLib.MainContext.default()
        while time.monotonic() < deadline:
            if not context.iteration(False):
                time.sleep(0.005)
        return self.seen

    def wait(self, function, seconds=10):
        """The first signal (member, arguments) for which FUNCTION is true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for member, arguments in self.collect(0.02):
                if function(member, arguments):
                    return member, arguments
        raise AssertionError(f'no such signal within {seconds} s; seen: {self.seen}')

    def changed(self):
        """The properties changed so far, merged: what PropertiesChanged carried last for each."""
        merged = {}
        for member, arguments in self.collect():
            if member == 'PropertiesChanged':
                merged.update(arguments[1])
        return merged


class Bus:
    """The part of a machine that speaks D-Bus; needs path () and run () of a container."""

    _connection = None

    @property
    def bus(self):
        """A connection to the machine's bus as root, straight from here."""
        if self._connection is None or self._connection.is_closed():
            self._connection = self.connect()
        return self._connection

    def connect(self):
        """A new connection of its own as root."""
        address = f'unix:path={self.path("/run/dbus/system_bus_socket")}'
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                 | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        connection.set_exit_on_close(False)
        return connection

    def disconnect(self):
        """Close the connection that bus opened, as a caller that goes away."""
        if self._connection is not None:
            with contextlib.suppress(GLib.Error):
                self._connection.close_sync(None)
        self._connection = None

    def call(self, method, args=None, interface=NAME, name=NAME, path=PATH, timeout=60,
             user=None, interactive=False):
        """Call a method as root, or as USER from inside; returns the unpacked answer.

        One value comes as itself, none as None, several as a tuple.
        """
        flags = Gio.DBusCallFlags.NONE
        if interactive:
            flags = Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION
        if user:
            reply = self._call_as(user, method, args, interface, name, path, timeout, flags)
        else:
            reply = self.bus.call_sync(name, path, interface, method, args, None, flags,
                                       int(timeout * 1000), None)
        values = reply.unpack()
        return values if len(values) > 1 else next(iter(values), None)

    def _call_as(self, user, method, args, interface, name, path, timeout, flags):
        """One call by a process of USER in the machine."""
        ask = {'name': name, 'path': path, 'interface': interface, 'method': method,
               'type': args and args.get_type_string(), 'args': args and args.print_(True),
               'flags': int(flags), 'timeout': int(timeout * 1000)}
        done = self.run(['/usr/bin/python3', '-c', CALLER], user=user, input=json.dumps(ask),
                        timeout=timeout + 10)
        answer = json.loads(done.stdout)
        if 'domain' in answer:
            raise GLib.Error(answer['message'], answer['domain'], answer['code'])
        return GLib.Variant.parse(GLib.VariantType(answer['type']), answer['value'], None, None)

    def apply(self, change=None, user=None, timeout=60, **given):
        """Apply a change: settings by name; options by name, with underscores."""
        args = GLib.Variant('(a{sv}a{sv})', (settings(change or {}), options(given)))
        return self.call('Apply', args, user=user, timeout=timeout)

    def get(self, name, user=None):
        """One property."""
        args = GLib.Variant('(ss)', (NAME, name))
        return self.call('Get', args, interface=PROPERTIES, user=user)

    def properties(self, user=None):
        """Every property by name."""
        return self.call('GetAll', GLib.Variant('(s)', (NAME,)), interface=PROPERTIES, user=user)

    def warnings(self):
        """The property Warnings as a dictionary: code → list of details."""
        found = {}
        for code, details in self.get('Warnings'):
            found.setdefault(code, []).append(details)
        return found

    def signals(self, member='PropertiesChanged', interface=PROPERTIES, path=PATH, bus=None):
        """Collect signals while the block runs: with machine.signals () as signals: …"""
        return Signals(bus or self.bus, path, interface, member)
