# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lines and files that are somebody else's: named, replaced with consent only, and given back."""

import contextlib
import re
import time

import pytest

from harness.bus import SETTINGS
from harness.machine import failure, raises, wait_for
from harness.state import (DROP_IN, ETC, FOLDER, INCLUDE, MAIN, differences, entry, files,
                           give_back, untouched)
from gi.repository import Gio, GLib

SITE = f'{FOLDER}/50-site.conf'
NESTED = '/etc/ssh/nested'
MARK = '# truenas-ssh took out: '


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
    machine.run(f'rm -rf {NESTED} /etc/ssh/site.conf /root/site')


def content(machine):
    """All of /etc, without regard to whether a file was written anew."""
    return files(machine, ETC, what=entry)


def ports(machine):
    """The ports at which sshd listens."""
    return {port for _address, port, process in machine.listening() if process == 'sshd'}


# Where a line can stand, and how it can be written

def in_main(machine, line):
    """The line at the end of the main file."""
    machine.write(MAIN, f'{machine.read(MAIN)}{line}\n')
    return MAIN, machine.read(MAIN).count('\n')


def in_drop_in(machine, line):
    """The line in a file of the folder."""
    machine.write(SITE, f'# a site\n\n{line}\n# end\n')
    return SITE, 3


def nested(machine, line):
    """The line three Includes deep, the last of them relative to /etc/ssh."""
    machine.write(SITE, f'Include {NESTED}/*.conf\n')
    machine.write(f'{NESTED}/a.conf', 'Include "nested/b.inc"\n')
    machine.write(f'{NESTED}/b.inc', f'{line}\n')
    return f'{NESTED}/b.inc', 1


@pytest.mark.parametrize('where', [in_main, in_drop_in, nested])
def test_line_is_named_replaced_and_given_back(machine, where):
    path, line = where(machine, 'Port 2022')
    machine.restart_sshd()
    before = content(machine)
    with untouched(machine), raises('Conflict', f'^TcpPort: .*{path}:{line} .*replace-foreign'):
        machine.apply({'TcpPort': 2222})
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert machine.sshd_T()['port'] == ['2222']
    assert ports(machine) == {2222}
    assert machine.get('TcpPort') == 2222
    assert set(differences(before, content(machine))) == {path, DROP_IN}
    assert machine.read(path).splitlines()[line - 1] == f'{MARK}Port 2022'
    machine.apply({}, reset=['TcpPort'])
    assert content(machine) == before
    assert ports(machine) == {2022}


@pytest.mark.parametrize('line', [
    'PORT 2022', 'port\t2022', '   Port   2022   ', 'Port=2022', 'Port = 2022', 'Port "2022"',
    '"Port" 2022', "Port '2022'", 'Port 2022 # why', 'Port 2022\r', 'ListenAddress 0.0.0.0:2022',
    'ListenAddress "[::]:2022"', 'listenaddress 127.0.0.1:2022', 'ListenAddress localhost:2022',
])
def test_line_is_found_however_it_is_written(machine, line):
    in_drop_in(machine, line)
    machine.run(['/usr/sbin/sshd', '-t'])
    assert any(':2022' in address for address in machine.sshd_T()['listenaddress'])
    with untouched(machine):
        with raises('Conflict', f'^TcpPort: .*{SITE}:3 '):
            machine.apply({'TcpPort': 2222})
        result = machine.apply({'TcpPort': 2222}, dry_run=True, replace_foreign=True)
    assert f'\n-{line}\n+{MARK}{line}\n' in result['diff']


def test_every_line_is_replaced(machine):
    in_main(machine, 'Port 2022')
    machine.write(SITE, 'Port 2023\nListenAddress 127.0.0.1:2024\nMaxSessions 5\nPort 2025\n')
    before = content(machine)
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert ports(machine) == {2222}
    assert machine.read(SITE) == (f'{MARK}Port 2023\n{MARK}ListenAddress 127.0.0.1:2024\n'
                                  f'MaxSessions 5\n{MARK}Port 2025\n')
    assert machine.sshd_T()['maxsessions'] == ['5']
    machine.apply({}, reset=['TcpPort'])
    assert content(machine) == before


