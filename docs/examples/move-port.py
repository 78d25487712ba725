#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version('TruenasSsh', '1')
from gi.repository import GLib, TruenasSsh

client = TruenasSsh.Client.new()
print('port', client.props.tcp_port)
settings = GLib.Variant('a{sv}', {'TcpPort': GLib.Variant('q', int(sys.argv[1]))})
options = GLib.Variant('a{sv}', {'confirm-timeout': GLib.Variant('u', 60)})
try:
    result = client.apply(settings, options).unpack()
    client.confirm(result['token'])
except GLib.Error as error:
    taken = error.matches(TruenasSsh.Error.quark(), TruenasSsh.Error.PORT_IN_USE)
    sys.exit(f'try another port: {error.message}' if taken else error.message)
print('port', client.props.tcp_port)
