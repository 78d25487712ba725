# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The properties tell what sshd does, whoever has made it do that, and announce every change."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess

from gi.repository import GLib
import pytest

from harness.build import SOURCE
from harness.bus import NAME, SETTINGS
from harness.machine import raises, wait_for
from harness.state import DROP_IN, FOLDER, INCLUDE, MAIN, STATE, give_back, untouched

FOREIGN = f'{FOLDER}/50-foreign.conf'
DBUS = 'org.freedesktop.DBus'
SFTP = '/usr/lib/openssh/sftp-server'


@pytest.fixture(scope='module')
def main(machine):
    """The text of the main file as the package has it."""
    machine.key_add('root')  # so that no change locks everybody out
    return machine.read(MAIN)


@pytest.fixture(autouse=True)
def clean(machine, main):
    """Leave sshd to the next test as the package has it."""
    yield
    give_back(machine, main)


def told(machine):
    """The settings that are read from sshd, by what sshd -T says."""
    found = machine.sshd_T()
    first = {keyword: values[0] for keyword, values in found.items()}
    sftp = next(value for value in found['subsystem'] if value.startswith('sftp '))
    options = dict(re.findall(r' -([lf]) ?(\S+)', sftp))
    keyboard = first['kbdinteractiveauthentication'] == first['usepam'] == 'yes'
    return {
        'TcpPort': int(re.search(r':(\d+)', found['listenaddress'][0].split(']')[-1])[1]),
        'PasswordAuthentication': first['passwordauthentication'] == 'yes' or keyboard,
        'KerberosAuthentication': first['gssapiauthentication'] == 'yes',
        'TcpForwarding': first['allowtcpforwarding'] != 'no' and first['disableforwarding'] == 'no',
        'BindInterfaces': sorted({line.split()[2] for line in found['listenaddress']
                                  if ' rdomain ' in line} - {'lo'}),
        'Compression': first['compression'] != 'no',
        'SftpLogLevel': options.get('l', '').upper(),
        'SftpLogFacility': options.get('f', '').upper(),
        'WeakCiphers': ['AES128-CBC'] if 'aes128-cbc' in first['ciphers'].split(',') else [],
    }


def read(machine):
    """The properties of the settings that are read from sshd."""
    properties = machine.properties()
    return {name: properties[name] for name in SETTINGS
            if name not in ('PasswordLoginGroups', 'AuxiliaryParameters')}


def inexpressible(machine):
    """The settings that a warning says to be more than their property tells."""
    return [each['setting'] for each in machine.warnings().get('not-expressible', [])]


# Nothing is set

def test_nothing_is_set_on_a_fresh_machine(machine):
    properties = machine.properties()
    assert {name: properties[name] for name in (
        'ManagedSettings', 'Generation', 'LastChange', 'PendingDeadline', 'PasswordLoginGroups',
        'AuxiliaryParameters')} == {
        'ManagedSettings': [], 'Generation': 0, 'LastChange': {}, 'PendingDeadline': 0,
        'PasswordLoginGroups': [], 'AuxiliaryParameters': ''}
    assert not machine.exists(DROP_IN)


def test_settings_that_nobody_set_tell_what_sshd_does(machine):
    assert read(machine) == told(machine)


def test_reading_touches_nothing(machine):
    machine.properties()
    with untouched(machine):
        machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
        machine.properties()
        machine.call('ListHostKeys')


def test_state_of_the_machine(machine):
    properties = machine.properties()
    said = machine.run(['/usr/sbin/sshd', '-V'], check=False).stderr
    assert properties['SshdVersion'] == re.search(r'OpenSSH_[\w.]+', said)[0]
    project = (SOURCE / 'meson.build').read_text('utf-8')
    assert properties['Version'] == re.search(r"^\s+version: '([\d.]+)'", project, re.M)[1]
    assert properties['AvailableWeakCiphers'] == ['AES128-CBC']
    assert properties['Unit'] == 'ssh.service'
    assert properties['ActiveState'] == machine.show('ssh.service', 'ActiveState') == 'active'
    assert properties['StartOnBoot'] is True
    assert properties['ListenAddresses'] == [{'address': '0.0.0.0', 'port': 22},
                                             {'address': '::', 'port': 22}]


