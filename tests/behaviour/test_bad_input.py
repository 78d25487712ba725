# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever a caller sends: a clear error that says where, and nothing has changed."""

import contextlib
import re
import socket

from gi.repository import Gio, GLib
import pytest

from harness.bus import NAME, PATH, PROPERTIES, SETTINGS
from harness.machine import failure, raises, wait_for
from harness.state import differences, files, sshd

INVALID_ARGS = 'org.freedesktop.DBus.Error.InvalidArgs'
SECRET = 'MaxSesions thesecretitself'


@pytest.fixture(scope='module')
def before(machine):
    """The files and sshd of a machine on which something is managed, as they have to stay."""
    machine.key_add('root')  # so that no change locks everybody out
    machine.run('groupadd people; printf "odd*group:x:4243:\\n" >>/etc/group')
    machine.write('/etc/secret', f'{SECRET}\n', 0o600)
    machine.apply({'Compression': False})
    return files(machine), sshd(machine), machine.daemon_pid()


@pytest.fixture(autouse=True)
def unchanged(machine, before):
    """No test of this file changes anything."""
    yield
    changed = differences(before[0], files(machine))
    assert not changed, changed
    assert sshd(machine) == before[1]
    assert machine.daemon_pid() == before[2]
    assert machine.get('ManagedSettings') == ['Compression']


def variant(kind, value):
    """A variant of a type."""
    return GLib.Variant(kind, value)


def pairs(*entries):
    """A{sv} of entries in this order, the same key twice if need be."""
    builder = GLib.VariantBuilder(GLib.VariantType('a{sv}'))
    for key, value in entries:
        builder.add_value(GLib.Variant.new_dict_entry(variant('s', key),
                                                      GLib.Variant.new_variant(value)))
    return builder.end()


def apply(machine, change, options=None):
    """Call Apply with two ready variants."""
    args = GLib.Variant.new_tuple(change, options or pairs())
    return machine.call('Apply', args)


# Settings

SAMPLES = {'b': True, 'y': 1, 'n': 1, 'q': 1, 'i': 1, 'u': 1, 'x': 1, 't': 1, 'd': 1.0, 's': 'x',
           'o': '/x', 'g': 's', 'as': ['x'], 'ao': ['/x'], 'ay': b'x', 'av': [], '(s)': ('x',),
           'a{ss}': {'x': 'x'}, 'aas': [['x']], 'a{sv}': {}}


@pytest.mark.parametrize('name', SETTINGS)
def test_value_of_a_wrong_type(machine, name):
    for kind, value in SAMPLES.items():
        if kind != SETTINGS[name]:
            with raises('InvalidSetting', rf'^{name}: .*“{SETTINGS[name]}”, not “{re.escape(kind)}”'):
                apply(machine, pairs((name, variant(kind, value))))
    with raises('InvalidSetting', f'^{name}: .*, not “v”'):
        apply(machine, pairs((name, variant('v', variant(SETTINGS[name], SAMPLES[SETTINGS[name]])))))


def test_value_in_many_wrappings(machine):
    value = variant('q', 2222)
    for _depth in range(50):
        value = GLib.Variant.new_variant(value)
    with raises('InvalidSetting', '^TcpPort: '):
        apply(machine, pairs(('TcpPort', value)))


@pytest.mark.parametrize('key', [
    'Nothing', 'tcpPort', 'TCPPORT', 'tcp-port', 'TcpPort ', 'TcpPort.', '',
    'Unit', 'Generation', 'a\nb', '\x1b[31m', '%s%n', 'x' * 10000, 'ü'],
    ids=lambda key: repr(key)[:20])
def test_unknown_setting(machine, key):
    shown = {'': '', 'a\nb': r'a\\nb', '\x1b[31m': r'\\033\[31m', 'ü': r'\\303\\274'}.get(
        key, re.escape(key[:57]))
    with raises('InvalidSetting', f'^{shown}.*: no such setting; there are TcpPort, ') as raised:
        apply(machine, pairs((key, variant('b', True))))
    assert len(raised.message) < 500
    assert raised.message.isprintable()


