# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""polkit on the machine: what it allows whom, and people who are asked for their password."""

import json

from .bus import NAME, PATH, Failure
from .terminal import Terminal

RULES = '/etc/polkit-1/rules.d/10-test.rules'
DENIED = 'org.freedesktop.DBus.Error.AccessDenied'
ASKABLE = 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired'

# A program with an agent on its terminal; calls and answers are lines of JSON.
PROGRAM = r'''
import json, os, subprocess, sys
from gi.repository import Gio, GLib
print ('pid', os.getpid (), flush=True)
bus = Gio.bus_get_sync (Gio.BusType.SYSTEM, None)
ready, said = os.pipe ()
agent = subprocess.Popen (['pkttyagent', '--process', str (os.getpid ()),
                           '--notify-fd', str (said)], pass_fds=[said])
os.close (said)
os.read (ready, 1)
for method, kind, text in json.loads (sys.argv[1]):
    args = GLib.Variant.parse (GLib.VariantType (kind), text, None, None) if kind else None
    try:
        reply = bus.call_sync (sys.argv[2], sys.argv[3], sys.argv[2], method, args, None,
                               Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, 60000, None)
        answer = {'answer': reply.print_ (False)}
    except GLib.Error as error:
        name = Gio.DBusError.get_remote_error (error) or ''
        answer = {'name': name, 'message': error.message.removeprefix (f'GDBus.Error:{name}: ')}
    print ('<<', json.dumps (answer), '>>', sep='', flush=True)
agent.terminate ()
'''


def action(name):
    """The id of one of the service's actions."""
    return f'org.truenas.ssh.{name}'


def allow(machine, user, *names, result='YES'):
    """From now on polkit gives this RESULT for a user and these actions, its defaults otherwise."""
    ids = json.dumps([action(name) for name in names])
    machine.write(RULES, 'polkit.addRule (function (action, subject) {\n'
                  f'  if (subject.user == "{user}" && {ids}.indexOf (action.id) >= 0)\n'
                  f'    return polkit.Result.{result};\n}});\n')
    restart(machine)


def allow_nothing(machine):
    """Back to polkit's defaults."""
    machine.remove(RULES)
    restart(machine)


def restart(machine):
    """Have polkit read its rules, and forget whom it has asked; as often as one likes."""
    machine.run('systemctl reset-failed polkit.service; systemctl restart polkit.service')


class Person(Terminal):
    """A user at a terminal, who starts a program that makes CALLS and is asked for a password.

    A call is a method's name and a GLib.Variant of its arguments, or None.
    """

    def __init__(self, machine, user, *calls):
        asked = json.dumps([(method, args and args.get_type_string(), args and args.print_(True))
                            for method, args in calls])
        super().__init__(machine, ['/usr/bin/python3', '-c', PROGRAM, asked, NAME, PATH], user)

    def pid(self):
        """The process of the program."""
        return int(self.expect(r'pid (\d+)\s')[1])

    def answer(self):
        """What the next call has come to: GVariant text, or a Failure."""
        found = json.loads(self.expect(r'<<(.*?)>>\r?\n', 30)[1])
        return found['answer'] if 'answer' in found else Failure(**found)