# Byte for byte

@pytest.mark.parametrize('text', [
    b'Port 2022', b'\r\nPort 2022\r\nMaxSessions 5\r\n', b'\t\t# tabs\t\n\tPort\t2022\t',
    b'# caf\xe9 \xff\xfe\nPort 2022\n', b'\n\n\nPort 2022\n\n\n', b'Port 2022\n' * 40,
], ids=['no end of line', 'CRLF', 'tabs', 'no UTF-8', 'blank lines', 'many'])
def test_file_comes_back_byte_for_byte(machine, text):
    machine.path(SITE).write_bytes(text)
    machine.restart_sshd()
    before = content(machine)
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert ports(machine) == {2222}
    machine.apply({'TcpPort': 2223})
    machine.apply({}, reset=['TcpPort'])
    assert machine.path(SITE).read_bytes() == text
    assert content(machine) == before


@pytest.mark.parametrize('command', [
    'chmod 600', 'chmod 640', 'setfacl -m u:daemon:r,g:adm:rw', 'setfacl -m m::r,u:daemon:rw'])
def test_file_keeps_its_mode_and_access_list(machine, command):
    in_drop_in(machine, 'Port 2022')
    machine.run(f'{command} {SITE}')
    before = content(machine)
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert content(machine)[SITE][:4] == before[SITE][:4]
    machine.apply({}, reset=['TcpPort'])
    assert content(machine) == before


@pytest.mark.parametrize('owner', ['daemon:root', 'root:daemon'])
def test_file_of_another_owner_is_left_alone(machine, owner):
    in_drop_in(machine, 'Port 2022')
    machine.run(['chown', owner, SITE])
    with untouched(machine), raises('Failed', f'^{SITE}: .*owner'):
        machine.apply({'TcpPort': 2222}, replace_foreign=True)


def test_file_that_the_service_may_not_read_is_named(machine):
    in_drop_in(machine, 'MaxSessions 5')
    machine.run(f'chown daemon {SITE}; chmod 600 {SITE}')
    with untouched(machine), raises('ConfigRejected', f'^{MAIN}:\\d+: .*read'):
        machine.apply({'TcpPort': 2222})
    broken, = machine.warnings()['configuration-broken']
    assert 'may not read' in broken['message']


# What is no conflict

@pytest.mark.parametrize('lines, expected', [
    ('ListenAddress 127.0.0.1', {('127.0.0.1', 2222)}),
    ('ListenAddress ::1', {('[::1]', 2222)}),
    ('ListenAddress 127.0.0.1:2222', {('127.0.0.1', 2222)}),
    ('ListenAddress [::1]:2222\nListenAddress 127.0.0.1', {('[::1]', 2222), ('127.0.0.1', 2222)}),
    ('AddressFamily inet', {('0.0.0.0', 2222)}),
    ('#Port 2022', {('0.0.0.0', 2222), ('[::]', 2222)}),
])
def test_address_that_follows_the_port_stays(machine, lines, expected):
    machine.write(SITE, f'{lines}\n')
    machine.apply({'TcpPort': 2222})
    assert {(address, port) for address, port, process in machine.listening()
            if process == 'sshd'} == expected
    assert machine.read(SITE) == f'{lines}\n'


def test_only_the_address_with_another_port_is_in_the_way(machine):
    machine.write(SITE, 'ListenAddress 127.0.0.1:2222\nListenAddress [::1]:2022\n')
    with raises('Conflict', f'^TcpPort: .*{SITE}:2 '):
        machine.apply({'TcpPort': 2222})
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert machine.read(SITE) == f'ListenAddress 127.0.0.1:2222\n{MARK}ListenAddress [::1]:2022\n'
    assert ports(machine) == {2222}


def test_foreign_line_stays_while_no_setting_is_against_it(machine):
    machine.write(SITE, 'Port 2022\nListenAddress 127.0.0.1\nAllowTcpForwarding local\n')
    machine.apply({'Compression': False, 'TcpForwarding': False}, replace_foreign=True)
    assert machine.read(SITE) == 'Port 2022\nListenAddress 127.0.0.1\nAllowTcpForwarding local\n'
    assert ports(machine) == {2022}
    assert machine.sshd_T()['allowtcpforwarding'] == ['no']