@pytest.mark.parametrize('name', SETTINGS)
def test_setting_named_twice(machine, name):
    one = {'b': False, 'q': 1, 's': '', 'as': []}[SETTINGS[name]]
    two = {'b': True, 'q': 2, 's': 'INFO', 'as': ['AES128-CBC']}[SETTINGS[name]]
    two = 'DAEMON' if name == 'SftpLogFacility' else two
    with raises('InvalidSetting', f'^{name}: named twice'):
        apply(machine, pairs((name, variant(SETTINGS[name], one)),
                             (name, variant(SETTINGS[name], two))))
    # A wrong one is not hidden by a right one.
    with raises('InvalidSetting', f'^{name}: '):
        apply(machine, pairs((name, variant(SETTINGS[name], one)), (name, variant('d', 1.0))))


def test_setting_named_twice_alike_is_named_once(machine):
    result = apply(machine, pairs(*[('Compression', variant('b', False))] * 2))
    assert result['changed'] == []


@pytest.mark.parametrize('setting, value, error, match', [
    ('TcpPort', 0, 'InvalidSetting', 'a port is a number from 1 to 65535, not 0'),
    ('SftpLogLevel', 'LOUD', 'InvalidSetting', '“LOUD” is not one of QUIET, FATAL, ERROR, INFO'),
    ('SftpLogLevel', 'info', 'InvalidSetting', '“info” is not one of'),
    ('SftpLogLevel', 'DEBUG1', 'InvalidSetting', '“DEBUG1” is not one of'),
    ('SftpLogLevel', 'INFO\n', 'InvalidSetting', r'“INFO\\n” is not one of'),
    ('SftpLogLevel', 'INFO -d /', 'InvalidSetting', '“INFO -d /” is not one of'),
    ('SftpLogLevel', 'x' * 10000, 'InvalidSetting', r'x\.\.\.” is not one of'),
    ('SftpLogFacility', 'LOCAL8', 'InvalidSetting', '“LOCAL8” is not one of DAEMON, USER, AUTH'),
    ('SftpLogFacility', 'AUTHPRIV', 'InvalidSetting', '“AUTHPRIV” is not one of'),
    ('WeakCiphers', ['3DES'], 'InvalidSetting', '“3DES” is not one of NONE, AES128-CBC'),
    ('WeakCiphers', ['AES128-CBC', 'aes128-cbc'], 'InvalidSetting', '“aes128-cbc” is not one of'),
    ('WeakCiphers', [''], 'InvalidSetting', '“” is not one of'),
    ('WeakCiphers', ['NONE'], 'NotSupported', 'OpenSSH_.* cannot do NONE'),
    ('WeakCiphers', ['AES128-CBC', 'NONE'], 'NotSupported', 'OpenSSH_.* cannot do NONE'),
    ('PasswordLoginGroups', ['nobody here'], 'UnknownGroup', 'there is no group “nobody here”'),
    ('PasswordLoginGroups', ['people', 'nobody'], 'UnknownGroup', 'there is no group “nobody”'),
    ('PasswordLoginGroups', ['PEOPLE'], 'UnknownGroup', 'there is no group “PEOPLE”'),
    ('PasswordLoginGroups', ['*'], 'UnknownGroup', r'there is no group “\*”'),
    ('PasswordLoginGroups', ['odd?group'], 'UnknownGroup', r'there is no group “odd\?group”'),
    ('PasswordLoginGroups', ['people,root'], 'UnknownGroup', 'there is no group “people,root”'),
    ('PasswordLoginGroups', ['!people'], 'UnknownGroup', 'there is no group “!people”'),
    ('PasswordLoginGroups', ['people '], 'UnknownGroup', 'there is no group “people ”'),
    ('PasswordLoginGroups', ['"people"'], 'UnknownGroup', 'there is no group “"people"”'),
    ('PasswordLoginGroups', ['#'], 'UnknownGroup', 'there is no group “#”'),
    ('PasswordLoginGroups', ['peo\\ple'], 'UnknownGroup', r'there is no group “peo\\ple”'),
    ('PasswordLoginGroups', ['grüppe'], 'UnknownGroup', 'there is no group “grüppe”'),
    ('PasswordLoginGroups', [''], 'InvalidSetting', 'a name is empty'),
    ('PasswordLoginGroups', ['people', ''], 'InvalidSetting', 'a name is empty'),
    ('PasswordLoginGroups', ['people\nPermitRootLogin yes'], 'InvalidSetting',
     r'“people\\nPermitRootLogin yes” holds a character that cannot be printed'),
    ('PasswordLoginGroups', ['peo\tple'], 'InvalidSetting', 'cannot be printed'),
    ('PasswordLoginGroups', ['\x1b[2J'], 'InvalidSetting', 'cannot be printed'),
    ('PasswordLoginGroups', ['\u202eelpoep'], 'InvalidSetting', 'cannot be printed'),
    ('PasswordLoginGroups', ['\u2028'], 'InvalidSetting', 'cannot be printed'),
    ('PasswordLoginGroups', ['x' * 10000], 'InvalidSetting', 'too long, the limit is 256 bytes'),
    ('PasswordLoginGroups', ['ü' * 129], 'InvalidSetting', 'too long, the limit is 256 bytes'),
    ('PasswordLoginGroups', [f'g{i}' for i in range(257)], 'InvalidSetting', 'more than 256 groups'),
    ('PasswordLoginGroups', ['people'] * 20000, 'InvalidSetting', 'more than 256 groups'),
    ('BindInterfaces', ['none0'], 'UnknownInterface', '“none0”: there is no such interface'),
    ('BindInterfaces', ['*'], 'UnknownInterface', r'“\*”: there is no such interface'),
    ('BindInterfaces', ['lo'], 'UnknownInterface', '“lo”: loopback is always bound'),
    ('BindInterfaces', ['é0'], 'UnknownInterface', '“é0”: there is no such interface'),
    ('BindInterfaces', ['a,b'], 'UnknownInterface', '“a,b”: there is no such interface'),
    ('BindInterfaces', [''], 'InvalidSetting', 'a name is empty'),
    ('BindInterfaces', ['.'], 'UnknownInterface', r'“\.”: there is no such interface'),
    ('BindInterfaces', ['../../etc'], 'InvalidSetting', '“../../etc” is no name'),
    ('BindInterfaces', ['e0 e1'], 'InvalidSetting', '“e0 e1” is no name'),
    ('BindInterfaces', ['e0\nPort 23'], 'InvalidSetting', r'“e0\\nPort 23” holds a character'),
    ('BindInterfaces', ['"e0"'], 'InvalidSetting', 'is no name'),
    ('BindInterfaces', ['e#0'], 'InvalidSetting', '“e#0” is no name'),
    ('BindInterfaces', ['e\\0'], 'InvalidSetting', r'“e\\0” is no name'),
    ('BindInterfaces', ['e%0'], 'InvalidSetting', '“e%0” is no name'),
    ('BindInterfaces', ['x' * 16], 'InvalidSetting', 'too long, the limit is 15 bytes'),
    ('BindInterfaces', ['x' * 10000], 'InvalidSetting', 'too long, the limit is 15 bytes'),
    ('BindInterfaces', [f'e{i}' for i in range(257)], 'InvalidSetting', 'more than 256 interfaces'),
], ids=lambda value: repr(value)[:30])
def test_bad_value(machine, setting, value, error, match):
    with raises(error, f'^{setting}: .*{match}') as raised:
        machine.apply({setting: value})
    assert len(raised.message) < 500
    # A good setting beside it does not get through either.
    with raises(error, f'^{setting}: '):
        machine.apply({'TcpForwarding': False, setting: value})