# Somebody else's files

@pytest.mark.parametrize('text, setting, value, beyond', [
    ('Port 2022', 'TcpPort', 2022, False),
    ('Port 2022\nPort 2023', 'TcpPort', 2022, True),
    ('ListenAddress 127.0.0.1:2022\nListenAddress [::1]:2022', 'TcpPort', 2022, False),
    ('AllowTcpForwarding no', 'TcpForwarding', False, False),
    ('AllowTcpForwarding local', 'TcpForwarding', True, True),
    ('AllowTcpForwarding remote', 'TcpForwarding', True, True),
    ('DisableForwarding yes', 'TcpForwarding', False, False),
    ('GSSAPIAuthentication yes', 'KerberosAuthentication', True, False),
    ('Compression no', 'Compression', False, False),
    ('Compression delayed', 'Compression', True, False),
    ('Ciphers aes256-ctr,aes128-cbc', 'WeakCiphers', ['AES128-CBC'], False),
    ('Ciphers +aes128-cbc', 'WeakCiphers', ['AES128-CBC'], False),
    ('PasswordAuthentication no', 'PasswordAuthentication', False, False),
    ('PasswordAuthentication no\nKbdInteractiveAuthentication yes',
     'PasswordAuthentication', True, True),
    ('PasswordAuthentication no\nKbdInteractiveAuthentication yes\nUsePAM no',
     'PasswordAuthentication', False, False),
    ('ListenAddress 127.0.0.1', 'BindInterfaces', [], True),
    ('ListenAddress 0.0.0.0 rdomain lo', 'BindInterfaces', [], True),
    ('ListenAddress 0.0.0.0 rdomain read0\nListenAddress :: rdomain read0',
     'BindInterfaces', ['read0'], False),
    ('ListenAddress 0.0.0.0 rdomain read0\nListenAddress 127.0.0.1', 'BindInterfaces', ['read0'],
     True),
])
def test_foreign_file_shows(machine, interface, text, setting, value, beyond):
    machine.write(FOREIGN, f'{text}\n')
    machine.apply({})
    assert machine.get(setting) == value
    assert (setting in inexpressible(machine)) == beyond
    assert read(machine) == told(machine)
    assert machine.get('ManagedSettings') == []


@pytest.fixture(scope='module')
def interface(machine):
    """An interface that foreign files can name."""
    machine.add_interface('read0', '10.40.0.1/24')
    return 'read0'


@pytest.mark.parametrize('options, level, facility', [
    ('-l VERBOSE -f LOCAL3', 'VERBOSE', 'LOCAL3'),
    ('-f local3 -l info', 'INFO', 'LOCAL3'),
    ('-lDEBUG1', 'DEBUG', ''),
    ('-l INFO -l ERROR', 'ERROR', ''),
    ('-R -f AUTH', '', 'AUTH'),
])
def test_foreign_sftp_log_shows(machine, main, options, level, facility):
    machine.write(MAIN, re.sub(rf'{SFTP}$', rf'\g<0> {options}', main, flags=re.M))
    assert any(options in line for line in machine.sshd_T()['subsystem'])
    wait_for(lambda: (machine.get('SftpLogLevel'), machine.get('SftpLogFacility'))
             == (level, facility))


def test_value_above_the_include_shows(machine, main):
    machine.write(FOREIGN, 'Compression yes\n')
    machine.write(MAIN, f'Compression no\n{main}')
    wait_for(lambda: machine.get('Compression') is False)


def test_main_file_without_include_shows(machine, main):
    machine.write(FOREIGN, 'Port 2022\n')
    wait_for(lambda: machine.get('TcpPort') == 2022)
    machine.write(MAIN, main.replace(INCLUDE, 'Port 2023'))
    wait_for(lambda: machine.get('TcpPort') == 2023)


# Announcements

