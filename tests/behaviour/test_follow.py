# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bound interfaces come and go, and sshd goes with them; it never listens anywhere else."""


import pytest
from gi.repository import GLib

from harness.machine import wait_for
from harness.outside import may, refuses_connections
from harness.sshd import DROP_IN, Session, everywhere, override, ports, sockets

NAME = 'BindInterfaces'
OWN = 'truenas-ssh.service'
ADDRESSES = {'lan0': '10.20.0.1', 'lan1': '10.30.0.1'}


def plug(machine, name):
    """Plug in a cable with an address at both ends; the far host is the same each time."""
    address = ADDRESSES[name]
    machine.add_interface(name, f'{address}/24', f'{address[:-1]}2/24')


def bound(*names):
    """The sockets of an sshd that is bound to interfaces."""
    found = {('127.0.0.1%lo', 22), ('[::1]%lo', 22)}
    for name in names:
        found |= {(f'0.0.0.0%{name}', 22), (f'[::]%{name}', 22)}
    return found


def is_bound(machine, *names):
    """Wait until sshd is bound to these, and to nothing else."""
    wait_for(lambda: ports(machine) == bound(*names), 15)


def reaches(machine, name, host=None):
    """Whether the host at the far end gets in."""
    return may(machine, 'nic', key='/root/key-nic', host=host or ADDRESSES[name],
               netns=f'{name}-far')


def codes(machine, code):
    """The interfaces that the warnings of one code name."""
    return sorted(each['interface'] for each in machine.warnings().get(code, []))


def is_settled(machine):
    """Wait until nothing is under way any more."""
    wait_for(lambda: machine.get('Warnings') is not None and 'not-listening'
             not in machine.warnings())


@pytest.fixture(scope='module', autouse=True)
def cables(machine):
    """Two cables, and a user with a key."""
    machine.user_add('nic')
    machine.key_add('nic')
    for name in ADDRESSES:
        plug(machine, name)


@pytest.fixture(autouse=True)
def both(machine):
    """Each test begins bound to both."""
    for name in ADDRESSES:
        if name not in machine.run('ls /sys/class/net').stdout.split():
            plug(machine, name)
    machine.apply({NAME: ['lan0', 'lan1']})
    is_bound(machine, 'lan0', 'lan1')


def test_vanishes_and_comes_back(machine):
    with Session(machine, 'nic', key='/root/key-nic') as session:
        machine.remove_interface('lan1')
        is_bound(machine, 'lan0')
        assert reaches(machine, 'lan0')
        wait_for(lambda: codes(machine, 'interface-missing') == ['lan1'])
        assert 'lan1 ' not in machine.sshd_T()['listenaddress']
        plug(machine, 'lan1')
        is_bound(machine, 'lan0', 'lan1')
        wait_for(lambda: codes(machine, 'interface-missing') == [])
        assert reaches(machine, 'lan1') and reaches(machine, 'lan0')
        assert session.lives()
    assert machine.get(NAME) == ['lan0', 'lan1']
    assert 'edited-by-hand' not in machine.warnings()


def test_session_through_the_other_one_survives(machine):
    with Session(machine, 'nic', key='/root/key-nic', netns='lan0-far',
                 host=ADDRESSES['lan0']) as session:
        for _ in range(3):
            machine.remove_interface('lan1')
            is_bound(machine, 'lan0')
            plug(machine, 'lan1')
            is_bound(machine, 'lan0', 'lan1')
        assert session.lives()


def test_deleted_and_made_again_at_once(machine):
    """The text stays the same, the device does not."""
    text = machine.read(DROP_IN)
    for _ in range(3):
        before = sockets(machine)
        machine.remove_interface('lan1')
        plug(machine, 'lan1')
        wait_for(lambda: not sockets(machine) & before, 15)
        is_bound(machine, 'lan0', 'lan1')
        assert reaches(machine, 'lan1')
    assert machine.read(DROP_IN) == text


def test_new_address_needs_no_reload(machine):
    before = sockets(machine)
    machine.run('ip address flush dev lan1; ip address add 10.31.0.1/24 dev lan1;'
                ' ip -n lan1-far address add 10.31.0.2/24 dev lan1p')
    assert reaches(machine, 'lan1', host='10.31.0.1')
    machine.run('ip address add fe80::77/64 dev lan1 nodad;'
                ' ip -n lan1-far address add fe80::78/64 dev lan1p nodad')
    assert reaches(machine, 'lan1', host='fe80::77%lan1p')
    assert sockets(machine) == before
    machine.remove_interface('lan1')


def test_renamed(machine):
    machine.run('ip link set lan1 down; ip link set lan1 name uplink1; ip link set uplink1 up')
    is_bound(machine, 'lan0')
    wait_for(lambda: codes(machine, 'interface-renamed') == ['lan1'])
    told, = machine.warnings()['interface-renamed']
    assert told['name'] == 'uplink1'
    assert told['message'] == 'BindInterfaces: “lan1” is called “uplink1” now; name that one instead'
    assert codes(machine, 'interface-missing') == ['lan1']
    machine.run(f'ip address add {ADDRESSES["lan1"]}/24 dev uplink1', check=False)
    assert refuses_connections(machine, host=ADDRESSES['lan1'], netns='lan1-far')
    machine.run('ip link set uplink1 down; ip link set uplink1 name lan1; ip link set lan1 up')
    is_bound(machine, 'lan0', 'lan1')
    wait_for(lambda: codes(machine, 'interface-renamed') == [])
    assert reaches(machine, 'lan1')