@pytest.mark.parametrize('value', [-1, 65536, 70000])
def test_port_out_of_range_has_no_type(machine, value):
    for kind in 'nixd':
        with contextlib.suppress(OverflowError), raises('InvalidSetting', f'^TcpPort: .*“q”, not “{kind}”'):
            apply(machine, pairs(('TcpPort', variant(kind, value))))


def test_more_interfaces_than_sshd_has_sockets(machine):
    names = [f'many{i}' for i in range(8)]
    machine.run('; '.join(f'ip link add {name} type veth peer name {name}p' for name in names))
    try:
        with raises('InvalidSetting', '^BindInterfaces: 18 sockets would be needed.* 16'):
            machine.apply({'BindInterfaces': names})
    finally:
        machine.run('; '.join(f'ip link delete {name}' for name in names))


# Auxiliary parameters

@pytest.mark.parametrize('text, error, line', [
    ('MaxSessions 5\nMaxSesions 5\n', 'ConfigRejected', 2),
    ('\n\n# a comment\nNonsense\n', 'ConfigRejected', 4),
    ('MaxSessions\n', 'ConfigRejected', 1),
    ('MaxSessions five\n', 'ConfigRejected', 1),
    ('MaxSessions 5 6\n', 'ConfigRejected', 1),
    ('LoginGraceTime 1x\n', 'ConfigRejected', 1),
    ('Match\n', 'ConfigRejected', 1),
    ('Match Nonsense x\n', 'ConfigRejected', 1),
    ('Match User\n', 'ConfigRejected', 1),
    ('Match User root\n    MaxSesions 5\n', 'ConfigRejected', 2),
    ('Match User root\n    Port 23\n', 'ConfigRejected', 2),
    ('Match all\n    X11Forwarding no\nMatch User nobody\n    UsePAM no\n', 'ConfigRejected', 4),
    ('Include /nowhere/"\n', 'InvalidSetting', 1),
    ('Banner "/etc/motd\n', 'InvalidSetting', 1),
    ("Banner '/etc/motd\n", 'InvalidSetting', 1),
    ('MaxSessions 5\nBanner /etc/mo\x01td\n', 'InvalidSetting', 2),
    ('# \x1b[31mred\n', 'InvalidSetting', 1),
    ('# \x7f\n', 'InvalidSetting', 1),
    ('# \x0b\n', 'InvalidSetting', 1),
    ('# \x0c\n', 'InvalidSetting', 1),
    ('# a comment\rPermitRootLogin yes\n', 'InvalidSetting', 1),
    ('\n# a comment\u0085PermitRootLogin yes\n', 'InvalidSetting', 2),
    ('\n# a comment\u2028PermitRootLogin yes\n', 'InvalidSetting', 2),
    ('# \u202e desrever\n', 'InvalidSetting', 1),
    ('# \ufeff\n', 'InvalidSetting', 1),
    ('# \U0010ffff\n', 'InvalidSetting', 1),
    ('\n' * 1000 + 'MaxSessions 5', 'InvalidSetting', 1001),
], ids=lambda value: repr(value)[:40])
def test_bad_auxiliary_text(machine, text, error, line):
    with raises(error, f'^AuxiliaryParameters:{line}: .') as raised:
        machine.apply({'AuxiliaryParameters': text})
    assert raised.message.isprintable()


