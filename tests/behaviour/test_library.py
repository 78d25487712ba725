# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library, from Python: properties, calls, errors, and a service that comes and goes."""

import json

import pytest
from gi.repository import GLib

from harness.library import Watcher, script
from harness.machine import failure, wait_for

USER = 'scripter'


@pytest.fixture(scope='module', autouse=True)
def ground(machine):
    """Somebody without any privilege, and a way in for root."""
    machine.user_add(USER)
    machine.key_add('root')  # so that no change locks everybody out


@pytest.fixture(autouse=True)
def clean(machine):
    """Nothing is managed, whatever a test has done."""
    yield
    machine.remove('/etc/systemd/system/truenas-ssh.service')
    machine.run(['systemctl', 'daemon-reload'])
    wait_for(lambda: machine.get('PendingDeadline') == 0, 20)
    machine.apply(reset=machine.get('ManagedSettings'))


def plain(value):
    """A value as JSON has it: lists, no tuples."""
    return json.loads(json.dumps(value))


# Properties

def test_properties_have_the_types_of_the_interface(machine):
    found = script(machine, '''
client = TruenasSsh.Client.new()
p = client.props
tell([p.tcp_port, p.password_authentication, p.bind_interfaces, p.unit, p.sshd_version,
      p.generation, p.listen_addresses.unpack(), p.warnings.unpack()])
''', user=USER)
    assert found == [machine.get('TcpPort'), machine.get('PasswordAuthentication'), [],
                     'ssh.service', machine.get('SshdVersion'), machine.get('Generation'),
                     machine.get('ListenAddresses'), plain(machine.get('Warnings'))]
    assert found[0] == 22


def test_settings_are_those_that_can_be_set(machine):
    machine.apply({'Compression': False, 'AuxiliaryParameters': 'PrintMotd yes'})
    found = script(machine, 'tell(TruenasSsh.Client.new().get_settings().unpack())')
    names = [line.split()[0] for line in machine.run(
        ['busctl', 'introspect', 'org.truenas.SSH', '/org/truenas/SSH']).stdout.splitlines()]
    everything = machine.properties()
    assert found == {name: everything[name] for name in found}
    assert len(found) == 11 and {f'.{name}' for name in found} <= set(names)
    assert found['Compression'] is False and 'Unit' not in found


def test_properties_are_up_to_date_after_a_call_that_waits(machine):
    found = script(machine, '''
client = TruenasSsh.Client.new()
result = client.apply(change(TcpPort=2301)).unpack()
tell([client.props.tcp_port, client.props.managed_settings, result['changed'],
      result['generation'] == client.props.generation])
''')
    assert found == [2301, ['TcpPort'], ['TcpPort'], True]
    assert machine.sshd_T()['port'] == ['2301']


def test_refresh_without_a_main_loop(machine):
    found = script(machine, '''
import subprocess
client = TruenasSsh.Client.new()
subprocess.run(['busctl', 'call', 'org.truenas.SSH', '/org/truenas/SSH', 'org.truenas.SSH', 'Apply',
                'a{sv}a{sv}', '1', 'Compression', 'b', 'false', '0'], check=True,
               stdout=subprocess.DEVNULL)
before = client.props.managed_settings
client.refresh()
tell([before, client.props.managed_settings, client.props.compression])
''')
    assert found == [[], ['Compression'], False]


# Calls

def test_calls_give_what_the_service_gives(machine):
    machine.apply({'Compression': False})
    found = script(machine, '''
client = TruenasSsh.Client.new()
tell([client.list_interfaces().unpack(), client.list_groups('s', 3).unpack(),
      client.list_groups(None, 0).unpack(), client.list_host_keys().unpack(),
      client.check_login('root').unpack(), client.check_login('root', '192.0.2.1', None).unpack(),
      client.check_kerberos().unpack(), client.explain().unpack(),
      client.list_history().unpack()[0]])
''')
    for index, name in ((0, 'ListInterfaces'), (3, 'ListHostKeys'), (7, 'Explain')):
        assert found[index] == plain(machine.call(name))
    assert len(found[1]) == 3 and all(name.startswith('s') for name, _gid in found[1])
    assert ['root', 0] in found[2]
    assert 'publickey' in found[4]['methods'] and 'publickey' in found[5]['methods']
    assert found[6]['ready'] is False and found[6]['checks'][0][0] == 'sshd'
    assert found[8]['outcome'] == 'applied' and found[8]['changed'] == ['Compression']