def test_others_are_none_of_its_business(machine):
    before, text = sockets(machine), machine.read(DROP_IN)
    pid = machine.daemon_pid()
    machine.run('for i in $(seq 100); do ip link add o$i type veth peer name p$i; done;'
                ' for i in $(seq 100); do ip link delete o$i; done;'
                ' for i in $(seq 200); do ip address add 10.99.0.$i/32 dev lan1; done;'
                ' for i in $(seq 200); do ip address delete 10.99.0.$i/32 dev lan1; done')
    is_settled(machine)
    assert sockets(machine) == before
    assert machine.read(DROP_IN) == text
    assert machine.daemon_pid() == pid


def test_a_burst_is_one_reload(machine):
    machine.run(['journalctl', '--sync'])
    before = machine.journal('ssh.service').count('Reloaded ')
    machine.run('for i in $(seq 10); do ip link delete lan1;'
                ' ip link add lan1 type veth peer name lan1p netns lan1-far; done')
    is_bound(machine, 'lan0', 'lan1')
    is_settled(machine)
    machine.run(['journalctl', '--sync'])
    assert 1 <= machine.journal('ssh.service').count('Reloaded ') - before <= 3
    machine.remove_interface('lan1')


def test_nothing_else_answers_on_the_way(machine):
    """From the side that is not to be let in, at every moment."""
    machine.apply({NAME: ['lan0']})
    answers = machine.popen(
        ['ip', 'netns', 'exec', 'lan1-far', '/usr/bin/python3', '-c', SAMPLER], text=True,
        stdout=-1, stdin=-1)
    for _ in range(3):
        machine.remove_interface('lan0')
        is_bound(machine)
        plug(machine, 'lan0')
        is_bound(machine, 'lan0')
    out, _err = answers.communicate('stop\n', 10)
    asked, answered = map(int, out.split())
    assert asked > 300
    assert answered == 0


SAMPLER = f'''
import select, socket, struct, sys
asked = answered = 0
while not select.select ([sys.stdin], [], [], 0.002)[0]:
    with socket.socket () as s:
        s.settimeout (1)
        s.setsockopt (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack ('ii', 1, 0))
        asked += 1
        answered += s.connect_ex (('{ADDRESSES['lan1']}', 22)) == 0
print (asked, answered)
'''


def test_told_of_a_device_that_is_gone(machine):
    """Where systemd does not see to it, the service does when it comes."""
    machine.run(['systemctl', 'mask', '--runtime', 'truenas-ssh-revive@ssh.service.service'])
    machine.run(['systemctl', 'stop', OWN])
    machine.remove_interface('lan1')
    machine.run(['kill', '-HUP', str(machine.sshd_pid())])
    wait_for(lambda: machine.show('ssh.service', 'ActiveState') == 'failed')
    machine.run(['systemctl', 'unmask', '--runtime', 'truenas-ssh-revive@ssh.service.service'])
    machine.get('Version')
    is_bound(machine, 'lan0')
    assert reaches(machine, 'lan0')


def test_restarted_while_it_is_gone(machine):
    machine.run(f'systemctl stop {OWN}; ip link delete lan1; systemctl restart ssh')
    is_bound(machine, 'lan0')
    plug(machine, 'lan1')
    machine.get('Version')
    is_bound(machine, 'lan0', 'lan1')


def test_pending_change_and_a_vanished_interface(machine):
    """The way back leads to the settings, for the interfaces that are there by then."""
    token = machine.apply({'TcpPort': 2200}, confirm_timeout=600)['token']
    machine.remove_interface('lan1')
    wait_for(lambda: {port for _address, port in ports(machine)} == {2200}
             and not any('lan1' in address for address, _port in ports(machine)))
    machine.call('Rollback', GLib.Variant('(s)', (token,)))
    is_bound(machine, 'lan0')
    assert not [name for name in machine.run('ls /var/lib/truenas-ssh').stdout.split()
                if name.startswith('edited')]
    assert 'edited' not in {entry['outcome'] for entry in machine.call('ListHistory')}
    plug(machine, 'lan1')
    is_bound(machine, 'lan0', 'lan1')


def test_stopped_sshd_stays_stopped(machine):
    machine.run(['systemctl', 'stop', 'ssh'])
    machine.remove_interface('lan1')
    wait_for(lambda: 'lan1' not in machine.read(DROP_IN).split('rdomain', 1)[1])
    plug(machine, 'lan1')
    wait_for(lambda: 'rdomain lan1' in machine.read(DROP_IN))
    assert machine.show('ssh.service', 'ActiveState') == 'inactive'
    machine.run(['systemctl', 'start', 'ssh'])
    is_bound(machine, 'lan0', 'lan1')