def test_broken_line_is_named_by_its_number_in_the_file_as_it_is(machine):
    machine.apply({'SftpLogLevel': 'INFO'})
    path, line = in_main(machine, 'MaxSesions 5')
    with raises('ConfigRejected', f'^{path}:{line}: '):
        machine.apply({'Compression': False})
    assert [each['line'] for each in machine.warnings()['configuration-broken']] == [line]


# Consent

def test_consent_is_asked_for_once(machine):
    in_drop_in(machine, 'Port 2022')
    before = content(machine)
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    machine.apply({'TcpPort': 2223})
    machine.apply({'Compression': False})
    assert ports(machine) == {2223}
    assert machine.read(SITE).splitlines()[2] == f'{MARK}Port 2022'
    machine.apply({}, reset=['TcpPort', 'Compression'])
    assert content(machine) == before


def test_consent_does_not_cover_new_lines(machine):
    in_drop_in(machine, 'Port 2022')
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    machine.write(SITE, machine.read(SITE) + 'Port 2024\n')
    with untouched(machine), raises('Conflict', f'^TcpPort: .*{SITE}:5 '):
        machine.apply({'TcpPort': 2223})
    machine.apply({'TcpPort': 2223}, replace_foreign=True)
    assert ports(machine) == {2223}
    machine.apply({}, reset=['TcpPort'])
    assert machine.read(SITE) == '# a site\n\nPort 2022\n# end\nPort 2024\n'


def test_line_is_named_by_its_number_in_the_file_as_it_is(machine):
    # On Debian 12 this puts lines into the main file.
    machine.apply({'SftpLogLevel': 'INFO'})
    path, line = in_main(machine, 'Port 2022')
    with raises('Conflict', f'^TcpPort: .*{path}:{line} '):
        machine.apply({'TcpPort': 2222})


def test_consent_does_not_outlive_the_setting(machine):
    in_drop_in(machine, 'Port 2022')
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    machine.apply({}, reset=['TcpPort'])
    with raises('Conflict'):
        machine.apply({'TcpPort': 2222})


def test_dry_run_shows_what_consent_would_do(machine):
    in_drop_in(machine, 'Port 2022')
    with untouched(machine):
        with raises('Conflict'):
            machine.apply({'TcpPort': 2222}, dry_run=True)
        result = machine.apply({'TcpPort': 2222}, dry_run=True, replace_foreign=True)
    assert f'--- {SITE}\n+++ {SITE}\n' in result['diff']
    assert f'\n-Port 2022\n+{MARK}Port 2022\n' in result['diff']


# Other settings

def test_narrower_forwarding_is_a_conflict(machine):
    machine.write(SITE, 'AllowTcpForwarding local\n')
    with untouched(machine), raises('Conflict', f'^TcpForwarding: .*{SITE}:1 '):
        machine.apply({'TcpForwarding': True})
    machine.apply({'TcpForwarding': True}, replace_foreign=True)
    assert machine.sshd_T()['allowtcpforwarding'] == ['yes']
    machine.apply({}, reset=['TcpForwarding'])
    assert machine.read(SITE) == 'AllowTcpForwarding local\n'


def test_foreign_address_is_against_bound_interfaces(machine):
    machine.add_interface('site0', '10.41.0.1/24')
    machine.write(SITE, 'ListenAddress 10.41.0.1\n')
    with untouched(machine), raises('Conflict', f'^BindInterfaces: .*{SITE}:1 '):
        machine.apply({'BindInterfaces': ['site0']})
    with untouched(machine), raises('Conflict', f'^BindInterfaces: .*{SITE}:1 '):
        machine.apply({'BindInterfaces': []})
    machine.apply({'BindInterfaces': ['site0']}, replace_foreign=True)
    assert all(' rdomain ' in line for line in machine.sshd_T()['listenaddress'])
    machine.apply({'BindInterfaces': []})
    assert {address for address, _port, process in machine.listening() if process == 'sshd'} == \
        {'0.0.0.0', '[::]'}
    machine.apply({}, reset=['BindInterfaces'])
    assert machine.read(SITE) == 'ListenAddress 10.41.0.1\n'