@pytest.mark.parametrize('line, setting', [
    ('Port 22', 'TcpPort'), ('port=22', 'TcpPort'), ('"PORT" 22', 'TcpPort'),
    ('ListenAddress 0.0.0.0', 'BindInterfaces'),
    ('PasswordAuthentication yes', 'PasswordAuthentication'),
    ('KbdInteractiveAuthentication yes', 'PasswordAuthentication'),
    ('ChallengeResponseAuthentication yes', 'PasswordAuthentication'),
    ('GSSAPIAuthentication yes', 'KerberosAuthentication'),
    ('AllowTcpForwarding no', 'TcpForwarding'), ('\tCompression\tno', 'Compression'),
    ('Subsystem sftp internal-sftp', 'SftpLogLevel'), ('Subsystem "sftp" internal-sftp', 'SftpLogLevel'),
    ('NoneEnabled yes', 'WeakCiphers'),
])
def test_auxiliary_line_that_belongs_to_a_setting(machine, line, setting):
    with raises('InvalidSetting', f'^AuxiliaryParameters:2: .*belongs to the setting {setting}; '):
        machine.apply({'AuxiliaryParameters': f'# first\n{line}\n'})


def test_ciphers_belong_to_weak_ciphers_once_those_are_set(machine):
    text = 'Ciphers aes256-ctr\n'
    machine.apply({'AuxiliaryParameters': text}, dry_run=True)
    machine.apply({'AuxiliaryParameters': text, 'WeakCiphers': []}, dry_run=True)
    with raises('InvalidSetting', '^AuxiliaryParameters:1: .*belongs to the setting WeakCiphers'):
        machine.apply({'AuxiliaryParameters': text, 'WeakCiphers': ['AES128-CBC']}, dry_run=True)


