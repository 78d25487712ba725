# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Callers that mean no good: messages written byte by byte, and calls made of chance."""

import json
import typing

from .bus import NAME, OPTIONS, PATH, SETTINGS, Failure

# Speaks to the bus without a library, so that it can say what one would not: JSON in, JSON out.
RAW = r'''
import json, os, socket, struct, sys
import gi
from gi.repository import Gio

def marshal (kind, value):
    if kind in 'so':
        return struct.pack ('<I', len (value)) + value + b'\0'
    if kind == 'g':
        return bytes ([len (value)]) + value + b'\0'
    return struct.pack ('<I', value)

def pad (data, to=8):
    return data + b'\0' * (-len (data) % to)

def message (form, flags, serial, fields, body):
    found = b''
    for code, kind, value in fields:
        found = pad (found) + bytes ([code, 1]) + kind.encode () + b'\0' + marshal (kind, value)
    return pad (struct.pack ('<BBBBIII', ord ('l'), form, flags, 1, len (body), serial, len (found))
                + found) + body

def make_body (what, size):
    if what == 'string':
        return b's', marshal ('s', b'a' * size)
    if what == 'name':
        return b's', marshal ('s', b'org.truenas.SSH')
    if what == 'empty strings':
        return b'as', struct.pack ('<I', size // 8 * 8 - 3) + bytes (size // 8 * 8 - 3)
    if what == 'variants':
        return b'av', struct.pack ('<I', size // 4 * 4) + b'\1y\0\0' * (size // 4)
    if what == 'dictionary':
        one = pad (marshal ('s', b'a') + b'\1y\0\0')
        return b'a{sv}', struct.pack ('<II', len (one) * (size // 16) - 6, 0) + (one * (size // 16))[:-6]
    if what == 'unreadable':  # by GDBus: {255: 'a{sv}', 254: ''} and two numbers
        return b'a{yg}av', bytes.fromhex (
            '0b00000000000000ff05617b73767d00fe0000000c000000016e00000100016e00000100')
    if what == 'deep':
        return b'v', b'\1v\0' * (size - 1) + b'\1y\0\0'
    if what == 'arrays':
        return b'a' * size + b'y', struct.pack ('<I', 0)
    return b'', b''

class Peer:
    def __init__ (self):
        self.socket = socket.socket (socket.AF_UNIX)
        self.socket.settimeout (60)
        self.socket.connect ('/run/dbus/system_bus_socket')
        self.socket.sendall (b'\0AUTH EXTERNAL ' + str (os.getuid ()).encode ().hex ().encode ()
                             + b'\r\n')
        assert self.socket.recv (256).startswith (b'OK ')
        self.socket.sendall (b'BEGIN\r\n')
        self.serial = 0
        self.call (b'org.freedesktop.DBus', b'/org/freedesktop/DBus', b'org.freedesktop.DBus',
                   b'Hello', 'nothing', 0)

    def receive (self, size):
        data = b''
        while len (data) < size:
            more = self.socket.recv (size - len (data))
            if not more:
                raise ConnectionError
            data += more
        return data

    def answer (self):
        while True:
            data = self.receive (16)
            data += self.receive (Gio.DBusMessage.bytes_needed (data) - 16)
            found = Gio.DBusMessage.new_from_blob (data, Gio.DBusCapabilityFlags.NONE)
            if found.get_reply_serial () == self.serial:
                body = found.get_body ()
                return [found.get_error_name (), body.print_ (False)[:300] if body else '']

    def send (self, form, flags, name, path, interface, method, what, size):
        signature, body = make_body (what, size)
        fields = [(1, 'o', path), (2, 's', interface), (3, 's', method), (6, 's', name),
                  (8, 'g', signature)]
        self.socket.sendall (message (form, flags, self.serial, fields, body))

    def call (self, *what):
        self.serial += 1
        self.send (1, 0, *what)
        return self.answer ()

    def signal (self, *what):
        self.serial += 1
        self.send (4, 1, *what)
        self.call (b'org.freedesktop.DBus', b'/', b'org.freedesktop.DBus', b'GetId', 'nothing', 0)
        return [None, '']

    def silent (self, *what):
        self.serial = 1000
        self.send (1, 1, *what)
        return [None, '']

    def again (self, *what):
        self.serial = 999
        return self.call (*what)

def ask (peer, how, name, path, interface, method, what, size):
    try:
        return getattr (peer, how) (name.encode (), path.encode (), interface.encode (),
                                    method.encode (), what, size)
    except (ConnectionError, BrokenPipeError):
        return ['thrown out', '']

given = json.load (sys.stdin)
one = Peer ()
json.dump ([ask (one if given['one'] else Peer (), *each) for each in given['calls']], sys.stdout)
'''

