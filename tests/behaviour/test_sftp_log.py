# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SftpLogLevel and SftpLogFacility: what real SFTP sessions leave in the journal."""

import json
import time

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, MAIN, effective, reload, rules, write

pytestmark = pytest.mark.usefixtures('pristine')

SERVER = '/usr/lib/openssh/sftp-server'
LINE = f'Subsystem\tsftp\t{SERVER}'
LOCAL3 = 19
AUTH = 4


@pytest.fixture(scope='module', autouse=True)
def user(machine):
    """A user with a key."""
    machine.user_add('sam')
    machine.key_add('sam')


@pytest.fixture(name='in_place')
def is_in_place(machine):
    """Whether a second Subsystem line would be fatal, so that the first is replaced in place."""
    return machine.release == 'bookworm'


def sftp(machine, user='sam'):
    """A session with the real client that fetches a file; returns what the server logged."""
    since = f'--since=@{time.time():.6f}'
    command = machine.ssh_command(user, key=f'/root/key-{user}', program='sftp')
    done = machine.run(command, input='get /etc/hostname /tmp/fetched\n', check=False)
    assert done.returncode == 0, done.stderr
    assert machine.read('/tmp/fetched') == machine.read('/etc/hostname')
    machine.remove('/tmp/fetched')
    # What was logged before this line is in the journal when it is.
    machine.run(['logger', '-t', 'mark', 'end of session'])
    wait_for(lambda: machine.run(['journalctl', '-t', 'mark', since, '-q', '-o', 'cat']).stdout)
    # Not by _COMM: the server may be gone before the journal has asked for its name.
    out = machine.run(['journalctl', since, '-q', '-o', 'json', '-t', 'sftp-server']).stdout
    found = [json.loads(line) for line in out.splitlines()]
    return [(int(each['SYSLOG_FACILITY']), each['MESSAGE']) for each in found]


def facilities(logged):
    """The facilities of what was logged."""
    return {facility for facility, _message in logged}


def says(logged, words):
    """Whether a message holds these words."""
    return any(words in message for _facility, message in logged)


def command(machine):
    """The command of the subsystem as sshd has it."""
    return effective(machine, 'subsystem').removeprefix('sftp ')


def test_property_tells_what_sshd_does(machine):
    assert machine.get('SftpLogLevel') == machine.get('SftpLogFacility') == ''
    assert command(machine) == SERVER
    write(machine, MAIN, machine.read(MAIN).replace(LINE, f'{LINE} -f LOCAL1 -l DEBUG1'))
    wait_for(lambda: machine.get('SftpLogLevel') == 'DEBUG')
    assert machine.get('SftpLogFacility') == 'LOCAL1'


def test_levels(machine):
    """Each tells what the ones before it do, and more."""
    assert not sftp(machine)
    for level in ('QUIET', 'ERROR'):
        machine.apply({'SftpLogLevel': level})
        assert command(machine) == f'{SERVER} -l {level}'
        assert not sftp(machine)
    machine.apply({'SftpLogLevel': 'INFO'})
    logged = sftp(machine)
    assert says(logged, 'session opened for local user sam') and says(logged, 'open "/etc/hostname"')
    assert not says(logged, 'received client version')
    machine.apply({'SftpLogLevel': 'VERBOSE'})
    logged = sftp(machine)
    assert says(logged, 'received client version') and not says(logged, 'debug1: ')
    for number, level in ((1, 'DEBUG'), (3, 'DEBUG3')):
        machine.apply({'SftpLogLevel': level})
        logged = sftp(machine)
        assert says(logged, f'debug{number}: ') and not says(logged, f'debug{number + 1}: ')
    assert facilities(logged) == {AUTH}


def test_facility(machine):
    machine.apply({'SftpLogLevel': 'INFO', 'SftpLogFacility': 'LOCAL3'})
    assert command(machine) == f'{SERVER} -l INFO -f LOCAL3'
    logged = sftp(machine)
    assert says(logged, 'session opened') and facilities(logged) == {LOCAL3}
    machine.apply({}, reset=['SftpLogFacility'])
    assert facilities(sftp(machine)) == {AUTH}