def test_foreign_edit_is_announced(machine):
    machine.get('Compression')
    with machine.signals() as signals:
        machine.write(FOREIGN, 'Compression no\n')
        signals.wait(lambda _member, arguments: 'Compression' in arguments[1])
        assert signals.changed() == {'Compression': False}
        machine.remove(FOREIGN)
        signals.wait(lambda _member, arguments: arguments[1].get('Compression') is True)


def test_edit_that_changes_nothing_is_not_announced(machine):
    machine.get('Compression')
    with machine.signals() as signals:
        machine.write(FOREIGN, '# nothing\n')
        machine.write(f'{FOLDER}/60-other.conf', 'Compression no\n')
        signals.wait(lambda _member, arguments: 'Compression' in arguments[1])
        assert len(signals.seen) == 1


def test_unit_changes_are_announced(machine):
    machine.get('ActiveState')
    with machine.signals() as signals:
        def reaches(**expected):
            wait_for(lambda: expected.items() <= signals.changed().items(), 5)
        machine.run(['systemctl', 'stop', 'ssh.service'])
        reaches(ActiveState='inactive', ListenAddresses=[])
        # Debian 13's systemd does not survive it to be enabled under a running sshd.
        machine.run(['systemctl', 'disable', 'ssh.service'])
        reaches(StartOnBoot=False)
        machine.run(['systemctl', 'enable', 'ssh.service'])
        reaches(StartOnBoot=True)
        machine.run(['systemctl', 'start', 'ssh.service'])
        reaches(ActiveState='active', ListenAddresses=[{'address': '0.0.0.0', 'port': 22},
                                                       {'address': '::', 'port': 22}])


def test_failed_unit_is_announced(machine):
    machine.get('ActiveState')
    with machine.signals() as signals:
        machine.write(FOREIGN, 'ListenAddress 192.0.2.99\n')
        if machine.release == 'bookworm':
            machine.run(['systemctl', 'reload', 'ssh.service'], check=False)
        else:  # where systemd may wait 90 s for a reload over which sshd has ended
            machine.run(['systemctl', 'kill', '--signal=KILL', '--kill-whom=main', 'ssh.service'])
        signals.wait(lambda _member, arguments: arguments[1].get('ActiveState') == 'failed')
        assert wait_for(lambda: signals.changed().get('ListenAddresses') == [])


def test_reload_by_hand_is_announced(machine):
    machine.get('ListenAddresses')
    with machine.signals() as signals:
        machine.write(FOREIGN, 'Port 2022\n')
        machine.run(['systemctl', 'reload', 'ssh.service'])
        wait_for(lambda: [each['port'] for each in signals.changed().get('ListenAddresses', [])]
                 == [2022, 2022], 5)


@contextlib.contextmanager
def running(machine, command, **options):
    """A program that runs while the block does."""
    process = machine.popen(command, text=True, **options)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def messages_of(machine, function):
    """What the service sends while FUNCTION runs, in the order in which the bus gets it."""
    owner = machine.call('GetNameOwner', GLib.Variant('(s)', (NAME,)), interface=DBUS, name=DBUS,
                         path='/')
    found = []
    with running(machine, ['busctl', 'monitor', '--json=short', NAME], stdout=subprocess.PIPE,
                 stderr=subprocess.DEVNULL) as monitor:
        while not select.select([monitor.stdout], [], [], 0.1)[0]:
            machine.get('Unit')
        function()
        version = machine.get('Version')
        for line in monitor.stdout:
            message = json.loads(line)
            if message['sender'] == owner and message['type'] != 'method_call':
                found.append(message)
                if message.get('payload', {}).get('data') == [{'type': 's', 'data': version}]:
                    return found
    raise AssertionError('the monitor ended')


def test_properties_change_before_the_reply(machine):
    machine.get('Version')
    messages = messages_of(machine, lambda: machine.apply({'Compression': False}))
    announced = [index for index, message in enumerate(messages)
                 if message['type'] == 'signal' and message['member'] == 'PropertiesChanged'
                 and 'Compression' in message['payload']['data'][1]]
    replied = [index for index, message in enumerate(messages)
               if message['type'] == 'method_return' and message['payload']['type'] == 'a{sv}']
    assert len(announced) == len(replied) == 1
    assert announced < replied


