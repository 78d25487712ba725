#!/usr/bin/gjs
// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
imports.gi.versions.TruenasSsh = '1';
const {GLib, TruenasSsh} = imports.gi;

const client = TruenasSsh.Client.new(null);
print('port', client.tcp_port);
const settings = new GLib.Variant('a{sv}', {TcpPort: new GLib.Variant('q', Number(ARGV[0]))});
const options = new GLib.Variant('a{sv}', {'confirm-timeout': new GLib.Variant('u', 60)});
try {
    const result = client.apply(settings, options, null).recursiveUnpack();
    client.confirm(result.token, null);
    print('port', client.tcp_port);
} catch (error) {
    const taken = error.matches(TruenasSsh.Error, TruenasSsh.Error.PORT_IN_USE);
    printerr(taken ? `try another port: ${error.message}` : error.message);
    imports.system.exit(1);
}