@pytest.mark.parametrize('name, number', [('DAEMON', 3), ('USER', 1), ('AUTH', 4), ('LOCAL0', 16),
                                          ('LOCAL7', 23)])
def test_every_kind_of_facility(machine, name, number):
    machine.apply({'SftpLogLevel': 'INFO', 'SftpLogFacility': name})
    assert facilities(sftp(machine)) == {number}


@pytest.mark.parametrize('theirs, change, ours', [
    ('-l ERROR -f LOCAL1 -u 0027', {'SftpLogLevel': 'INFO'}, '-f LOCAL1 -u 0027 -l INFO'),
    ('-l ERROR -f LOCAL1 -u 0027', {'SftpLogFacility': 'LOCAL3'}, '-l ERROR -u 0027 -f LOCAL3'),
    ('-lERROR -fLOCAL1', {'SftpLogLevel': 'INFO', 'SftpLogFacility': 'LOCAL3'},
     '-l INFO -f LOCAL3'),
    ('-e -l INFO -l ERROR', {'SftpLogLevel': 'FATAL'}, '-e -l FATAL'),
    ('-d /srv/-l -P remove', {'SftpLogLevel': 'INFO'}, '-d /srv/-l -P remove -l INFO'),
])
def test_other_arguments_are_kept(machine, theirs, change, ours):
    write(machine, MAIN, machine.read(MAIN).replace(LINE, f'{LINE} {theirs}'))
    machine.apply(change)
    assert command(machine) == f'{SERVER} {ours}'
    assert {name: machine.get(name) for name in change} == change
    machine.apply({}, reset=[*change])
    assert command(machine) == f'{SERVER} {theirs}'


def test_own_path_of_the_server_is_kept(machine):
    machine.run(['cp', SERVER, '/usr/local/bin/our-sftp'])
    write(machine, MAIN, machine.read(MAIN).replace(LINE, 'subsystem sftp /usr/local/bin/our-sftp'))
    machine.apply({'SftpLogLevel': 'INFO'})
    assert command(machine) == '/usr/local/bin/our-sftp -l INFO'


def test_where_the_line_stands(machine, in_place):
    main = machine.read(MAIN)
    machine.apply({'SftpLogLevel': 'INFO'})
    ours = f'Subsystem sftp {SERVER} -l INFO'
    if in_place:
        assert rules(machine) == []
        assert machine.read(MAIN) == main.replace(
            LINE, f'# truenas-ssh took out: {LINE}\n# truenas-ssh put in:\n{ours}')
    else:
        assert rules(machine) == [ours]
        assert machine.read(MAIN) == main
    machine.apply({'SftpLogLevel': 'VERBOSE'})
    assert machine.read(MAIN).count('truenas-ssh') == (2 if in_place else 0)
    machine.apply({}, reset=['SftpLogLevel'])
    assert machine.read(MAIN) == main
    assert command(machine) == SERVER


@pytest.mark.parametrize('line, end', [
    (f'  Subsystem   sftp "{SERVER}"  \t', '\n'), (f'SUBSYSTEM=sftp {SERVER}', ''),
    (f'{LINE} # ours', '\n\n# the end'), (f'{LINE}\r', '\r\n'), (f'{LINE}\r', '')])
def test_main_file_is_given_back_byte_for_byte(machine, line, end):
    main = machine.read(MAIN).replace(f'{LINE}\n', '')
    text = f'{main}{line}{end}'
    machine.write(MAIN, text)
    assert command(machine) == SERVER
    machine.apply({'SftpLogLevel': 'INFO', 'SftpLogFacility': 'USER'})
    assert command(machine) == f'{SERVER} -l INFO -f USER'
    machine.apply({'SftpLogLevel': 'ERROR'})
    machine.apply({'SftpLogLevel': '', 'SftpLogFacility': ''})
    assert machine.read(MAIN) == text
    machine.apply({'SftpLogLevel': 'INFO'})
    machine.apply({}, reset=['SftpLogLevel', 'SftpLogFacility'])
    assert machine.read(MAIN) == text
    assert command(machine) == SERVER