def test_everything_that_a_change_changes_is_announced(machine):
    before = machine.properties()
    with machine.signals() as signals:
        machine.apply({'TcpPort': 2022, 'PasswordAuthentication': False})
        changed = signals.changed()
    after = machine.properties()
    assert changed == {name: value for name, value in after.items() if value != before[name]}
    assert {'TcpPort', 'PasswordAuthentication', 'ManagedSettings', 'Generation', 'LastChange',
            'ListenAddresses', 'Warnings'} == set(changed)


def test_drift_that_nothing_announces_shows_at_the_next_call(machine, main):
    machine.run(['mkdir', '-p', '/etc/elsewhere'])
    machine.write('/etc/elsewhere/more', '# nothing\n')
    machine.write(FOREIGN, 'Include /etc/elsewhere/more\n')
    machine.write('/etc/elsewhere/more', 'Compression no\n')
    machine.apply({})
    assert machine.get('Compression') is False


# Settings that are managed

def test_managed_settings_are_named_in_order(machine):
    machine.apply({'SftpLogLevel': 'INFO', 'Compression': True})
    assert machine.get('ManagedSettings') == ['Compression', 'SftpLogLevel']
    machine.apply({'TcpPort': 22})
    assert machine.get('ManagedSettings') == ['TcpPort', 'Compression', 'SftpLogLevel']
    machine.apply({}, reset=['Compression'])
    assert machine.get('ManagedSettings') == ['TcpPort', 'SftpLogLevel']


def test_managed_setting_is_told_by_its_own_value(machine):
    machine.apply({'SftpLogLevel': '', 'PasswordLoginGroups': ['root'], 'Compression': True})
    assert machine.get('SftpLogLevel') == ''
    assert machine.get('PasswordLoginGroups') == ['root']
    assert machine.get('PasswordAuthentication') is True
    assert machine.sshd_T()['passwordauthentication'] == ['no']


def test_managed_settings_are_known_after_a_restart_of_the_service(machine):
    machine.apply({'Compression': False, 'AuxiliaryParameters': '# ours\nMaxSessions 5\n'})
    before = machine.properties()
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    after = machine.properties()
    assert {**after, 'LastChange': {}} == {**before, 'LastChange': {}}


# Warnings

def test_password_open_to_all(machine):
    def warned():
        return [each['setting'] for each in machine.warnings().get('password-open-to-all', [])]
    assert warned() == ['PasswordAuthentication']
    machine.apply({'PasswordAuthentication': False})
    assert warned() == []
    machine.apply({'PasswordAuthentication': True})
    assert warned() == ['PasswordAuthentication']
    machine.apply({'PasswordLoginGroups': ['root']})
    assert warned() == []


def test_weak_cipher_enabled(machine):
    def warned():
        return [(each['setting'], each['cipher'])
                for each in machine.warnings().get('weak-cipher-enabled', [])]
    assert warned() == []
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert warned() == [('WeakCiphers', 'AES128-CBC')]
    machine.apply({'WeakCiphers': []})
    assert warned() == []
    machine.apply({}, reset=['WeakCiphers'])
    machine.write(FOREIGN, 'Ciphers +aes128-cbc\n')
    wait_for(lambda: warned() == [('WeakCiphers', 'AES128-CBC')])


def test_configuration_broken(machine):
    machine.apply({'Compression': False})
    machine.write(FOREIGN, '# a line\nMaxSesions 5\n')
    broken = wait_for(lambda: machine.warnings().get('configuration-broken'))
    assert [(each['file'], each['line']) for each in broken] == [(FOREIGN, 2)]
    properties = machine.properties()
    assert properties['Compression'] is False
    assert properties['TcpPort'] == 22
    assert [each['port'] for each in properties['ListenAddresses']] == [22, 22]
    with untouched(machine), raises('ConfigRejected', f'^{FOREIGN}:2: '):
        machine.apply({'Compression': True})
    machine.remove(FOREIGN)
    wait_for(lambda: 'configuration-broken' not in machine.warnings())