def test_edited_by_hand_is_left_alone(machine):
    text = machine.read(DROP_IN) + '# by hand\n'
    machine.write(DROP_IN, text)
    wait_for(lambda: 'edited-by-hand' in machine.warnings())
    machine.remove_interface('lan1')
    is_settled_for = machine.get('Generation')
    assert machine.read(DROP_IN) == text
    assert machine.get('Generation') == is_settled_for
    machine.apply({NAME: ['lan0']}, overwrite_edits=True, allow_lockout=True)
    is_bound(machine, 'lan0')


def test_sshd_that_cannot_be_told_is_told_later(machine):
    override(machine, 'ExecReload=\nExecReload=/bin/false')
    machine.remove_interface('lan1')
    wait_for(lambda: 'trying again' in machine.journal(OWN), 20)
    assert any('lan0' in address for address, _port in ports(machine))
    machine.run('rm /run/systemd/system/ssh.service.d/90-test.conf; systemctl daemon-reload')
    is_bound(machine, 'lan0')


def test_late_at_boot(machine):
    """None of them is there: nobody but the machine itself gets in, until they come."""
    machine.reboot()
    assert ports(machine) == bound()
    assert machine.show('ssh.service', 'ActiveState') == 'active'
    # Nobody has called it.
    wait_for(lambda: machine.show(OWN, 'ActiveState') == 'active')
    assert 'ordering cycle' not in machine.journal(None, None, '-b')
    plug(machine, 'lan0')
    is_bound(machine, 'lan0')
    assert reaches(machine, 'lan0')
    plug(machine, 'lan1')
    is_bound(machine, 'lan0', 'lan1')
    assert reaches(machine, 'lan1')


def test_bound_again_by_a_reboot(machine):
    """Nobody has confirmed that sshd is to listen everywhere; the interfaces are late, as before."""
    machine.apply(reset=[NAME], confirm_timeout=600)
    assert ports(machine) == everywhere(22)
    machine.reboot()
    assert ports(machine) == bound()
    plug(machine, 'lan0')
    is_bound(machine, 'lan0')
    assert reaches(machine, 'lan0')


def test_bound_until_a_reboot(machine):
    machine.apply(reset=[NAME])
    machine.apply({NAME: ['lan0', 'lan1']}, confirm_timeout=600)
    is_bound(machine, 'lan0', 'lan1')
    machine.reboot()
    assert ports(machine) == everywhere(22)
    assert machine.show(OWN, 'ActiveState') == 'inactive'


def test_restart_of_sshd_brings_back_who_follows(machine):
    """However the service has gone, whatever starts sshd has it follow the interfaces again."""
    machine.run(['systemctl', 'stop', OWN])
    machine.remove_interface('lan1')
    machine.restart_sshd()
    wait_for(lambda: machine.show(OWN, 'ActiveState') == 'active')
    is_bound(machine, 'lan0')
    plug(machine, 'lan1')
    is_bound(machine, 'lan0', 'lan1')


def test_all_else_is_stopped(machine):
    """What systemd does to everything that a target does not name; sshd's own it does name."""
    machine.run(['systemctl', 'isolate', 'multi-user.target'])
    wait_for(lambda: machine.show(OWN, 'ActiveState') == 'active')
    machine.remove_interface('lan1')
    is_bound(machine, 'lan0')
    plug(machine, 'lan1')
    is_bound(machine, 'lan0', 'lan1')


def test_all_else_is_stopped_while_a_change_is_made(machine):
    """The service is busy until it ends, which is no reason not to start it again."""
    override(machine, 'ExecReload=\nExecReload=/bin/sleep 3\nExecReload=/bin/kill -HUP $MAINPID\n')
    machine.run("busctl call org.truenas.SSH /org/truenas/SSH org.truenas.SSH Apply 'a{sv}a{sv}'"
                " 1 Compression b false 0 & sleep 1.5; systemctl isolate multi-user.target; wait",
                check=False)
    override(machine)
    wait_for(lambda: machine.show(OWN, 'ActiveState') == 'active')
    machine.remove_interface('lan1')
    is_bound(machine, 'lan0')
    machine.apply(reset=['Compression'])


def test_masked_service_does_not_keep_sshd_from_starting(machine):
    machine.run(f'systemctl stop {OWN}; systemctl mask --runtime {OWN}')
    machine.restart_sshd()
    is_bound(machine, 'lan0', 'lan1')
    # Nobody will follow the interfaces, and somebody should know.
    assert machine.show('truenas-ssh-prepare.service', 'Result') == 'exit-code'
    machine.run(f'systemctl unmask --runtime {OWN}; systemctl restart ssh')
    assert machine.show('truenas-ssh-prepare.service', 'Result') == 'success'


def test_stays_only_while_it_is_needed(machine):
    machine.apply(reset=[NAME])
    assert ports(machine) == everywhere(22)
    before = sockets(machine)
    machine.remove_interface('lan1')
    is_settled(machine)
    assert sockets(machine) == before
    machine.reboot()
    assert machine.show(OWN, 'ActiveState') == 'inactive'
