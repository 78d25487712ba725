# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change on probation is kept when it is confirmed, and undone when it is not."""

import hashlib
import re
import time

import pytest
from gi.repository import GLib
from harness.machine import raises, wait_for

DROP_IN = '/etc/ssh/sshd_config.d/00-truenas.conf'
JOURNAL = '/var/lib/truenas-ssh/journal'
HISTORY = '/var/lib/truenas-ssh/history'
CALL = ('busctl', 'call', 'org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH')


@pytest.fixture(autouse=True)
def settled(machine):
    """Every test begins with TcpPort 2200, and ends with nothing pending."""
    machine.apply({'TcpPort': 2200})
    yield
    if machine.get('PendingDeadline') > (time.time() + 5) * 1e6:
        end(machine, 'Rollback', '')
    wait_for(lambda: machine.get('PendingDeadline') == 0, 10)


@pytest.fixture(scope='module')
def far(machine):
    """The second host, from which root can log in by key at 10.20.0.1."""
    machine.key_add('root')
    machine.user_add('bystander', 'a password')
    return machine.add_interface('lan0', '10.20.0.1/24', '10.20.0.2/24')


def end(machine, method, token):
    """Confirm or roll back."""
    machine.call(method, GLib.Variant('(s)', (token,)))


def ports(machine):
    """Where sshd listens."""
    return {port for _address, port, process in machine.listening() if process == 'sshd'}


def timers(machine):
    """The deadline timers that systemd has."""
    return machine.run("systemctl list-units --all --plain --no-legend 'truenas-ssh-deadline-*'").stdout


def outcome(machine):
    """How the last change went."""
    return machine.get('LastChange')['outcome']


def test_no_clock_that_can_be_set_ends_it(machine):
    """Whoever sets the machine's clock neither ends the time nor stretches it."""
    machine.apply({'TcpPort': 2201}, confirm_timeout=60)
    timer = re.search(r'\S+\.timer', timers(machine))[0]
    assert machine.show(timer, 'TimersCalendar') == ''
    assert machine.show(timer, 'NextElapseUSecRealtime') == ''
    assert machine.show(timer, 'TimersMonotonic').startswith('{ OnActiveUSec=1min')
    # On the clock that counts from boot on, in the record that the next boot goes by.
    deadline = int(re.search(r"\(uint64 \d+, '[^']*', (?:int64 )?(\d+)", machine.read(JOURNAL))[1])
    assert 0 < deadline / 1e6 - time.clock_gettime(time.CLOCK_BOOTTIME) <= 60
    end(machine, 'Rollback', '')


def test_pending_says_until_when(machine):
    before = time.time()
    result = machine.apply({'TcpPort': 2201}, confirm_timeout=60)
    assert result['changed'] == ['TcpPort']
    assert before + 58 < result['deadline'] / 1e6 < time.time() + 61
    assert abs(machine.get('PendingDeadline') - result['deadline']) <= 100000
    assert len(result['token']) == 32
    assert outcome(machine) == 'pending'
    assert ports(machine) == {2201}
    assert 'timer' in timers(machine)


def test_what_changes_nothing_is_not_pending(machine):
    result = machine.apply({'TcpPort': 2200}, confirm_timeout=60)
    assert result['changed'] == [] and 'token' not in result
    assert machine.get('PendingDeadline') == 0
    assert outcome(machine) == 'applied'
    assert timers(machine) == ''
    machine.apply({'TcpPort': 2201})


def test_confirmed_is_kept(machine):
    result = machine.apply({'TcpPort': 2202}, confirm_timeout=10)
    end(machine, 'Confirm', result['token'])
    assert machine.get('PendingDeadline') == 0
    assert outcome(machine) == 'confirmed'
    assert timers(machine) == ''
    time.sleep(12)
    assert ports(machine) == {2202}
    assert machine.get('TcpPort') == 2202


def test_how_it_ended_is_told_with_the_end(machine):
    """A look at the machine that meets the confirmation half done is not told of."""
    state = {}
    for delay in range(80, 140, 2):
        machine.apply({'TcpPort': 2200 + delay}, confirm_timeout=60)
        state |= {'PendingDeadline': 1, 'LastChange': {'outcome': 'pending'}}
        with machine.signals() as signals:
            machine.run(['touch', '/etc/ssh/hint'])
            time.sleep(delay / 1000)
            end(machine, 'Confirm', '')
            seen = signals.collect(0.3)
        for _member, (_interface, changed, _gone) in seen:
            state |= changed
            ended = state['PendingDeadline'] == 0
            assert ended is (state['LastChange']['outcome'] == 'confirmed'), (delay, seen)
        assert state['PendingDeadline'] == 0
    machine.remove('/etc/ssh/hint')