def test_broken_configuration_does_not_keep_the_service_from_starting(machine):
    machine.write(FOREIGN, 'MaxSesions 5\n')
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    assert machine.get('TcpPort') == 22
    assert 'configuration-broken' in machine.warnings()


def test_setting_overridden(machine, main):
    machine.apply({'Compression': False})
    machine.write(MAIN, f'# a line\nCompression yes\n{main}')
    warning, = wait_for(lambda: machine.warnings().get('setting-overridden'))
    assert warning['setting'] == 'Compression'
    assert (warning['file'], warning['line']) == (MAIN, 2)
    assert machine.get('Compression') is False
    machine.write(MAIN, main)
    wait_for(lambda: 'setting-overridden' not in machine.warnings())


def test_not_listening(machine):
    machine.get('TcpPort')
    machine.write(FOREIGN, 'Port 2022\n')
    warning, = wait_for(lambda: machine.warnings().get('not-listening'))
    assert '2022' in warning['message']
    # The files say so, but sshd has not read them.
    assert machine.get('TcpPort') == 2022
    assert [each['port'] for each in machine.get('ListenAddresses')] == [22, 22]
    machine.run(['systemctl', 'reload', 'ssh.service'])
    wait_for(lambda: [each['port'] for each in machine.get('ListenAddresses')] == [2022, 2022])
    wait_for(lambda: 'not-listening' not in machine.warnings())


def test_port_that_a_user_forwards_is_not_where_sshd_listens(machine):
    machine.user_add('forwarder', 'not locked')
    key = machine.key_add('forwarder')
    # A session that is no unit of its own stays among the processes of sshd.
    machine.write(FOREIGN, 'UsePAM no\n')
    machine.restart_sshd()
    forward = ['ssh', '-N', '-i', key, '-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes',
               '-R', '127.0.0.1:2099:localhost:22', 'forwarder@127.0.0.1']
    with running(machine, forward, stderr=subprocess.DEVNULL):
        wait_for(lambda: machine.listening(2099))
        machine.apply({})
        assert [each['port'] for each in machine.get('ListenAddresses')] == [22, 22]


# Edits by hand

def edit(machine, function):
    """Edit the drop-in by hand; returns its text when the service has noticed."""
    before = machine.get('Generation')
    text = function(machine.read(DROP_IN))
    machine.write(DROP_IN, text)
    wait_for(lambda: machine.get('Generation') != before)
    return text


def append(line):
    """An edit that adds a line."""
    return lambda text: f'{text}{line}\n'


def test_edited_by_hand(machine):
    machine.apply({'Compression': False, 'TcpForwarding': False})
    text = edit(machine, lambda text: text.replace('\nCompression no', '\nCompression yes'))
    warning, = machine.warnings()['edited-by-hand']
    assert warning['file'] == DROP_IN
    # The properties tell what the text does, not what we had written.
    assert read(machine) == told(machine)
    assert machine.get('Compression') is True
    assert machine.get('TcpForwarding') is False
    for change, given in (({'TcpForwarding': True}, {}), ({}, {'reset': ['Compression']}),
                          ({'Compression': False}, {})):
        with untouched(machine), raises('Conflict', f'^{DROP_IN}: '):
            machine.apply(change, **given)
    result = machine.apply({'TcpForwarding': True}, overwrite_edits=True)
    assert machine.read(f'{STATE}/edited-{result["generation"]}.conf') == text
    assert machine.path(f'{STATE}/edited-{result["generation"]}.conf').stat().st_mode & 0o777 == 0o600
    assert 'edited-by-hand' not in machine.warnings()
    assert machine.get('Compression') is False
    assert machine.sshd_T()['compression'] == ['no']
    assert machine.sshd_T()['allowtcpforwarding'] == ['yes']


def test_generation_grows_once_per_edit_and_never_repeats(machine):
    seen = [machine.apply({'Compression': False})['generation']]
    ours = machine.read(DROP_IN)
    for change in (append('MaxSessions 5'), append('MaxSessions 6'), lambda _text: ours,
                   append('MaxSessions 5'), lambda _text: ours):
        edit(machine, change)
        seen.append(machine.get('Generation'))
        machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
        assert machine.get('Generation') == seen[-1]
        machine.apply({}, reset=[], dry_run=True, overwrite_edits=True)
        assert machine.get('Generation') == seen[-1]
    seen.append(machine.apply({'Compression': True})['generation'])
    assert seen == list(range(seen[0], seen[0] + len(seen)))