@pytest.mark.parametrize('text, match', [
    ('#' * (64 * 1024) + '\n', '65537 bytes, the limit is 65536'),
    ('# x\n' * (63 * 1024), '258048 bytes')], ids=['one byte', '252 KiB'])
def test_too_much_auxiliary_text(machine, text, match):
    with raises('InvalidSetting', f'^AuxiliaryParameters: {match}'):
        machine.apply({'AuxiliaryParameters': text})


@pytest.mark.parametrize('text', [
    '#' * (64 * 1024), '# x\n' * 1000, '\n' * 999, 'Match all\n', 'Subsystem other /bin/false\n',
    'Banner "/a path"\n', '# grüße, 日本語, 🔑\n', '\t MaxSessions\t5 \n', 'Include /nowhere/*\n',
    'Match User nobody\n    PasswordAuthentication no\n'], ids=lambda text: repr(text)[:30])
def test_unusual_auxiliary_text_that_is_good(machine, text):
    assert machine.apply({'AuxiliaryParameters': text}, dry_run=True)['changed'] == \
        ['AuxiliaryParameters']


@pytest.mark.parametrize('text', [
    'Include /etc/secret\n', 'Match all\n    Include /etc/secret\n', 'Include /etc/shadow\n',
    'Include /etc/ssh/ssh_host_ed25519_key\n', 'Include /etc/gshadow /etc/secret\n'])
def test_file_that_is_no_configuration_is_not_shown(machine, text):
    hidden = [SECRET, 'thesecretitself', 'MaxSesions', 'root:', 'BEGIN OPENSSH', 'daemon:']
    with raises('ConfigRejected', r'^/etc/\S+:\d+: ') as raised:
        machine.apply({'AuxiliaryParameters': text})
    assert not [word for word in hidden if word in raised.message]
    with raises('ConfigRejected', r'^/etc/\S+:\d+: ') as raised:
        machine.apply({'AuxiliaryParameters': text}, dry_run=True)
    assert not [word for word in hidden if word in raised.message]


# Options

@pytest.mark.parametrize('name', ['nonsense', 'dry_run', 'Dry-Run', 'dry-run ', '', 'a\nb', 'x' * 10000,
                                  '\x1b[31m', 'TcpPort'], ids=lambda name: repr(name)[:20])
def test_unknown_option(machine, name):
    with raises('InvalidOption', r'^\S*\s?: no such option; there are ') as raised:
        apply(machine, pairs(), pairs((name, variant('b', True))))
    assert len(raised.message) < 500
    assert raised.message.isprintable()


@pytest.mark.parametrize('name, kind', [
    ('dry-run', 'b'), ('replace-foreign', 'b'), ('overwrite-edits', 'b'), ('start', 'b'),
    ('use-service', 'b'), ('if-generation', 't'), ('reset', 'as')])
def test_option_of_a_wrong_type(machine, name, kind):
    for other, value in SAMPLES.items():
        if other != kind:
            with raises('InvalidOption', f'^{name}: .*“{kind}”, not “{re.escape(other)}”'):
                apply(machine, pairs(), pairs((name, variant(other, value))))


@pytest.mark.parametrize('name, one, two', [
    ('dry-run', variant('b', True), variant('b', False)),
    ('reset', variant('as', []), variant('as', ['Compression'])),
    ('if-generation', variant('t', 1), variant('t', 2))], ids=['dry-run', 'reset', 'if-generation'])