@pytest.mark.parametrize('said', ['confirmed', 'rolled-back'])
def test_end_that_was_cut_short(machine, said):
    """The history had it already, the journal has not."""
    machine.apply({'TcpPort': 2202}, confirm_timeout=60)
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    form, _sum, value, _end = machine.read(HISTORY).split('\n')
    value = value.replace("<'pending'>", f"<'{said}'>", 1)
    machine.write(HISTORY, '\n'.join((form, hashlib.sha256(value.encode()).hexdigest(), value, '')))
    assert machine.get('PendingDeadline') > 0
    assert machine.call('ListHistory')[0]['outcome'] == 'pending'
    end(machine, 'Confirm', '')
    assert machine.call('ListHistory')[0]['outcome'] == 'confirmed'


def test_nobody_confirms(machine):
    text = machine.read(DROP_IN)
    before = machine.get('Generation')
    machine.apply({'TcpPort': 2203}, confirm_timeout=10)
    wait_for(lambda: ports(machine) == {2200}, 12)
    wait_for(lambda: outcome(machine) == 'rolled-back', 2)
    assert machine.read(DROP_IN) == text
    assert machine.get('TcpPort') == 2200
    assert machine.get('Generation') > before + 1
    assert machine.get('PendingDeadline') == 0


def test_rolled_back_on_request(machine):
    result = machine.apply({'TcpPort': 2204, 'TcpForwarding': False}, confirm_timeout=60)
    end(machine, 'Rollback', result['token'])
    assert ports(machine) == {2200}
    assert outcome(machine) == 'rolled-back'
    assert machine.get('ManagedSettings') == ['TcpPort']
    assert timers(machine) == ''


def test_other_changes_wait(machine):
    result = machine.apply({'TcpPort': 2205}, confirm_timeout=60)
    with raises('Busy', 'pending'):
        machine.apply({'TcpPort': 2206})
    machine.apply({'TcpPort': 2206}, dry_run=True)
    assert ports(machine) == {2205}
    end(machine, 'Confirm', result['token'])
    machine.apply({'TcpPort': 2206})


def test_only_its_own_token_counts(machine):
    result = machine.apply({'TcpPort': 2207}, confirm_timeout=60)
    for method in ('Confirm', 'Rollback'):
        for token in ('0' * 32, result['token'][:-1], result['token'] + '0', ' '):
            with raises('org.freedesktop.DBus.Error.AccessDenied', 'token'):
                end(machine, method, token)
    assert ports(machine) == {2207}
    assert machine.get('PendingDeadline')


def test_token_is_enough_for_anybody(machine, far):
    result = machine.apply({'TcpPort': 2208}, confirm_timeout=60)
    with raises('org.freedesktop.DBus.Error.InteractiveAuthorizationRequired'):
        machine.call('Confirm', GLib.Variant('(s)', ('',)), user='bystander')
    machine.call('Confirm', GLib.Variant('(s)', (result['token'],)), user='bystander')
    assert outcome(machine) == 'confirmed'


@pytest.mark.parametrize('method', ['Confirm', 'Rollback'])
def test_nothing_is_pending(machine, method):
    with raises('NotPending'):
        end(machine, method, '')


@pytest.mark.parametrize('options', [
    {'confirm_timeout': 9}, {'confirm_timeout': 3601}, {'confirm_timeout': 0},
    {'confirm_on_login': True}, {'confirm_timeout': 60, 'confirm_on_login': True}])
def test_options_that_make_no_sense(machine, options):
    with raises('InvalidOption', '^confirm-'):
        machine.apply({'TcpPort': 2209}, **options)
    assert ports(machine) == {2200}


def undone(machine, expected=2200):
    """Whether sshd is back on this port, and the service has seen it."""
    return ports(machine) == {expected} and machine.get('PendingDeadline') == 0


def test_caller_that_leaves_at_once(machine):
    machine.run([*CALL, 'Apply', 'a{sv}a{sv}', '1', 'TcpPort', 'q', '2210',
                 '1', 'confirm-timeout', 'u', '10'])
    assert ports(machine) == {2210}
    wait_for(lambda: undone(machine), 12)


def test_service_that_is_stopped(machine):
    machine.apply({'TcpPort': 2211}, confirm_timeout=10)
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    assert ports(machine) == {2211}
    wait_for(lambda: ports(machine) == {2200}, 15)
    assert undone(machine)


def test_all_else_is_stopped(machine):
    """What systemd does to everything that a target does not name; sshd's own it does name."""
    machine.apply({'TcpPort': 2215}, confirm_timeout=10)
    machine.run(['systemctl', 'isolate', 'multi-user.target'])
    assert ports(machine) == {2215}
    wait_for(lambda: ports(machine) == {2200}, 15)
    wait_for(lambda: undone(machine))


def test_its_time_is_up_in_rescue_mode(machine):
    """Nothing starts sshd there; when it is back, so are the settings."""
    machine.apply({'TcpPort': 2217}, confirm_timeout=10)
    machine.run(['systemctl', 'isolate', 'rescue.target'])
    time.sleep(13)
    assert machine.show('ssh.service', 'ActiveState') == 'inactive'
    machine.run(['systemctl', 'isolate', 'multi-user.target'])
    wait_for(lambda: ports(machine) == {2200})
    wait_for(lambda: undone(machine))