# The Include line

@pytest.mark.parametrize('replacement', [
    '', '# none', f'Match all\n{INCLUDE}', f'Match User nobody\n    {INCLUDE}',
    f'Include {FOLDER}/5*.conf', 'Include /etc/ssh/elsewhere.d/*.conf'])
def test_main_file_that_does_not_include_ours(machine, main, replacement):
    machine.write(MAIN, main.replace(f'{INCLUDE}\n', '') + replacement + '\n'
                  if 'Match' in replacement else main.replace(INCLUDE, replacement))
    with untouched(machine), raises('ConfigRejected', f'^{MAIN}: .*{re.escape(INCLUDE)}'):
        machine.apply({'Compression': False})


@pytest.mark.parametrize('line', [
    'Include sshd_config.d/*.conf', f'Include {FOLDER}/*', f'include "{DROP_IN}"',
    f'Include /etc/ssh/nothing {FOLDER}/??-*.conf'])
def test_main_file_that_includes_ours_in_another_way(machine, main, line):
    machine.write(MAIN, main.replace(INCLUDE, line))
    machine.apply({'Compression': False})
    assert machine.sshd_T()['compression'] == ['no']


def test_line_above_the_include_is_named(machine, main):
    machine.write(MAIN, f'# first\nCompression yes\n{main}')
    with untouched(machine), raises('ConfigRejected', f'^Compression: {MAIN}:2 '):
        machine.apply({'Compression': False})


def test_file_ahead_of_ours_is_named(machine):
    machine.write(f'{FOLDER}/00-first.conf', 'GSSAPIAuthentication no\n')
    with untouched(machine), raises('ConfigRejected',
                                    f'^KerberosAuthentication: {FOLDER}/00-first.conf:1 '):
        machine.apply({'KerberosAuthentication': True})


def test_exception_ahead_of_ours_is_named(machine):
    machine.write(f'{FOLDER}/00-first.conf', 'Match User root\n    PasswordAuthentication yes\n')
    with untouched(machine), raises('ConfigRejected',
                                    f'^PasswordAuthentication: {FOLDER}/00-first.conf:2 '):
        machine.apply({'PasswordAuthentication': False})


# Files that cannot be replaced

@contextlib.contextmanager
def mounted(machine, *command):
    """Something mounted while the block runs; the last word is where."""
    machine.run(['mount', *command])
    try:
        yield
    finally:
        machine.run(['umount', command[-1]])


def test_foreign_file_that_is_a_symlink(machine):
    machine.write('/etc/ssh/site.conf', 'Port 2022\n')
    machine.path(SITE).symlink_to('../site.conf')
    with untouched(machine), raises('Failed', f'^{SITE}: .*symbolic link'):
        machine.apply({'TcpPort': 2222}, replace_foreign=True)


@contextlib.contextmanager
def read_only(machine, folder):
    """A folder on a file system of its own that is read-only while the block runs."""
    machine.run(f'mkdir -p /root/site && cp -a {folder} /root/site/copy'
                f' && mount -t tmpfs -o mode=755 site {folder} && cp -a /root/site/copy/. {folder}'
                f' && mount -o remount,ro {folder}')
    try:
        yield
    finally:
        machine.run(['umount', folder])


def test_foreign_file_on_a_read_only_file_system(machine):
    machine.write(f'{NESTED}/port.conf', 'Port 2022\n')
    machine.write(SITE, f'Include {NESTED}/*.conf\n')
    with read_only(machine, NESTED):
        with untouched(machine), raises('Failed', f'^{NESTED}: .*Read-only'):
            machine.apply({'TcpPort': 2222}, replace_foreign=True)


def test_drop_in_on_a_read_only_file_system(machine):
    machine.write(SITE, 'MaxSessions 5\n')
    with read_only(machine, FOLDER):
        with untouched(machine), raises('Failed', f'^{FOLDER}: .*Read-only'):
            machine.apply({'Compression': False})
    machine.apply({'Compression': False})