# Makes calls out of chance, as many as it is told, and counts what comes of them.
CHANCE = r'''
import collections, json, random, sys
from gi.repository import Gio, GLib
ask = json.load (sys.stdin)
chance = random.Random (ask['seed'])
bus = Gio.bus_get_sync (Gio.BusType.SYSTEM, None)
NAME, PATH = ask['name'], ask['path']
STANDARD = 'org.freedesktop.DBus.'
WORDS = [*ask['settings'], *ask['options'], *ask['words'], '', 'a' * 5000, '\u00fc\u4e16\u754c', '\x01\x1b[2J',
         '%s%n%d', '../../etc/passwd', 'Match all', 'Port 1\nPort 2', '#', '"', '\\', '0', '-1']
NUMBERS = [0, 1, 2, 22, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1]
RANGES = {'y': (0, 255), 'n': (-2**15, 2**15 - 1), 'q': (0, 2**16 - 1), 'i': (-2**31, 2**31 - 1),
          'u': (0, 2**32 - 1), 'x': (-2**63, 2**63 - 1), 't': (0, 2**64 - 1)}

def make_kind (depth=0):
    pick = chance.random ()
    if depth > 3 or pick < 0.6:
        return chance.choice ('ybnqiuxtdsogv')
    if pick < 0.75:
        return 'a' + make_kind (depth + 1)
    if pick < 0.9:
        return 'a{' + chance.choice ('sqy') + make_kind (depth + 1) + '}'
    return '(' + ''.join (make_kind (depth + 1) for _each in range (chance.randint (1, 3))) + ')'

def split (kinds):
    found, rest = [], kinds
    while rest:
        size = 1
        while not GLib.VariantType.string_is_valid (rest[:size]):
            size += 1
        found.append (rest[:size])
        rest = rest[size:]
    return found

def make_dictionary (known, depth):
    found = {}
    for _each in range (chance.choice ((0, 1, 1, 2, 3))):
        key = chance.choice (WORDS)
        kind = known.get (key) if chance.random () < 0.7 else None
        found[key] = make (kind or make_kind (depth + 1), depth + 1)
    return GLib.Variant ('a{sv}', found)

def make (kind, depth=0):
    first = kind[0]
    if first in RANGES:
        low, high = RANGES[first]
        return GLib.Variant (kind, max (low, min (high, chance.choice (NUMBERS) * chance.choice ((1, 1, -1)))))
    if first == 'b':
        return GLib.Variant ('b', chance.random () < 0.5)
    if first == 'd':
        return GLib.Variant ('d', chance.choice ((0.0, -1.5, 1e300, float ('inf'), float ('nan'))))
    if first == 's':
        return GLib.Variant ('s', chance.choice (WORDS))
    if first == 'o':
        return GLib.Variant ('o', chance.choice (('/', PATH, '/a/b')))
    if first == 'g':
        return GLib.Variant ('g', chance.choice (('', 's', 'a{sv}')))
    if first == 'v':
        return GLib.Variant.new_variant (make (make_kind (depth + 1), depth + 1))
    if kind == 'a{sv}':
        return make_dictionary ({**ask['settings'], **ask['options']}, depth)
    if first == 'a':
        size = chance.choice ((0, 1, 1, 2, 3, 500 if depth == 0 else 1))
        return GLib.Variant.new_array (GLib.VariantType (kind[1:]),
                                       [make (kind[1:], depth + 1) for _each in range (size)])
    if first == '{':
        key, value = split (kind[1:-1])
        return GLib.Variant.new_dict_entry (make (key, depth + 1), make (value, depth + 1))
    return GLib.Variant.new_tuple (*(make (each, depth + 1) for each in split (kind[1:-1])))

def make_call ():
    pick, path = chance.random (), PATH if chance.random () < 0.97 else chance.choice (('/', '/org', PATH + '/x'))
    if pick < 0.8:
        interface, method = NAME, chance.choice ([*ask['methods'], 'NoSuchMethod'])
        right = ask['methods'].get (method)
    elif pick < 0.95:
        interface = STANDARD + 'Properties'
        method, right = chance.choice ((('Get', '(ss)'), ('GetAll', '(s)'), ('Set', '(ssv)')))
    else:
        interface = chance.choice ((STANDARD + 'Introspectable', STANDARD + 'Peer', 'a.b'))
        method, right = chance.choice ((('Introspect', '()'), ('Ping', '()'), ('GetMachineId', '()')))
    if right is None or chance.random () < 0.4 or (right == '()' and method in ask['never']):
        right = '(' + make_kind () + ''.join (make_kind () for _each in range (chance.randint (0, 2))) + ')'
    return path, interface, method, make (right)

counts, open_calls = collections.Counter (), [0]
def on_reply (source, result, method):
    open_calls[0] -= 1
    try:
        source.call_finish (result)
        counts['answer'] += 1
    except GLib.Error as error:
        counts[Gio.DBusError.get_remote_error (error) or error.message] += 1

context = GLib.MainContext.default ()
for _each in range (ask['times']):
    path, interface, method, args = make_call ()
    open_calls[0] += 1
    bus.call (NAME, path, interface, method, args, None, Gio.DBusCallFlags.NONE, 120000, None,
              on_reply, method)
    while open_calls[0] >= 30:
        context.iteration (True)
while open_calls[0] > 0:
    context.iteration (True)
json.dump (counts, sys.stdout)
'''