def test_service_is_started_and_stopped(machine):
    found = script(machine, '''
client = TruenasSsh.Client.new()
states = []
for call in (client.stop, client.start, client.restart):
    assert call()
    states.append(client.props.active_state)
client.set_start_on_boot(False)
states.append(client.props.start_on_boot)
client.set_start_on_boot(True)
tell([*states, client.props.start_on_boot])
''')
    assert found == ['inactive', 'active', 'active', False, True]


def test_probation(machine):
    found = script(machine, '''
client = TruenasSsh.Client.new()
first = client.apply(change(Compression=False), options(confirm_timeout=300)).unpack()
seen = [client.props.pending_deadline == first['deadline']]
client.rollback(first['token'])
seen += [client.props.pending_deadline, client.props.managed_settings]
second = client.apply(change(Compression=False), options(confirm_timeout=300)).unpack()
client.confirm()
seen += [client.props.pending_deadline, client.props.managed_settings]
client.revert(0)
tell(seen + [client.props.managed_settings])
''')
    assert found == [True, 0, [], 0, ['Compression'], []]


def test_calls_that_do_not_wait(machine):
    found = script(machine, '''
loop = GLib.MainLoop()
seen = []
def on_error(client, result):
    try:
        client.confirm_finish(result)
    except GLib.Error as error:
        seen.append(error.matches(TruenasSsh.Error.quark(), TruenasSsh.Error.NOT_PENDING))
    loop.quit()
def on_groups(client, result):
    seen.append(client.list_groups_finish(result).unpack())
    client.confirm_async(None, None, on_error)
def on_applied(client, result):
    seen.append(client.apply_finish(result).unpack()['changed'])
    seen.append(client.props.tcp_port)
    client.list_groups_async('root', 0, None, on_groups)
def on_made(_source, result):
    client = TruenasSsh.Client.new_finish(result)
    seen.append(client.props.tcp_port)
    client.apply_async(change(TcpPort=2302), None, None, on_applied)
TruenasSsh.Client.new_async(None, on_made)
loop.run()
tell(seen)
''')
    assert found == [22, ['TcpPort'], 2302, [['root', 0]], True]


def test_over_another_connection(machine):
    found = script(machine, '''
address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM)
flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
         | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
bus = Gio.DBusConnection.new_for_address_sync(address, flags)
seen = [TruenasSsh.Client.new_for_connection(bus).props.tcp_port]
loop = GLib.MainLoop()
def on_made(_source, result):
    client = TruenasSsh.Client.new_for_connection_finish(result)
    seen.append(client.get_connection() == bus and client.props.tcp_port)
    loop.quit()
TruenasSsh.Client.new_for_connection_async(bus, None, on_made)
loop.run()
tell(seen)
''')
    assert found == [22, 22]


# Errors

CATCH = '''
def caught(call, *args):
    try:
        call(*args)
    except GLib.Error as error:
        return [error.domain, error.code, error.message]
client = TruenasSsh.Client.new()
'''


def test_errors_can_be_told_and_shown(machine):
    with machine.popen(['socat', 'TCP-LISTEN:2303,fork', 'STDOUT'], stdin=-3) as thief:
        wait_for(lambda: machine.listening(2303))
        found = script(machine, CATCH + '''
tell([TruenasSsh.Error.PORT_IN_USE, TruenasSsh.Error.INVALID_SETTING,
      caught(client.apply, change(TcpPort=2303)), caught(client.apply, change(TcpPort=0)),
      caught(client.apply, GLib.Variant('s', 'text'))])
''')
        machine.run(['pkill', '-KILL', '-x', 'socat'], check=False)
        thief.wait(10)
    domain = 'truenas-ssh-error-quark'
    assert found[2][:2] == [domain, found[0]] and found[2][2].startswith('TcpPort: another program')
    assert found[3][:2] == [domain, found[1]] and found[3][2].startswith('TcpPort: ')
    assert found[4][0] == 'g-dbus-error-quark'
    assert machine.get('ManagedSettings') == []