def test_configuration_that_is_mounted_read_only(machine):
    machine.run(['mount', '-o', 'bind,ro', FOLDER, FOLDER])
    try:
        machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
        with untouched(machine), raises('Failed', f'^{FOLDER}: .*Read-only'):
            machine.apply({'Compression': False})
    finally:
        machine.run(['umount', FOLDER])
        machine.run(['systemctl', 'restart', 'truenas-ssh.service'])


def test_drop_in_that_is_a_mount(machine):
    machine.apply({'Compression': False})
    machine.run(f'mkdir -p /root/site && cp {DROP_IN} /root/site/drop-in')
    with mounted(machine, '--bind', '/root/site/drop-in', DROP_IN):
        for change, given in (({'Compression': True}, {}), ({}, {'reset': ['Compression']})):
            with untouched(machine), raises('Failed', f'^{DROP_IN}: .*mount'):
                machine.apply(change, **given)


@pytest.mark.parametrize('command, words', [
    (f'ln -s /nowhere {DROP_IN}', 'symbolic link'),
    (f'touch /etc/ssh/site.conf; ln -s ../site.conf {DROP_IN}', 'edited by hand'),
    (f'mkfifo {DROP_IN}', 'no ordinary file'),
    (f'mkdir {DROP_IN}', 'no ordinary file'),
    (f'truncate -s 5M {DROP_IN}', 'no ordinary file'),
    (f'printf "Compression no\\0\\n" >{DROP_IN}', 'no text file'),
])
def test_drop_in_that_is_something_else(machine, command, words):
    machine.run(command)
    with untouched(machine, ETC), pytest.raises(GLib.Error) as raised:
        machine.apply({'Compression': False})
    assert failure(raised).message.startswith(f'{DROP_IN}: ')
    assert words in failure(raised).message
    with untouched(machine, ETC), raises('Failed', f'^{DROP_IN}: '):
        machine.apply({'Compression': False}, overwrite_edits=True)
    machine.run(['rm', '-rf', DROP_IN])
    machine.apply({'Compression': False})


# Files that sshd would not come to the end of

@pytest.mark.parametrize('make', [
    'mkfifo /etc/ssh/site.conf', 'ln -s /dev/zero /etc/ssh/site.conf',
    'ln -s /dev/tty /etc/ssh/site.conf', 'truncate -s 5M /etc/ssh/site.conf'])
def test_include_of_something_without_end(machine, make):
    machine.run(make)
    machine.write(SITE, '# a line\nInclude /etc/ssh/s*.conf\n')
    # Also where the service has yet to ask sshd what it is.
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    with untouched(machine), raises('ConfigRejected', f'^{SITE}:2: includes '):
        began = time.monotonic()
        try:
            machine.apply({'Compression': False})
        finally:
            # Less than sshd is given to answer.
            assert time.monotonic() - began < 5
    broken, = wait_for(lambda: machine.warnings().get('configuration-broken'))
    assert (broken['file'], broken['line']) == (SITE, 2)
    assert machine.get('TcpPort') == 22


@pytest.mark.parametrize('target', ['/dev/zero', '/etc/ssh/site.conf'])
def test_auxiliary_include_of_something_without_end(machine, target):
    machine.run(['mkfifo', '/etc/ssh/site.conf'])
    with untouched(machine), raises('ConfigRejected', '^AuxiliaryParameters:2: includes '):
        machine.apply({'AuxiliaryParameters': f'MaxSessions 5\nInclude {target}\n'})


def test_masked_file_is_no_obstacle(machine):
    machine.path(SITE).symlink_to('/dev/null')
    machine.apply({'Compression': False})
    assert machine.sshd_T()['compression'] == ['no']


SLOW = '''#!/bin/sh
case "$*" in *-T*) exec sleep 60;; esac
exec /usr/sbin/sshd "$@"
'''