def test_line_in_another_file(machine, in_place):
    text = f'# site\n{LINE} -f LOCAL1\n'
    machine.write(MAIN, machine.read(MAIN).replace(LINE, ''))
    write(machine, FOREIGN, text)
    machine.apply({'SftpLogLevel': 'INFO'})
    assert command(machine) == f'{SERVER} -f LOCAL1 -l INFO'
    assert (machine.read(FOREIGN) == text) is not in_place
    machine.apply({}, reset=['SftpLogLevel'])
    assert machine.read(FOREIGN) == text


def test_two_empty_values_leave_the_line_alone(machine):
    main = machine.read(MAIN)
    machine.apply({'SftpLogLevel': '', 'SftpLogFacility': ''})
    assert machine.get('ManagedSettings') == ['SftpLogLevel', 'SftpLogFacility']
    assert machine.read(MAIN) == main and rules(machine) == []
    assert command(machine) == SERVER


def test_no_subsystem(machine):
    write(machine, MAIN, machine.read(MAIN).replace(LINE, ''))
    with raises('NotSupported', '^SftpLogLevel: .*no SFTP subsystem'):
        machine.apply({'SftpLogLevel': 'INFO'})
    machine.apply({'SftpLogLevel': ''})
    assert 'subsystem' not in machine.sshd_T()


@pytest.mark.parametrize('shell', ['| logger', '; true', '&& true', '>/dev/null', '$(id)', '`id`'])
def test_command_for_the_shell(machine, shell):
    text = machine.read(MAIN).replace(LINE, f'{LINE} {shell}')
    machine.write(MAIN, text)
    machine.run(['/usr/sbin/sshd', '-t'])
    with raises('NotSupported', '^SftpLogFacility: .*SFTP subsystem'):
        machine.apply({'SftpLogFacility': 'USER'})
    assert machine.read(MAIN) == text


def test_quoted_argument(machine):
    """OpenSSH before 9.5 drops the quotes, and what looked like an argument is then an option."""
    write(machine, MAIN, machine.read(MAIN).replace(LINE, f'{LINE} -d "/srv/x -l DEBUG"'))
    if '"' not in command(machine):
        machine.apply({'SftpLogLevel': 'INFO'})
        assert command(machine) == f'{SERVER} -d /srv/x -l INFO'
        return
    with raises('NotSupported', '^SftpLogLevel: .*SFTP subsystem'):
        machine.apply({'SftpLogLevel': 'INFO'})
    assert command(machine) == f'{SERVER} -d "/srv/x -l DEBUG"'


def test_internal_server_is_kept(machine):
    write(machine, MAIN, machine.read(MAIN).replace(SERVER, 'internal-sftp'))
    machine.apply({'SftpLogLevel': 'ERROR'})
    assert command(machine) == 'internal-sftp -l ERROR'


def test_user_without_a_shell_is_still_refused(machine):
    machine.user_add('nosh', shell='/bin/false')
    machine.key_add('nosh')
    command_line = machine.ssh_command('nosh', key='/root/key-nosh', program='sftp')

    def gets_files():
        return machine.run(command_line, input='pwd\n', check=False).returncode == 0
    assert not gets_files()
    machine.apply({'SftpLogLevel': 'INFO', 'SftpLogFacility': 'USER'})
    assert not gets_files()
    # Only this would have let it in.
    machine.apply({}, reset=['SftpLogLevel', 'SftpLogFacility'])
    machine.write(MAIN, machine.read(MAIN).replace(SERVER, 'internal-sftp'))
    reload(machine)
    assert gets_files()