def test_option_named_twice(machine, name, one, two):
    for first, second in ((one, two), (two, one)):
        with raises('InvalidOption', f'^{name}: named twice'):
            apply(machine, pairs(('TcpForwarding', variant('b', False))),
                  pairs((name, first), (name, second)))


def test_setting_that_is_both_set_and_reset(machine):
    with raises('InvalidSetting', '^TcpPort: both set and reset'):
        machine.apply({'TcpPort': 2222}, reset=['Compression', 'TcpPort'])


@pytest.mark.parametrize('name', ['Nothing', '', 'compression', 'Unit', 'a\nb', 'x' * 10000],
                         ids=lambda name: repr(name)[:20])
def test_reset_of_an_unknown_setting(machine, name):
    with raises('InvalidSetting', ': no such setting; there are ') as raised:
        machine.apply({}, reset=['Compression', name])
    assert len(raised.message) < 500


@pytest.mark.parametrize('difference', [-1, 1, 1 << 60])
def test_wrong_generation(machine, difference):
    generation = machine.get('Generation')
    with raises('Conflict', f'^if-generation: .*generation {generation}, not {generation + difference}'):
        machine.apply({'TcpForwarding': False}, if_generation=generation + difference)
    with raises('Conflict', '^if-generation: '):
        machine.apply({}, if_generation=generation + difference)


# The port of somebody else

SOCKET = '[Socket]\nListenStream=2299\nAccept=yes\n'
SOCKET_SERVICE = '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n'


@contextlib.contextmanager
def squatter(machine, *command):
    """A unit squatter.service that listens on port 2299 while the block runs."""
    machine.run(['systemd-run', '--quiet', '--unit=squatter', *command])
    try:
        wait_for(lambda: machine.listening(2299))
        yield
    finally:
        machine.run('systemctl stop squatter.service; systemctl reset-failed squatter.service',
                    check=False)


@pytest.mark.parametrize('command', [
    ['/usr/bin/python3', '-m', 'http.server', '2299'],
    ['socat', 'TCP4-LISTEN:2299,fork', '/dev/null'],
    ['socat', 'TCP6-LISTEN:2299,ipv6only=1,fork', '/dev/null'],
    ['socat', 'TCP4-LISTEN:2299,bind=127.0.0.1,fork', '/dev/null'],
    ['socat', 'TCP6-LISTEN:2299,bind=[::1],ipv6only=1,fork', '/dev/null'],
    ['socat', 'TCP4-LISTEN:2299,so-bindtodevice=lo,fork', '/dev/null'],
    ['socat', 'TCP4-LISTEN:2299,reuseaddr,fork', '/dev/null'],
], ids=lambda command: command[1][:40])
def test_port_of_another_service(machine, command):
    with squatter(machine, *command):
        for given in ({}, {'dry_run': True}):
            with raises('PortInUse', '^TcpPort: squatter.service listens on port 2299 '):
                machine.apply({'TcpPort': 2299}, **given)


def test_port_of_a_socket_unit(machine):
    machine.write('/run/systemd/system/squatter.socket', SOCKET)
    machine.write('/run/systemd/system/squatter@.service', SOCKET_SERVICE)
    machine.run(['systemctl', 'daemon-reload'])
    machine.run(['systemctl', 'start', 'squatter.socket'])
    try:
        with raises('PortInUse', '^TcpPort: squatter.socket listens on port 2299 '):
            machine.apply({'TcpPort': 2299})
    finally:
        machine.run(['systemctl', 'stop', 'squatter.socket'])


def test_port_of_a_program_that_is_no_unit(machine):
    process = machine.popen(['socat', 'TCP4-LISTEN:2299', '/dev/null'])
    try:
        wait_for(lambda: machine.listening(2299))
        with raises('PortInUse', '^TcpPort: another program listens on port 2299 '):
            machine.apply({'TcpPort': 2299})
    finally:
        machine.run(['pkill', '-x', 'socat'])
        process.wait()