def test_sshd_that_does_not_answer_is_given_up(machine):
    machine.write('/usr/local/sbin/sshd', SLOW, 0o755)
    machine.write('/run/systemd/system/ssh.service.d/slow.conf',
                  '[Service]\nExecStart=\nExecStart=/usr/local/sbin/sshd -D\n')
    machine.run(['systemctl', 'daemon-reload'])
    try:
        with untouched(machine):
            answers = []
            began = time.monotonic()
            args = GLib.Variant('(a{sv}a{sv})', ({'Compression': GLib.Variant('b', False)}, {}))
            machine.bus.call('org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH', 'Apply', args,
                             None, Gio.DBusCallFlags.NONE, 60000, None,
                             lambda bus, result: answers.append(outcome(bus, result)))
            slowest = 0
            while not answers:
                asked = time.monotonic()
                assert machine.get('TcpPort') == 22
                slowest = max(slowest, time.monotonic() - asked)
                GLib.MainContext.default().iteration(False)
                time.sleep(0.02)
        assert answers[0].name == 'org.truenas.SSH.Error.ConfigRejected'
        assert 'did not answer within' in answers[0].message
        assert slowest < 1
        assert time.monotonic() - began < 40  # some looks come before it
    finally:
        machine.run('rm -r /run/systemd/system/ssh.service.d; systemctl daemon-reload')


def outcome(bus, result):
    """The error of an answer."""
    try:
        return bus.call_finish(result)
    except GLib.Error as error:
        return failure(error)


# Names and places

def test_file_whose_name_is_no_text(machine):
    path = bytes(machine.path(FOLDER)) + b'/\xff.conf'
    with open(path, 'wb') as file:
        file.write(b'Port 2022\n')
    pid = machine.daemon_pid()
    with untouched(machine), raises('Conflict', '^TcpPort: .*:1 '):
        machine.apply({'TcpPort': 2222})
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert ports(machine) == {2222}
    machine.apply({}, reset=['TcpPort'])
    with open(path, 'rb') as file:
        assert file.read() == b'Port 2022\n'
    with open(path, 'wb') as file:
        file.write(b'MaxSesions 5\nMatch User root\n    PasswordAuthentication yes\n')
    with raises('ConfigRejected', ':1: '):
        machine.apply({'PasswordAuthentication': False})
    assert 'configuration-broken' in machine.warnings()
    with open(path, 'wb') as file:
        file.write(b'Match User root\n    PasswordAuthentication yes\n')
    machine.apply({'PasswordAuthentication': False})
    assert [each['line'] for each in machine.warnings()['exception-overridden']] == [2]
    assert machine.daemon_pid() == pid


@pytest.mark.parametrize('name', ['50 with spaces.conf', '50-"quotes"\'.conf', '50-[x]*?.conf',
                                  '50-back\\slash.conf', '50-#hash.conf', '50-ünïcode.conf'])
def test_file_with_an_odd_name(machine, name):
    machine.write(f'{FOLDER}/{name}', 'Port 2022\nMaxSessions 5\n')
    before = content(machine)
    with untouched(machine), raises('Conflict', f'^TcpPort: .*{re.escape(name)}:1 '):
        machine.apply({'TcpPort': 2222})
    machine.apply({'TcpPort': 2222}, replace_foreign=True)
    assert ports(machine) == {2222}
    assert machine.sshd_T()['maxsessions'] == ['5']
    machine.apply({}, reset=list(SETTINGS))
    assert content(machine) == before


def test_file_in_the_home_of_root(machine):
    machine.write('/root/site/port.conf', 'Port 2022\n')
    machine.write(SITE, 'Include /root/site/*.conf\n')
    with untouched(machine), raises('Conflict', '^TcpPort: .*/root/site/port.conf:1 '):
        machine.apply({'TcpPort': 2222})


def test_folder_that_is_a_symlink(machine):
    machine.run(f'mv {FOLDER} /etc/ssh/real.d && ln -s real.d {FOLDER}')
    try:
        machine.write('/etc/ssh/real.d/50-site.conf', 'Port 2022\n')
        machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
        with raises('Conflict', f'^TcpPort: .*{SITE}:1 '):
            machine.apply({'TcpPort': 2222})
        machine.apply({'TcpPort': 2222}, replace_foreign=True)
        assert ports(machine) == {2222}
        machine.apply({}, reset=['TcpPort'])
        assert machine.read('/etc/ssh/real.d/50-site.conf') == 'Port 2022\n'
        assert not machine.exists('/etc/ssh/real.d/00-truenas.conf')
    finally:
        machine.run(f'rm {FOLDER} && mv /etc/ssh/real.d {FOLDER}')
        machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