def test_who_watches_is_gone_and_sshd_starts(machine):
    """As after a soft reboot, in which systemd forgets the timer."""
    machine.apply({'TcpPort': 2216}, confirm_timeout=15)
    machine.run("systemctl stop 'truenas-ssh-deadline-*.timer' truenas-ssh.service")
    machine.restart_sshd()
    assert ports(machine) == {2216}
    wait_for(lambda: ports(machine) == {2200}, 20)
    wait_for(lambda: undone(machine))


def test_service_that_is_killed(machine):
    machine.apply({'TcpPort': 2212}, confirm_timeout=10)
    first = machine.daemon_pid()
    machine.run(['systemctl', 'kill', '-s', 'KILL', 'truenas-ssh.service'])
    wait_for(lambda: machine.daemon_pid() not in (0, first), 5)
    assert machine.get('PendingDeadline')
    assert outcome(machine) == 'pending'
    assert ports(machine) == {2212}
    wait_for(lambda: undone(machine), 15)


def test_token_outlives_the_service(machine):
    result = machine.apply({'TcpPort': 2213}, confirm_timeout=60)
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    end(machine, 'Confirm', result['token'])
    assert ports(machine) == {2213}


def test_edit_by_hand_in_the_window(machine):
    machine.apply({'TcpPort': 2214}, confirm_timeout=10)
    machine.write(DROP_IN, machine.read(DROP_IN) + '# by hand\n')
    machine.run(['systemctl', 'reload', 'ssh'])
    wait_for(lambda: ports(machine) == {2200}, 15)
    wait_for(lambda: outcome(machine) == 'rolled-back', 2)
    assert '# by hand' not in machine.read(DROP_IN)
    kept = machine.run('cat /var/lib/truenas-ssh/edited-*').stdout
    assert 'Port 2214' in kept and '# by hand' in kept


def test_foreign_lines_come_back(machine):
    machine.apply(reset=['TcpPort'])
    machine.write('/etc/ssh/sshd_config.d/50-site.conf', 'Port 2222')
    machine.run(['systemctl', 'reload', 'ssh'])
    wait_for(lambda: ports(machine) == {2222}, 5)
    machine.apply({'TcpPort': 2215}, replace_foreign=True, confirm_timeout=10)
    assert ports(machine) == {2215}
    wait_for(lambda: undone(machine, 2222), 15)
    assert machine.read('/etc/ssh/sshd_config.d/50-site.conf') == 'Port 2222'
    assert not machine.exists(DROP_IN)
    machine.run(['rm', '/etc/ssh/sshd_config.d/50-site.conf'])


def ask_for_login(machine, far, port):
    """Root, logged in from the second host, moves the port until he logs in again."""
    done = machine.ssh('root', *CALL, 'Apply', "'a{sv}a{sv}'", '1', 'TcpPort', 'q', str(port), '2',
                       'confirm-timeout', 'u', '60', 'confirm-on-login', 'b', 'true',
                       key='/root/key-root', host='10.20.0.1', port=2200, netns=far)
    assert done.returncode == 0, done.stderr
    assert outcome(machine) == 'pending'


def test_login_of_the_caller_confirms(machine, far):
    ask_for_login(machine, far, 2216)
    machine.ssh('root', 'true', key='/root/key-root', host='10.20.0.1', port=2216, netns=far,
                check=True)
    wait_for(lambda: outcome(machine) == 'confirmed', 5)
    assert ports(machine) == {2216}


def test_logins_that_do_not_confirm(machine, far):
    ask_for_login(machine, far, 2217)
    machine.ssh('root', 'true', key='/root/key-root', port=2217, check=True)
    machine.ssh('bystander', 'true', password='a password', host='10.20.0.1', port=2217, netns=far,
                check=True)
    time.sleep(1)
    assert outcome(machine) == 'pending'
    assert machine.get('PendingDeadline')


# Connects at once, and says nothing until it is told to.
LATER = "sh -c '(until [ -e /root/go ]; do sleep 0.05; done; exec cat) | socat - TCP:%h:%p'"


def test_login_that_began_before_does_not_confirm(machine, far):
    """The server behind it is the one from before, and proves nothing of the new one."""
    command = machine.ssh_command('root', 'true', key='/root/key-root', host='10.20.0.1', port=2200,
                                  netns=far, options={'ProxyCommand': LATER, 'ConnectTimeout': 60})
    with machine.popen(command) as login:
        wait_for(lambda: machine.run("ss -Hnt state established '( sport = :2200 )'").stdout)
        ask_for_login(machine, far, 2218)
        machine.write('/root/go', '')
        assert login.wait(20) == 0
    time.sleep(1)
    assert outcome(machine) == 'pending'
    assert machine.get('PendingDeadline')