class Raw(typing.NamedTuple):
    """A call that is written byte by byte: WHAT its arguments are made of, and how large."""

    method: str
    what: str = 'nothing'
    size: int = 0
    interface: str = NAME
    path: str = PATH
    how: str = 'call'  # or a "signal"; "silent": wants no answer; "again": with that one's number
    name: str = NAME  # whom it is sent to


THROWN_OUT = 'thrown out'


def speak(machine, user, calls, one=False):
    """Each Raw call from a connection of its own, or all from ONE.

    Returns for each None, a Failure, or THROWN_OUT by the bus.
    """
    ask = {'one': one, 'calls': [[call.how, call.name, call.path, call.interface, call.method,
                                  call.what, call.size] for call in calls]}
    process = machine.run(['/usr/bin/python3', '-c', RAW], user=user, input=json.dumps(ask),
                          timeout=300)
    return [name and (THROWN_OUT if name == THROWN_OUT else Failure(name, text))
            for name, text in json.loads(process.stdout)]


def try_luck(machine, user, methods, times, seed, never=()):
    """So many calls made of chance, some of them right; METHODS: name → type of its arguments.

    Those that are NEVER to be right have no arguments. Returns how often each answer came.
    """
    ask = {'name': NAME, 'path': PATH, 'settings': SETTINGS, 'options': OPTIONS, 'methods': methods,
           'never': list(never), 'times': times, 'seed': seed, 'words': ['root', 'nobody', 'lo', user]}
    process = machine.run(['/usr/bin/python3', '-c', CHANCE], user=user, input=json.dumps(ask),
                          timeout=3600)
    return json.loads(process.stdout)