def test_udp_port_is_free(machine):
    machine.run(['systemd-run', '--quiet', '--unit=squatter', 'socat', '-u',
                 'UDP4-RECV:2299', 'OPEN:/dev/null'])
    try:
        assert machine.apply({'TcpPort': 2299}, dry_run=True)['changed'] == ['TcpPort']
    finally:
        machine.run(['systemctl', 'stop', 'squatter.service'])


# Messages that no good caller sends

@pytest.mark.parametrize('method, args, error', [
    ('Apply', None, INVALID_ARGS),
    ('Apply', variant('(s)', ('x',)), INVALID_ARGS),
    ('Apply', variant('(a{sv})', ({},)), INVALID_ARGS),
    ('Apply', variant('(a{ss}a{sv})', ({}, {})), INVALID_ARGS),
    ('Apply', variant('(a{sv}a{sv}s)', ({}, {}, 'x')), INVALID_ARGS),
    ('Start', variant('(b)', (True,)), INVALID_ARGS),
    ('SetStartOnBoot', variant('(s)', ('x',)), INVALID_ARGS),
    ('Nothing', None, 'org.freedesktop.DBus.Error.UnknownMethod'),
])
def test_call_of_a_wrong_shape(machine, method, args, error):
    with raises(error):
        machine.call(method, args)


@pytest.mark.parametrize('name', [*SETTINGS, 'Generation', 'Nothing'])
def test_properties_cannot_be_written(machine, name):
    value = variant(SETTINGS.get(name, 't'), SAMPLES[SETTINGS.get(name, 't')])
    with pytest.raises(GLib.Error) as raised:
        machine.call('Set', variant('(ssv)', (NAME, name, value)), interface=PROPERTIES)
    assert failure(raised).name in (INVALID_ARGS, 'org.freedesktop.DBus.Error.PropertyReadOnly')


class Wire:
    """A connection to the bus on which any bytes can be sent."""

    def __init__(self, machine):
        """Connect and say hello."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(str(machine.path('/run/dbus/system_bus_socket')))
        self.socket.sendall(b'\0AUTH EXTERNAL 30\r\n')
        assert self.socket.recv(1024).startswith(b'OK ')
        self.socket.sendall(b'BEGIN\r\n')
        hello = Gio.DBusMessage.new_method_call('org.freedesktop.DBus', '/org/freedesktop/DBus',
                                                'org.freedesktop.DBus', 'Hello')
        self.send(hello)
        assert self.socket.recv(4096)

    def send(self, message, before=b'', after=b''):
        """Send a message, with bytes exchanged that it could not have held."""
        message.set_serial(7)
        blob = message.to_blob(Gio.DBusCapabilityFlags.NONE)
        assert len(before) == len(after)
        assert not before or blob.count(before) == 1
        self.socket.sendall(blob.replace(before, after) if before else blob)

    def ends(self):
        """Whether the bus ends the connection."""
        with contextlib.suppress(ConnectionResetError):
            while self.socket.recv(65536):
                pass
        self.socket.close()
        return True


@pytest.mark.parametrize('bad', [b'\0', b'\xff', b'\xc3', b'\xed\xa0\x80', b'\xc0\x80', b'\xf5'])
@pytest.mark.parametrize('setting', ['AuxiliaryParameters', 'PasswordLoginGroups'])
def test_bytes_that_are_no_text(machine, setting, bad):
    kind = SETTINGS[setting]
    text = '# place'
    message = Gio.DBusMessage.new_method_call(NAME, PATH, NAME, 'Apply')
    change = {setting: variant(kind, text if kind == 's' else [text])}
    message.set_body(variant('(a{sv}a{sv})', (change, {})))
    wire = Wire(machine)
    wire.send(message, b'place', bad.ljust(5, b'x'))
    assert wire.ends()
    assert machine.get('Version')


def test_call_without_an_answer_is_checked_like_any(machine):
    message = Gio.DBusMessage.new_method_call(NAME, PATH, NAME, 'Apply')
    message.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
    message.set_body(variant('(a{sv}a{sv})', ({'TcpPort': variant('q', 0)}, {})))
    wire = Wire(machine)
    wire.send(message)
    wire.socket.close()
    assert machine.apply({})['changed'] == []
