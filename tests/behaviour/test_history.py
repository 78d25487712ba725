# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was changed, by whom, and what became of it: the history, and the system's journal."""

import time

import pytest
from gi.repository import GLib

from harness import failures
from harness.machine import raises, wait_for
from harness.past import NOBODY, end, history, messages, outcomes, revert, shown
from harness.polkit import ASKABLE, allow
from harness.sshd import DROP_IN, OVERRIDE, everywhere, files, override, ports
from harness.state import STATE

HISTORY = f'{STATE}/history'
BUSCTL = 'busctl call org.truenas.SSH /org/truenas/SSH org.truenas.SSH'
FIELDS = {'generation', 'time', 'uid', 'login-uid', 'outcome', 'changed', 'diff'}


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """A user "person", who may do nothing by itself."""
    failures.prepare(machine)


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it, but with a past."""
    yield
    failures.clean(machine)


def digest(machine):
    """The hash of the drop-in, empty where there is none."""
    if not machine.exists(DROP_IN):
        return ''
    return machine.run(['sha256sum', DROP_IN]).stdout.split()[0]


# The list

def test_nothing_has_happened_yet(machine):
    assert history(machine) == []
    assert machine.get('Generation') == 0


def test_fifty_are_kept(machine):
    for i in range(60):
        machine.apply({'Compression': i % 2 == 0})
    found = history(machine)
    assert [entry['generation'] for entry in found] == list(range(60, 10, -1))
    assert {entry['outcome'] for entry in found} == {'applied'}
    times = [entry['time'] for entry in found]
    assert times == sorted(times, reverse=True)


def test_fields(machine):
    tried = machine.apply({'TcpPort': 2200, 'TcpForwarding': False}, dry_run=True)
    before = time.time()
    result = machine.apply({'TcpPort': 2200, 'TcpForwarding': False})
    entry = history(machine)[0]
    assert set(entry) == FIELDS
    assert before <= entry['time'] / 1e6 <= time.time()
    assert shown(machine) == {
        'generation': result['generation'], 'uid': 0, 'login-uid': NOBODY, 'outcome': 'applied',
        'changed': ['TcpPort', 'TcpForwarding'], 'diff': tried['diff']}
    assert '+Port 2200\n' in entry['diff']


def test_foreign_lines_are_in_the_diff(machine):
    foreign = '/etc/ssh/sshd_config.d/50-site.conf'
    machine.write(foreign, 'Port 22\n')
    machine.apply({'TcpPort': 2200}, replace_foreign=True)
    diff = history(machine)[0]['diff']
    assert f'--- {foreign}\n' in diff
    assert '\n-Port 22\n' in diff and '\n+Port 2200\n' in diff


def test_what_changes_nothing_is_no_change(machine):
    machine.apply({'TcpPort': 2200})
    before = history(machine)
    machine.apply({'TcpPort': 2200})
    machine.apply({'TcpPort': 2201}, dry_run=True)
    with raises('UnknownGroup'):
        machine.apply({'PasswordLoginGroups': ['nobody-has-this']})
    assert history(machine) == before


def test_long_diff_is_cut_off(machine):
    text = ''.join(f'# {i:04} {"x" * 60}\n' for i in range(900))
    machine.apply({'AuxiliaryParameters': text})
    diff = history(machine)[0]['diff']
    assert len(diff) < 33000
    assert diff.splitlines()[-1].startswith('\\ Cut off here: ')
    assert diff.splitlines()[-2].startswith('+')
    generation = machine.get('Generation')
    machine.apply(reset=['AuxiliaryParameters'])
    revert(machine, generation)
    assert machine.get('AuxiliaryParameters') == text


def test_history_is_durable(machine):
    machine.apply({'TcpPort': 2200})
    before = history(machine)
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    assert history(machine) == before
    machine.reboot()
    assert history(machine) == before
    assert machine.path(HISTORY).stat().st_mode & 0o777 == 0o600


def test_list_is_not_for_everybody(machine):
    allow(machine, 'person', 'configure')
    with raises(ASKABLE, 'org.truenas.ssh.inspect'):
        history(machine, user='person')
    allow(machine, 'person', 'inspect')
    assert history(machine, user='person') == history(machine)


# Who

def test_login_uid_of_a_person_behind_root(machine):
    machine.run('echo 4711 >/proc/self/loginuid && '
                f"exec {BUSCTL} Apply 'a{{sv}}a{{sv}}' 1 TcpPort q 2200 0")
    entry = shown(machine)
    assert (entry['uid'], entry['login-uid']) == (0, 4711)
    message, = messages(machine, 'applied', entry['generation'] - 1)
    assert (message['TRUENAS_SSH_UID'], message['TRUENAS_SSH_LOGIN_UID']) == ('0', '4711')


def test_uid_of_somebody_who_is_allowed(machine):
    uid = int(machine.run(['id', '-u', 'person']).stdout)
    allow(machine, 'person', 'configure')
    machine.apply({'TcpPort': 2200}, user='person')
    assert shown(machine)['uid'] == uid
    message, = messages(machine, 'applied', machine.get('Generation') - 1)
    assert message['TRUENAS_SSH_UID'] == str(uid)
    assert message['TRUENAS_SSH_ACTION'] == 'org.truenas.ssh.configure'


# Connects to the bus and ends. Its child, who has the connection, calls when the number of the
# process that has connected is another user's, who is logged in as somebody else.
IMPOSTOR = r'''
import os, socket, time
from gi.repository import Gio, GLib

def log_in(uid):
    with open('/proc/self/loginuid', 'w') as file:
        file.write(str(uid))

def send(serial, name, path, method, args=None):
    message = Gio.DBusMessage.new_method_call(name, path, name, method)
    message.set_serial(serial)
    if args:
        message.set_body(args)
    bus.sendall(message.to_blob(Gio.DBusCapabilityFlags.NONE))
    time.sleep(0.2)

log_in(4711)
first = os.getpid()
bus = socket.socket(socket.AF_UNIX)
bus.connect('/run/dbus/system_bus_socket')
bus.sendall(b'\0AUTH EXTERNAL 30\r\nBEGIN\r\n')
send(1, 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'Hello')
if os.fork():
    os._exit(0)
while os.path.exists(f'/proc/{first}'):
    time.sleep(0.01)
with open('/run/proc/sys/kernel/ns_last_pid', 'w') as file:
    file.write(str(first - 1))
other = os.fork()
if other == 0:
    log_in(4712)
    os.setuid(65534)
    time.sleep(60)
    os._exit(0)
assert other == first, (other, first)
time.sleep(0.2)
send(2, 'org.truenas.SSH', '/org/truenas/SSH', 'Apply',
     GLib.Variant('(a{sv}a{sv})', ({'TcpPort': GLib.Variant('q', 2200)}, {})))
for _attempt in range(100):
    if b'TcpPort' in bus.recv(65536):
        break
os.kill(other, 9)
'''


def test_number_that_another_process_has_by_now(machine):
    before = machine.get('Generation')
    machine.run('mkdir /run/proc && mount -t proc writable /run/proc')
    machine.python(IMPOSTOR)
    machine.run('umount /run/proc && rmdir /run/proc')
    wait_for(lambda: outcomes(machine, before) == [(1, 'applied')])
    assert (shown(machine)['uid'], shown(machine)['login-uid']) == (0, NOBODY)


# What became of it

def test_confirmed(machine):
    before = machine.get('Generation')
    token = machine.apply({'TcpPort': 2200}, confirm_timeout=60)['token']
    assert outcomes(machine, before) == [(1, 'pending')]
    end(machine, 'Confirm', token)
    assert outcomes(machine, before) == [(1, 'confirmed')]
    assert history(machine)[0]['changed'] == ['TcpPort']
    assert len(messages(machine, 'pending', before)) == 1
    message, = messages(machine, 'confirmed', before)
    assert message['TRUENAS_SSH_BY_UID'] == '0'
    assert token not in machine.read(HISTORY)


def test_rolled_back_on_request(machine):
    before = machine.get('Generation')
    machine.apply({'TcpPort': 2200}, confirm_timeout=60)
    diff = history(machine)[0]['diff']
    end(machine, 'Rollback')
    assert outcomes(machine, before) == [(1, 'rolled-back')]
    assert history(machine)[0]['diff'] == diff
    message, = messages(machine, 'rolled-back', before)
    assert message['TRUENAS_SSH_SHA256_BEFORE'] == message['TRUENAS_SSH_SHA256_NOW'] == ''
    assert message['TRUENAS_SSH_BY_UID'] == '0'


def test_rolled_back_by_time(machine):
    before = machine.get('Generation')
    allow(machine, 'person', 'configure')
    machine.apply({'TcpPort': 2200}, confirm_timeout=10, user='person')
    uid = history(machine)[0]['uid']
    wait_for(lambda: outcomes(machine, before) == [(1, 'rolled-back')], 15)
    assert history(machine)[0]['uid'] == uid > 0
    message, = messages(machine, 'rolled-back', before)
    assert 'TRUENAS_SSH_BY_UID' not in message


def test_rolled_back_by_failure(machine):
    before = machine.get('Generation')
    failures.fail(machine, 'reload fails')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222})
    assert outcomes(machine, before) == [(1, 'rolled-back')]
    assert len(messages(machine, 'rolled-back', before)) == 1
    assert messages(machine, 'applied', before) == []


def test_failed_and_then_rolled_back(machine):
    before = machine.get('Generation')
    # Without a restart of systemd's own, before which prepare would bring back what was.
    override(machine, 'Restart=no\nExecReload=\nExecReload=/bin/sh -c "'
             'mv /usr/sbin/sshd /usr/sbin/sshd.real; kill -HUP $MAINPID"')
    with raises('RollbackFailed'):
        machine.apply({'TcpPort': 2222})
    assert outcomes(machine, before) == [(1, 'failed')]
    with raises('Conflict', 'has left no settings'):
        revert(machine, before + 1)
    told, generation = len(messages(machine, 'failed', before)), machine.get('Generation')
    assert told
    # It tries every few seconds; once is enough to tell, besides the answer to the call.
    time.sleep(10)
    assert len(messages(machine, 'failed', before)) <= told + 1
    assert machine.get('Generation') == generation
    machine.run(['mv', '/usr/sbin/sshd.real', '/usr/sbin/sshd'])
    machine.remove(OVERRIDE)
    machine.run(['systemctl', 'daemon-reload'])
    wait_for(lambda: outcomes(machine, before) == [(1, 'rolled-back')], 20)
    wait_for(lambda: ports(machine) == everywhere(22))


def test_rolled_back_before_sshd_starts(machine):
    before = machine.get('Generation')
    machine.apply({'TcpPort': 2200})
    machine.apply({'TcpPort': 2201}, confirm_timeout=600)
    text = machine.read(DROP_IN)
    machine.write(DROP_IN, text + '# by hand\n')
    machine.power_off()
    machine.boot()
    assert outcomes(machine, before) == [(1, 'applied'), (2, 'rolled-back'), (3, 'edited')]
    assert ports(machine) == everywhere(2200)
    assert '\n+# by hand\n' in history(machine)[0]['diff']
    message, = messages(machine, 'rolled-back', before)
    assert message['_SYSTEMD_UNIT'] == 'truenas-ssh-prepare.service'
    assert message['TRUENAS_SSH_SHA256_NOW'] == digest(machine)
    revert(machine, machine.get('Generation'))
    assert machine.get('TcpPort') == 2200


def test_cut_short_and_undone(machine):
    before = machine.get('Generation')
    override(machine, 'ExecReload=\nExecReload=/bin/sleep 2')
    caller = machine.popen(f"{BUSCTL} Apply 'a{{sv}}a{{sv}}' 1 TcpPort q 2200 0")
    wait_for(lambda: machine.exists(DROP_IN))
    machine.run(['systemctl', 'kill', '-s', 'KILL', 'truenas-ssh.service'])
    caller.wait(10)
    wait_for(lambda: outcomes(machine, before) == [(1, 'rolled-back')], 20)
    assert not machine.exists(DROP_IN)


# Edits by hand

def test_edit_that_is_replaced(machine):
    machine.apply({'TcpPort': 2200})
    before = machine.get('Generation')
    text = machine.read(DROP_IN)
    machine.write(DROP_IN, text.replace('Port 2200\n', 'Port 2200\nMaxSessions 3\n'))
    wait_for(lambda: machine.get('Generation') == before + 1)
    edited = digest(machine)
    machine.apply({'Compression': False}, overwrite_edits=True)
    assert outcomes(machine, before) == [(1, 'edited'), (2, 'applied')]
    entry = history(machine)[1]
    assert (entry['uid'], entry['login-uid'], entry['changed']) == (NOBODY, NOBODY, [])
    assert f'--- {DROP_IN}\n+++ {DROP_IN}\n@@ ' in entry['diff']
    assert [line for line in entry['diff'].splitlines()[2:] if line[0] in '+-'] \
        == ['+MaxSessions 3']
    message, = messages(machine, 'edited', before)
    assert message['TRUENAS_SSH_SHA256_BEFORE'] == edited
    assert message['TRUENAS_SSH_SHA256_NOW'] == digest(machine)
    with raises('Conflict', f'generation {before + 1} has left no settings'):
        revert(machine, before + 1)


def test_edit_that_was_not_replaced_after_all(machine):
    machine.apply({'TcpPort': 2200})
    before = machine.get('Generation')
    machine.write(DROP_IN, machine.read(DROP_IN) + '# by hand\n')
    failures.fail(machine, 'reload fails')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222}, overwrite_edits=True)
    assert '# by hand' in machine.read(DROP_IN)
    assert [outcome for _generation, outcome in outcomes(machine, before)] == ['rolled-back']
    with raises('Conflict', 'has left no settings'):
        revert(machine, history(machine)[0]['generation'])


def test_edit_on_probation(machine):
    before = machine.get('Generation')
    machine.apply({'TcpPort': 2200}, confirm_timeout=10)
    machine.write(DROP_IN, machine.read(DROP_IN) + '# by hand\n')
    wait_for(lambda: outcomes(machine, before) == [(1, 'rolled-back'), (2, 'edited')], 15)
    assert history(machine)[0]['diff'].endswith('+# by hand\n')
    wait_for(lambda: machine.get('Generation') > before + 2)


def test_edit_that_is_no_text(machine):
    machine.apply({'TcpPort': 2200})
    target = machine.path(DROP_IN)
    target.write_bytes(target.read_bytes() + b'# \xff\xfe \x1b[31m\n')
    machine.apply({'TcpPort': 2201}, overwrite_edits=True)
    edit = history(machine)[1]
    assert edit['outcome'] == 'edited'
    assert edit['diff'].endswith('+# \ufffd\ufffd \x1b[31m\n')


# The journal

def test_messages(machine):
    before = machine.get('Generation')
    first = digest(machine)
    result = machine.apply({'TcpPort': 2200, 'PasswordAuthentication': True})
    message, = messages(machine, 'applied', before)
    expected = {
        'MESSAGE': f'Generation {before + 1} is applied: TcpPort, PasswordAuthentication',
        'PRIORITY': '5',
        '_SYSTEMD_UNIT': 'truenas-ssh.service',
        'TRUENAS_SSH_OUTCOME': 'applied',
        'TRUENAS_SSH_GENERATION': str(result['generation']),
        'TRUENAS_SSH_CHANGED': 'TcpPort PasswordAuthentication',
        'TRUENAS_SSH_ACTION': 'org.truenas.ssh.configure org.truenas.ssh.configure-authentication',
        'TRUENAS_SSH_UID': '0',
        'TRUENAS_SSH_LOGIN_UID': str(NOBODY),
        'TRUENAS_SSH_SHA256_BEFORE': first,
        'TRUENAS_SSH_SHA256_NOW': digest(machine),
    }
    assert {key: message[key] for key in expected} == expected
    assert {key for key in message if key.startswith('TRUENAS_')} \
        == {key for key in expected if key.startswith('TRUENAS_')}


FORGED = '''# MESSAGE_ID=58281f75eb8942dbb37b0037d3f17734
# TRUENAS_SSH_UID=424242424
TRUENAS_SSH_UID=424242424
MESSAGE=Generation 1 is confirmed
# ')], b\\n', 'truenas-ssh history 1\\n" %s %n {} <uint16 1>
'''


def test_nothing_can_be_forged(machine):
    before = machine.get('Generation')
    text = '\n'.join(f'# {line}' for line in FORGED.splitlines()) + '\n'
    machine.apply({'AuxiliaryParameters': text})
    for change in ({'AuxiliaryParameters': '# \x1b[31mred'}, {'AuxiliaryParameters': '# a\rb'},
                   {'PasswordLoginGroups': ['a\nTRUENAS_SSH_UID=424242424']},
                   {'BindInterfaces': ['a\n\x1b[31m']}, {'a\nMESSAGE=b': GLib.Variant('b', True)}):
        with raises('InvalidSetting'):
            machine.apply(change)
    entry = shown(machine)
    assert entry['generation'] == before + 1
    assert all(f'\n+# {line}\n' in entry['diff'] for line in FORGED.splitlines())
    message, = messages(machine, 'applied', before)
    assert message['MESSAGE'] == f'Generation {before + 1} is applied: AuxiliaryParameters'
    assert message['TRUENAS_SSH_UID'] == '0'
    assert messages(machine, 'confirmed', before) == []
    assert '424242424' not in machine.journal('truenas-ssh.service')
    then = machine.get('Generation')
    machine.apply({'TcpPort': 2200}, reset=['AuxiliaryParameters'])
    revert(machine, then)
    assert machine.get('AuxiliaryParameters') == text


# Damage, and no room

@pytest.mark.parametrize('damage', [
    f'echo nonsense >{HISTORY}', f': >{HISTORY}', f'sed -i s/applied/APPLIED/ {HISTORY}',
    f'truncate -s -9 {HISTORY}', f'head -c 5000000 /dev/zero >{HISTORY}',
    f'rm {HISTORY}; mkdir {HISTORY}'])
def test_broken_history_begins_anew(machine, damage):
    then = machine.apply({'TcpPort': 2200})['generation']
    machine.run(['rm', '-rf', f'{HISTORY}.broken'])
    machine.run(damage)
    assert history(machine) == []
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    assert history(machine) == []
    with raises('Conflict'):
        revert(machine, then)
    machine.apply({'TcpPort': 2201})
    assert outcomes(machine, 0) == [(then + 1, 'applied')]
    assert machine.exists(f'{HISTORY}.broken')
    revert(machine, 0)
    assert ports(machine) == everywhere(22)


@pytest.fixture
def small_disk(machine):
    """The state on a disk of its own with a long history and little room."""
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    machine.run(f'cp -a {STATE} /root/state; mount -t tmpfs -o size=1m,mode=0700 small {STATE};'
                f' cp -a /root/state/. {STATE}/; rm -r /root/state')
    for i in range(4):
        machine.apply({'AuxiliaryParameters': f'# {i}' * 10000})
    machine.apply(reset=['AuxiliaryParameters'])
    yield
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    machine.run(['umount', STATE])


def fill(machine, pages):
    """Leave room for so many pages of 4 KiB."""
    free = int(machine.run(['stat', '-f', '-c', '%f', STATE]).stdout)
    machine.run(['dd', 'if=/dev/zero', f'of={STATE}/filler', 'bs=4096', f'count={free - pages}'])


def test_no_room_for_the_history(machine, small_disk):
    """A change that there is room to undo is made, and the system's journal tells of it."""
    before, then = history(machine), machine.get('Generation')
    fill(machine, 4)
    machine.apply({'TcpPort': 2200})
    assert ports(machine) == everywhere(2200)
    assert history(machine) == before
    assert len(messages(machine, 'applied', then)) == 1
    assert f'The history lacks generation {then + 1}: {HISTORY}' \
        in machine.journal('truenas-ssh.service')
    with raises('Conflict', f'generation {then + 1} is not in the history'):
        revert(machine, then + 1)
    machine.remove(f'{STATE}/filler')
    machine.apply({'TcpPort': 2201})
    assert outcomes(machine, then) == [(2, 'applied')]


def test_no_room_at_all(machine, small_disk):
    """Without the room to undo it, a change is refused, and nothing is touched."""
    before = history(machine)
    fill(machine, 0)
    etc = files(machine)
    with raises('Failed', f'^{STATE}/.*No space left on device$'):
        machine.apply({'TcpPort': 2200})
    assert files(machine) == etc
    assert history(machine) == before
    assert ports(machine) == everywhere(22)


def test_no_room_when_it_is_rolled_back(machine, small_disk):
    then = machine.get('Generation')
    machine.apply({'TcpPort': 2200}, confirm_timeout=60)
    fill(machine, 0)
    end(machine, 'Rollback')
    assert ports(machine) == everywhere(22)
    assert len(messages(machine, 'rolled-back', then)) == 1
    machine.remove(f'{STATE}/filler')
    machine.apply({'TcpPort': 2201})
    assert outcomes(machine, then)[-1][1] == 'applied'
