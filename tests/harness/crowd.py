# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A process of a user that makes many calls, with or without an agent of polkit's of its own."""

import json
import typing

from gi.repository import GLib

from .bus import NAME, PATH, Failure, options, settings

# What is asked for comes as JSON, and so does what has come of it.
PROGRAM = r'''
import json, os, sys, time
from gi.repository import Gio, GLib
POLKIT = 'org.freedesktop.PolicyKit1'
AGENT = """<node><interface name="org.freedesktop.PolicyKit1.AuthenticationAgent">
<method name="BeginAuthentication"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="a{ss}" direction="in"/><arg type="s" direction="in"/>
<arg type="a(sa{sv})" direction="in"/></method>
<method name="CancelAuthentication"><arg type="s" direction="in"/></method></interface></node>"""
ask = json.load (sys.stdin)
bus = Gio.bus_get_sync (Gio.BusType.SYSTEM, None)
context = GLib.MainContext.default ()
flags = Gio.DBusCallFlags.NONE
if ask['interactive']:
    flags = Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION
prompts, waiting = [], []

def on_agent (bus, sender, path, interface, method, args, invocation):
    if method != 'BeginAuthentication':
        invocation.return_value (None)
        return
    prompts.append (args.unpack ()[0])
    if ask['agent'] == 'no':
        invocation.return_dbus_error (POLKIT + '.Error.Cancelled', 'no')
    else:
        waiting.append (invocation)

def start_agent ():
    node = Gio.DBusNodeInfo.new_for_xml (AGENT)
    bus.register_object ('/agent', node.interfaces[0], on_agent, None, None)
    stat = open ('/proc/self/stat').read ().rpartition (')')[2].split ()
    subject = ('unix-process', {'pid': GLib.Variant ('u', os.getpid ()),
                                'start-time': GLib.Variant ('t', int (stat[19]))})
    bus.call_sync (POLKIT, '/org/freedesktop/PolicyKit1/Authority', POLKIT + '.Authority',
                   'RegisterAuthenticationAgent',
                   GLib.Variant ('((sa{sv})ss)', (subject, 'C.UTF-8', '/agent')), None,
                   Gio.DBusCallFlags.NONE, 10000, None)

def send (connection, call, done):
    interface, method, kind, text = call
    args = GLib.Variant.parse (GLib.VariantType (kind), text, None, None) if kind else None
    connection.call (ask['name'], ask['path'], interface, method, args, None, flags, 50000, None,
                     done)

def connect ():
    return Gio.DBusConnection.new_for_address_sync (
        'unix:path=/run/dbus/system_bus_socket',
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

def make_calls ():
    buses = [bus, *(connect () for _more in range (1, ask['connections']))]
    ask['calls'] *= ask['times']
    answers = [None] * len (ask['calls'])
    missing = [len (answers)]
    def done_with (i):
        def on_reply (source, result):
            missing[0] -= 1
            try:
                answers[i] = {'answer': source.call_finish (result).print_ (True)}
            except GLib.Error as error:
                name = Gio.DBusError.get_remote_error (error) or ''
                text = error.message.removeprefix (f'GDBus.Error:{name}: ')
                answers[i] = {'name': name, 'message': text}
        return on_reply
    for i, call in enumerate (ask['calls']):
        send (buses[i % len (buses)], call, done_with (i))
        while not ask['at-once'] and answers[i] is None:
            context.iteration (True)
    for each in buses:
        each.flush_sync (None)
    print ('sent', flush=True)
    while missing[0] > ask['left']:
        context.iteration (True)
    return answers

def vanish ():
    for i, seconds in enumerate (ask['vanish']):
        own = connect ()
        send (own, ask['calls'][i % len (ask['calls'])], None)
        own.flush_sync (None)
        end = time.monotonic () + seconds
        while time.monotonic () < end:
            if not context.iteration (False):
                time.sleep (0.001)
        own.close_sync (None)

if ask['agent']:
    start_agent ()
answers = vanish () if ask['vanish'] else make_calls ()
print (json.dumps ({'answers': answers, 'prompts': prompts}))
'''


class Call(typing.NamedTuple):
    """A method, its arguments as a GLib.Variant or None, and its interface."""

    method: str
    args: GLib.Variant = None
    interface: str = NAME

    def encode(self):
        """What the program reads."""
        kind = self.args and self.args.get_type_string()
        return [self.interface, self.method, kind, self.args and self.args.print_(True)]


def apply(change, **given):
    """A call of Apply."""
    return Call('Apply', GLib.Variant('(a{sv}a{sv})', (settings(change), options(given))))


def end(method):
    """A call that ends what is pending, without its token."""
    return Call(method, GLib.Variant('(s)', ('',)))


def boot(enable):
    """A call of SetStartOnBoot."""
    return Call('SetStartOnBoot', GLib.Variant('(b)', (enable,)))


class Crowd:
    """Calls by a process of USER: one after the other, or all at once.

    AGENT: "no" refuses each question at once, "silent" never answers; without one nobody can be
    asked. VANISH: each call comes from a connection of its own that is closed after so many
    seconds. The calls are made so many TIMES, over so many CONNECTIONS in turn; LEFT: as many of
    them need not be answered.
    """

    def __init__(self, machine, user, calls, interactive=True, at_once=True, agent=None, vanish=(),
                 times=1, connections=1, left=0):
        ask = {'name': NAME, 'path': PATH, 'calls': [call.encode() for call in calls],
               'interactive': interactive, 'at-once': at_once, 'agent': agent,
               'vanish': list(vanish), 'times': times, 'connections': connections, 'left': left}
        self.process = machine.popen(['/usr/bin/python3', '-c', PROGRAM], user=user, stdin=-1,
                                     stdout=-1, text=True)
        self.process.stdin.write(json.dumps(ask))
        self.process.stdin.close()
        self.prompts = []

    def wait_until_sent(self):
        """All calls are on their way."""
        assert self.process.stdout.readline() == 'sent\n'
        return self

    def answers(self):
        """For each call GVariant text, a Failure or None; then prompts has the actions asked for."""
        *_sent, last = self.process.stdout.read().splitlines()
        self.process.stdout.close()
        assert self.process.wait(10) == 0
        found = json.loads(last)
        self.prompts = found['prompts']
        return [each and (each['answer'] if 'answer' in each else Failure(**each))
                for each in found['answers'] or []]