def test_drop_in_removed_by_hand(machine):
    generation = machine.apply({'Compression': False})['generation']
    machine.remove(DROP_IN)
    wait_for(lambda: machine.get('ManagedSettings') == [])
    assert machine.get('Compression') is True
    assert machine.get('Generation') == generation + 1
    with raises('Conflict', '^if-generation: '):
        machine.apply({'TcpForwarding': False}, if_generation=generation)
    assert machine.apply({'Compression': False})['generation'] == generation + 2


def test_edit_while_the_service_is_away(machine):
    generation = machine.apply({'Compression': False})['generation']
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    machine.write(DROP_IN, machine.read(DROP_IN) + 'MaxSessions 5\n')
    assert machine.get('Generation') == generation + 1
    assert 'edited-by-hand' in machine.warnings()


@pytest.mark.parametrize('text', [
    'Compression no\n',
    '',
    '#: format 1\n',
    '#: format 2\n#: generation 7\n',
    '#: format 1\n#: generation 18446744073709551615\n#: sha256 0\nCompression no\n',
    '#: format 1\n#: generation x\n#: sha256 0\n#: TcpPort = uint16 0\n',
    '\n\n\r\nCompression no\r\n',
    '# \udcff\udcfe\nCompression no\n',
])
def test_anything_can_stand_in_the_drop_in(machine, text):
    generation = machine.apply({'TcpForwarding': False})['generation']
    machine.write(DROP_IN, text)
    with raises('Conflict', f'^{DROP_IN}: '):
        machine.apply({'Compression': True})
    assert machine.get('Generation') == generation + 1
    assert 'edited-by-hand' in machine.warnings()
    assert read(machine) == told(machine)
    generation = machine.apply({'Compression': True}, overwrite_edits=True)['generation']
    kept = machine.path(f'{STATE}/edited-{generation}.conf').read_bytes()
    assert kept == text.encode('utf-8', 'surrogateescape')
    assert machine.get('Compression') is True
    assert machine.sshd_T()['compression'] == ['yes']


def test_edit_that_breaks_the_configuration_can_be_overwritten(machine):
    machine.apply({'Compression': False})
    edit(machine, append('MaxSesions 5'))
    broken, = machine.warnings()['configuration-broken']
    assert broken['file'] == DROP_IN
    assert machine.read(DROP_IN).splitlines()[broken['line'] - 1] == 'MaxSesions 5'
    machine.apply({}, overwrite_edits=True)
    assert 'configuration-broken' not in machine.warnings()
    assert machine.sshd_T()['compression'] == ['no']


# What not everybody may read

def mode(machine):
    """The permissions of the drop-in."""
    return machine.path(DROP_IN).stat().st_mode & 0o777


def test_main_file_that_not_everybody_may_read(machine):
    machine.user_add('reader')
    secret = 'AcceptEnv SECRET_NAME\n'
    machine.apply({'AuxiliaryParameters': secret})
    assert mode(machine) == 0o644
    assert machine.get('AuxiliaryParameters', user='reader') == secret
    machine.run(['chmod', '600', MAIN])
    wait_for(lambda: machine.get('AuxiliaryParameters') == '')
    assert 'AuxiliaryParameters' in machine.get('ManagedSettings')
    # The next text that we write is as private as the main file.
    machine.apply({'Compression': False})
    assert mode(machine) == 0o600
    assert 'SECRET_NAME' not in str(machine.properties(user='reader'))
    assert 'acceptenv SECRET_NAME' in machine.run(['/usr/sbin/sshd', '-T']).stdout
    machine.apply({}, reset=list(SETTINGS))
    machine.apply({'AuxiliaryParameters': secret})
    assert mode(machine) == 0o600
    machine.run(['chmod', '644', MAIN])
    wait_for(lambda: machine.get('AuxiliaryParameters') == secret)