@pytest.mark.parametrize('interactive', [True, False])
def test_whoever_may_not_is_told_so(machine, interactive):
    """With nobody to be asked, and where nobody is to be asked: the same error."""
    found = script(machine, CATCH + f'''
client.props.interactive = {interactive}
tell([int(Gio.DBusError.ACCESS_DENIED), caught(client.apply, change(TcpPort=2304)),
      caught(client.explain)])
''', user=USER)
    for domain, code, message in found[1:]:
        assert (domain, code) == ('g-dbus-error-quark', found[0])
        assert message.startswith('org.truenas.ssh.')


def test_no_client_where_the_service_cannot_start(machine):
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    machine.run(['systemctl', 'mask', 'truenas-ssh.service'])
    found = script(machine, '''
seen = []
loop = GLib.MainLoop()
def on_made(_source, result):
    try:
        TruenasSsh.Client.new_finish(result)
    except GLib.Error as error:
        seen.append(error.message)
    loop.quit()
try:
    TruenasSsh.Client.new()
except GLib.Error as error:
    seen.append(error.message)
TruenasSsh.Client.new_async(None, on_made)
loop.run()
tell(seen)
''')
    assert len(found) == 2 and all('masked' in message for message in found)


# A service that comes and goes

def test_client_outlives_the_service(machine):
    machine.apply({'BindInterfaces': []})
    with Watcher(machine) as client:
        assert client.ask('client.props.bind_interfaces') == []
        unit = client.ask('client.props.unit')
        machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
        wait_for(lambda: client.ask('client.props.g_name_owner') is None)
        assert client.ask('[client.props.tcp_port, client.props.unit]') == [22, unit]
        assert client.ask("notified") == ['g-name-owner']
        machine.apply({'TcpPort': 2305})
        client.wait_changed('TcpPort')
        assert client.ask('[client.props.tcp_port, client.props.managed_settings]') == [
            2305, ['TcpPort', 'BindInterfaces']]
        assert client.ask("'compression' in notified") is False
        daemon = machine.daemon_pid()
        machine.run(['kill', '-KILL', daemon])
        wait_for(lambda: machine.daemon_pid() != daemon)
        assert client.ask('client.apply(change(TcpPort=2306)).unpack()["changed"]') == ['TcpPort']
        assert client.ask('client.props.tcp_port') == 2306


def test_changes_of_others_are_told(machine):
    with Watcher(machine) as client:
        machine.apply({'Compression': False})
        assert {'Compression', 'ManagedSettings'} & set(client.wait_changed('ManagedSettings'))
        assert client.ask("'managed-settings' in notified") is True
        machine.run(['systemctl', 'stop', 'ssh.service'])
        client.wait_changed('ActiveState')
        wait_for(lambda: client.ask('client.props.active_state') == 'inactive')
        machine.run(['systemctl', 'start', 'ssh.service'])
        wait_for(lambda: client.ask('client.props.active_state') == 'active')


def is_free(machine):
    """Whether no change is under way."""
    try:
        machine.apply({}, dry_run=True)
    except GLib.Error as error:
        assert failure(error).name.endswith('.Busy'), error
        return False
    return True


def test_call_that_nobody_waits_for_any_more(machine):
    """It is the wait that ends, not the change."""
    found = script(machine, '''
loop = GLib.MainLoop()
seen = []
def on_applied(client, result):
    try:
        client.apply_finish(result)
    except GLib.Error as error:
        seen.append(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
    loop.quit()
client = TruenasSsh.Client.new()
cancellable = Gio.Cancellable()
client.apply_async(change(Compression=False), None, cancellable, on_applied)
client.get_property('g-connection').flush_sync()
cancellable.cancel()
loop.run()
tell(seen)
''')
    assert found == [True]
    wait_for(lambda: is_free(machine), 20)
    assert machine.get('ManagedSettings') in ([], ['Compression'])
