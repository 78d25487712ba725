# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a client offers to choose from: interfaces, groups, host keys; anybody may ask."""

import contextlib
import json
import time

from gi.repository import GLib
import pytest

from harness.bus import NAME, PATH
from harness.machine import raises, wait_for
from harness.state import FOLDER, untouched

KEYS = '/etc/ssh/ssh_host_{}_key'
USER = 'lister'


@pytest.fixture(scope='module', autouse=True)
def user(machine):
    """Somebody without any privilege."""
    machine.key_add('root')  # so that no change locks everybody out
    machine.user_add(USER)
    return USER


def groups(machine, prefix='', limit=0, user=None):
    """Call ListGroups."""
    return machine.call('ListGroups', GLib.Variant('(su)', (prefix, limit)), user=user)


# Interfaces

@pytest.fixture(scope='module')
def interfaces(machine):
    """An interface that NetworkManager manages, one that it does not, a bridge with a port, a macvlan."""
    machine.add_interface('list0', '10.43.0.1/24', managed=True)
    machine.add_interface('list1', '10.44.0.1/24')
    machine.add_interface('list2')
    machine.write('/etc/NetworkManager/conf.d/90-other.conf',
                  '[device-other]\nmatch-device=interface-name:br0,interface-name:mac0\n'
                  'managed=0\n')
    machine.run(['nmcli', 'general', 'reload', 'conf'])
    machine.run('ip address add 10.44.0.2/24 dev list1 label list1:1'
                ' && ip address add fd00:44::1/64 dev list1 nodad'
                ' && ip link add br0 type bridge && ip link set list2 master br0'
                ' && ip address add 10.45.0.1/24 dev br0 && ip link set br0 up'
                ' && ip link add link list1 name mac0 type macvlan')
    # Link-local addresses come a moment later.
    wait_for(lambda: all(len(kernel(machine)[name]) > 1 for name in ('list1', 'br0')))


def listed(machine, **given):
    """The answer of ListInterfaces by name."""
    entries = machine.call('ListInterfaces', **given)
    assert [each['name'] for each in entries] == sorted(each['name'] for each in entries)
    return {each['name']: each for each in entries}


def kernel(machine):
    """The addresses of every interface as ip(8) tells them."""
    found = json.loads(machine.run(['ip', '-j', 'address']).stdout)
    return {each['ifname']: {address['local'] for address in each['addr_info']} for each in found}


def test_no_interface_but_loopback(machine):
    assert machine.call('ListInterfaces') == []


def test_interfaces_that_can_be_bound(machine, interfaces):
    found = listed(machine)
    assert set(found) == {'br0', 'list0', 'list1', 'mac0'}
    assert found['list0'] == {'name': 'list0', 'description': 'list0', 'type': 'ethernet',
                              'addresses': ['10.43.0.1'], 'up': True, 'bound': False}
    assert found['br0']['type'] == 'bridge'
    assert found['mac0']['type'] == 'macvlan'
    addresses = kernel(machine)
    for name in ('br0', 'list1', 'mac0'):
        assert set(found[name]['addresses']) == addresses[name]
        assert found[name]['description']
    assert {'10.44.0.1', '10.44.0.2', 'fd00:44::1'} < set(found['list1']['addresses'])
    assert found['mac0']['up'] is False


def test_entry_has_the_types_that_are_documented(machine, interfaces):
    reply = machine.bus.call_sync(NAME, PATH, NAME, 'ListInterfaces', None, None, 0, 10000, None)
    assert reply.get_type_string() == '(aa{sv})'
    entry = reply.get_child_value(0).get_child_value(0)
    types = {entry.get_child_value(i).get_child_value(0).get_string():
             entry.get_child_value(i).get_child_value(1).get_variant().get_type_string()
             for i in range(entry.n_children())}
    assert types == {'name': 's', 'description': 's', 'type': 's', 'addresses': 'as', 'up': 'b',
                     'bound': 'b'}


def test_anybody_may_list_interfaces(machine, interfaces):
    assert listed(machine, user=USER) == listed(machine)


def test_interface_goes_down_and_up(machine, interfaces):
    machine.run(['ip', 'link', 'set', 'list1', 'down'])
    assert listed(machine)['list1']['up'] is False
    machine.run(['ip', 'link', 'set', 'list1', 'up'])
    wait_for(lambda: listed(machine)['list1']['up'])
    # The far end of the cable.
    machine.run(['ip', '-n', 'list1-far', 'link', 'set', 'list1p', 'down'])
    wait_for(lambda: not listed(machine)['list1']['up'])
    machine.run(['ip', '-n', 'list1-far', 'link', 'set', 'list1p', 'up'])
    wait_for(lambda: listed(machine)['list1']['up'])


def test_address_changes(machine, interfaces):
    machine.run(['ip', 'address', 'add', '10.44.0.9/24', 'dev', 'list1'])
    assert '10.44.0.9' in listed(machine)['list1']['addresses']
    machine.run(['ip', 'address', 'delete', '10.44.0.9/24', 'dev', 'list1'])
    assert '10.44.0.9' not in listed(machine)['list1']['addresses']


def test_interface_that_is_bound(machine, interfaces):
    machine.apply({'BindInterfaces': ['list1']})
    assert {name for name, each in listed(machine).items() if each['bound']} == {'list1'}
    machine.apply({}, reset=['BindInterfaces'])
    assert not any(each['bound'] for each in listed(machine).values())


def test_port_of_a_bridge_cannot_be_bound(machine, interfaces):
    with untouched(machine), raises('UnknownInterface', '^BindInterfaces: “list2”: it is a port of'):
        machine.apply({'BindInterfaces': ['list2']})
    machine.apply({'BindInterfaces': ['br0']}, dry_run=True)


def test_port_that_leaves_its_bridge_is_listed(machine, interfaces):
    machine.run(['ip', 'link', 'set', 'list2', 'nomaster'])
    assert 'list2' in listed(machine)
    machine.run(['ip', 'link', 'set', 'list2', 'master', 'br0'])
    assert 'list2' not in listed(machine)


def test_interfaces_without_network_manager(machine, interfaces):
    before = listed(machine)
    machine.run(['systemctl', 'stop', 'NetworkManager.service'])
    # Whoever lists them is not to start it.
    machine.run(['systemctl', 'mask', '--runtime', 'NetworkManager.service'])
    try:
        for fresh in (False, True):
            if fresh:
                machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
            found = listed(machine, user=USER)
            assert set(found) == set(before)
            assert found['br0']['type'] == 'bridge'
            assert found['mac0']['type'] == 'macvlan'
            assert found['list0']['type'] == found['list1']['type'] == 'ethernet'
            addresses = kernel(machine)
            for name, each in found.items():
                assert set(each['addresses']) == addresses[name]
                assert each['up'] == before[name]['up']
        assert machine.show('NetworkManager.service', 'ActiveState') == 'inactive'
    finally:
        machine.run(['systemctl', 'unmask', '--runtime', 'NetworkManager.service'])
        machine.run(['systemctl', 'start', 'NetworkManager.service'])
    wait_for(lambda: listed(machine)['list0']['description'] == 'list0')


def test_interface_whose_connection_has_a_name(machine, interfaces):
    machine.run(['nmcli', 'connection', 'modify', 'list0', 'connection.id', 'Office “1”'])
    wait_for(lambda: listed(machine)['list0']['description'] == 'Office “1”')
    assert listed(machine)['list0']['type'] == 'ethernet'
    machine.run(['nmcli', 'device', 'disconnect', 'list0'])
    wait_for(lambda: listed(machine)['list0']['description'] == 'ethernet')
    machine.run(['nmcli', 'connection', 'modify', 'Office “1”', 'connection.id', 'list0'])
    machine.run(['nmcli', 'connection', 'up', 'list0'])
    wait_for(lambda: listed(machine)['list0']['description'] == 'list0')


def has_libnm(machine):
    """Whether the service has loaded it."""
    return 'libnm.so' in machine.read(f'/proc/{machine.daemon_pid()}/maps')


def test_interfaces_are_the_same_when_network_manager_tells_everything(machine, interfaces):
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    machine.run('ip link add vx0 type vxlan id 7 dev list1 dstport 4789'
                ' && ip link add link list1 name tap1 type macvtap')
    try:
        before = listed(machine)
        assert not has_libnm(machine)
        # Only NetworkManager knows a word for that.
        machine.run(['ip', 'link', 'add', 'other0', 'type', 'ifb'])
        wait_for(lambda: listed(machine)['other0']['type'] == 'ifb')
        after = listed(machine)
        assert has_libnm(machine)
        assert set(after) - set(before) == {'other0'}
        assert {name: after[name] for name in before} == before
        lines = machine.run(['nmcli', '-t', '-f', 'DEVICE,TYPE', 'device']).stdout.split()
        types = dict(line.split(':') for line in lines)
        assert {name: each['type'] for name, each in after.items()}.items() <= types.items()
    finally:
        machine.run('ip link delete vx0; ip link delete tap1; ip link delete other0')


def test_interfaces_with_many_connections(machine, interfaces):
    batch = ''.join(f'link add ext{i} type bridge\nlink set ext{i} up\n'
                    f'address add 10.46.{i}.1/24 dev ext{i}\n' for i in range(60))
    machine.run(['ip', '-batch', '-'], input=batch)
    try:
        wait_for(lambda: all(listed(machine)[f'ext{i}']['description'] == f'ext{i}'
                             for i in range(60)), 30)
        found = listed(machine)
        assert found['list0']['description'] == 'list0'
        assert found['list1']['description'] == found['list1']['type'] == 'ethernet'
    finally:
        machine.run(['ip', '-batch', '-'], input=''.join(f'link delete ext{i}\n' for i in range(60)))


def test_interfaces_while_network_manager_hangs(machine, interfaces):
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    names = set(listed(machine))
    machine.run(['systemctl', 'kill', '--signal=STOP', 'NetworkManager.service'])
    try:
        began = time.monotonic()
        found = listed(machine)
        assert time.monotonic() - began < 20
        assert set(found) == names
        assert found['list0']['addresses'] == ['10.43.0.1']
    finally:
        machine.run(['systemctl', 'kill', '--signal=CONT', 'NetworkManager.service'])
    wait_for(lambda: listed(machine)['list0']['description'] == 'list0')


def can_be_bound(machine, name):
    """Whether BindInterfaces takes the name."""
    try:
        return machine.apply({'BindInterfaces': [name]}, dry_run=True)['changed'] != []
    except GLib.Error:
        return False


def test_interfaces_with_odd_names_are_listed_if_they_can_be_bound(machine):
    names = ['odd"0', "odd'0", 'odd\\0', 'odd#0', 'odd*0', 'ödd0']
    for name in names:
        machine.run(['ip', 'link', 'add', name, 'type', 'bridge'])
    try:
        found = set(listed(machine))
        assert {'odd*0', 'ödd0'} <= found
        assert {name for name in names if can_be_bound(machine, name)} == found & set(names)
    finally:
        for name in names:
            machine.run(['ip', 'link', 'delete', name])


# Groups

def everything(machine):
    """Every group as getent(1) tells it, sorted by name."""
    lines = machine.run(['getent', 'group']).stdout.splitlines()
    found = {line.split(':')[0]: int(line.split(':')[2]) for line in lines}
    return sorted(found.items(), key=lambda pair: pair[0].encode())


@contextlib.contextmanager
def more_groups(machine, text):
    """Lines at the end of /etc/group while the block runs."""
    path = machine.path('/etc/group')
    before = path.read_bytes()
    path.write_bytes(before + (text if isinstance(text, bytes) else text.encode()))
    try:
        yield
    finally:
        path.write_bytes(before)


def test_groups(machine):
    assert groups(machine) == everything(machine)
    assert ('root', 0) in groups(machine)
    assert groups(machine, user=USER) == groups(machine)


def test_groups_by_prefix(machine):
    expected = [pair for pair in everything(machine) if pair[0].startswith('s')]
    assert len(expected) > 2
    assert groups(machine, 's') == expected
    assert groups(machine, 'sys') == [pair for pair in expected if pair[0].startswith('sys')]
    assert groups(machine, 'sshd-nobody') == []
    assert groups(machine, 'S') == []


def test_group_by_its_whole_name(machine):
    assert groups(machine, 'root') == [('root', 0)]
    assert groups(machine, USER) == [(USER, dict(everything(machine))[USER])]


@pytest.mark.parametrize('limit', [1, 2, 5])
def test_groups_up_to_a_limit(machine, limit):
    assert groups(machine, '', limit) == everything(machine)[:limit]
    assert groups(machine, 's', 2) == groups(machine, 's')[:2]


def test_groups_with_odd_names(machine):
    with more_groups(machine, 'two words:x:5001:\nDOMAIN\\users:x:5002:\ngrüppe:x:5003:\n'
                              'star*:x:5004:\ntwo worlds:x:5005:\nlast:x:4294967294:\n'):
        assert groups(machine, 'two ') == [('two words', 5001), ('two worlds', 5005)]
        assert groups(machine, 'DOMAIN\\') == [('DOMAIN\\users', 5002)]
        assert groups(machine, 'grü') == [('grüppe', 5003)]
        assert groups(machine, 'star*') == [('star*', 5004)]
        assert groups(machine, '*') == []
        assert groups(machine, 'last') == [('last', 4294967294)]
        assert groups(machine) == everything(machine)


def test_groups_that_cannot_be_told_are_left_out(machine):
    with more_groups(machine, b'gr\xfcppe:x:5003:\nbroken line\n:x:5006:\nfine:x:5007:\n'):
        found = dict(groups(machine))
        assert found['fine'] == 5007
        assert all(name.isprintable() for name in found)
        assert not [name for name in found if name.startswith('gr') and name.endswith('ppe')]


def test_odd_lines_are_what_they_are_for_the_name_service(machine):
    with more_groups(machine, ' \tblank:x:5010:\n#gone:x:5011:\ntwice:x:5012:\nmany:x:many:\n'
                              'twice:x:5013:\n\nshort\n:x:5014:\nlast:x:5015:'):
        expected = everything(machine)
        assert {('blank', 5010), ('twice', 5013), ('last', 5015)} < {*expected}
        for prefix in ('blank', 'tw', 'last', 'l', ' ', '#', 'gone', 'many', 'short', 'last:x:50'):
            assert groups(machine, prefix) == [pair for pair in expected
                                               if pair[0].startswith(prefix)], prefix


def test_group_is_listed_from_the_moment_it_is_there(machine):
    for i in range(20):
        machine.run(['groupadd', f'quick{i % 2}'])
        assert [name for name, _gid in groups(machine, 'quick')] == [f'quick{i % 2}']
        machine.run(['groupdel', f'quick{i % 2}'])
        assert groups(machine, 'quick') == []


def test_group_with_many_members(machine):
    members = ','.join(f'member{i}' for i in range(20000))
    with more_groups(machine, f'crowd:x:5008:{members}\nafter:x:5009:\n'):
        assert groups(machine, 'crowd') == [('crowd', 5008)]
        assert groups(machine, 'after') == [('after', 5009)]
        assert {('crowd', 5008), ('after', 5009)} <= set(groups(machine))


def test_ten_thousand_groups(machine):
    bulk = ''.join(f'bulk{i:05}:x:{20000 + i}:\n' for i in reversed(range(10000)))
    with more_groups(machine, bulk):
        began = time.monotonic()
        assert len(groups(machine)) == 1000
        assert groups(machine, '', 1 << 31) == everything(machine)
        assert groups(machine, 'bulk', 3) == [('bulk00000', 20000), ('bulk00001', 20001),
                                              ('bulk00002', 20002)]
        assert len(groups(machine, 'bulk0001', user=USER)) == 10
        assert groups(machine, 'bulk09999') == [('bulk09999', 29999)]
        assert time.monotonic() - began < 10


def test_many_callers_list_groups_at_once(machine):
    process = [machine.popen(['busctl', 'call', NAME, PATH, NAME, 'ListGroups', 'su', 's', '0'],
                             user=USER, stdout=-1, text=True) for _ in range(20)]
    answers = {each.communicate()[0] for each in process}
    assert len(answers) == 1
    assert '"sudo" 27' in answers.pop()


# Host keys

def host_keys(machine, user=None):
    """Call ListHostKeys."""
    return machine.call('ListHostKeys', user=user)


def expected_keys(machine, *files):
    """What ssh-keygen says about public keys."""
    found = []
    for file in files:
        bits, fingerprint, *_rest = machine.run(['ssh-keygen', '-l', '-f', file]).stdout.split()
        words = machine.read(file).split()
        found.append({'type': words[0], 'bits': int(bits), 'fingerprint': fingerprint,
                      'known-hosts': ' '.join(words[:2])})
    return found


ALL = [KEYS.format(kind) + '.pub' for kind in ('rsa', 'ecdsa', 'ed25519')]


@pytest.fixture
def site(machine):
    """A function that writes lines of configuration; they and what is made in /root/keys go."""
    machine.run(['mkdir', '-p', '/root/keys', '/etc/ssh/keys'])
    yield lambda text: machine.write(f'{FOLDER}/50-site.conf', text)
    machine.run(f'rm -rf /root/keys /etc/ssh/keys {FOLDER}/50-site.conf')


def private_parts(machine, *files):
    """Every long line of private keys that is not in the public one, which they hold too."""
    return [line for file in files for line in machine.read(file).splitlines()
            if len(line) > 20 and line not in machine.read(f'{file}.pub')]


def test_host_keys(machine):
    assert host_keys(machine) == expected_keys(machine, *ALL)
    assert host_keys(machine, user=USER) == host_keys(machine)
    assert [each['type'] for each in host_keys(machine)] == [
        'ssh-rsa', 'ecdsa-sha2-nistp256', 'ssh-ed25519']


def test_nothing_private_is_told(machine):
    private = private_parts(machine, *(KEYS.format(kind) for kind in ('rsa', 'ecdsa', 'ed25519')))
    assert len(private) > 10
    text = str(host_keys(machine)) + str(machine.properties())
    assert not [line for line in private if line in text]
    assert 'PRIVATE' not in text


def test_host_key_is_known_to_a_client(machine):
    machine.user_add('guest')
    key = machine.key_add('guest')
    line = host_keys(machine)[2]['known-hosts']
    machine.write('/root/known', f'127.0.0.1 {line}\n')
    options = {'UserKnownHostsFile': '/root/known', 'StrictHostKeyChecking': 'yes',
               'HostKeyAlgorithms': 'ssh-ed25519'}
    assert machine.ssh('guest', 'echo', 'in', key=key, options=options).stdout == 'in\n'


def test_host_key_without_a_public_file(machine):
    expected = expected_keys(machine, *ALL)
    public = KEYS.format('ed25519') + '.pub'
    machine.run(['mv', public, '/root/aside'])
    try:
        assert host_keys(machine) == expected
    finally:
        machine.run(['mv', '/root/aside', public])


def test_host_keys_that_the_configuration_names(machine, site):
    machine.run('ssh-keygen -q -t ecdsa -b 521 -N "" -C "a comment with words" -f /etc/ssh/keys/ecdsa'
                ' && ssh-keygen -q -t ed25519 -N "" -C "" -f "/etc/ssh/keys/with space"')
    site('HostKey /etc/ssh/keys/ecdsa\nHostKey "/etc/ssh/keys/with space"\n')
    expected = expected_keys(machine, '/etc/ssh/keys/ecdsa.pub', '/etc/ssh/keys/with space.pub')
    assert host_keys(machine) == expected
    assert expected[0]['bits'] == 521


@pytest.mark.parametrize('make', [
    'true',
    'mkdir /etc/ssh/keys/bad',
    'echo nonsense >/etc/ssh/keys/bad; cp /etc/ssh/keys/bad /etc/ssh/keys/bad.pub',
    'ssh-keygen -q -t ed25519 -N secret -f /etc/ssh/keys/bad; rm /etc/ssh/keys/bad.pub',
    'ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/keys/bad; chown daemon /etc/ssh/keys/bad;'
    ' rm /etc/ssh/keys/bad.pub',
    'ssh-keygen -q -t ed25519 -N secret -f /etc/ssh/keys/bad; cp /etc/ssh/keys/bad /etc/ssh/keys/bad.pub',
    'truncate -s 1M /etc/ssh/keys/bad; ln -s bad /etc/ssh/keys/bad.pub',
], ids=['absent', 'folder', 'nonsense', 'passphrase', 'not readable', 'private as public', 'large'])
def test_host_key_that_is_none_is_left_out(machine, site, make):
    machine.run(make)
    good = KEYS.format('ed25519')
    site(f'HostKey /etc/ssh/keys/bad\nHostKey {good}\n')
    assert host_keys(machine) == expected_keys(machine, f'{good}.pub')


def test_host_key_that_sshd_never_ends_reading(machine, site):
    machine.run(['mkfifo', '/etc/ssh/keys/bad'])
    site('HostKey /etc/ssh/keys/bad\n')
    with raises('ConfigRejected', 'did not answer within'):
        host_keys(machine)


def test_half_of_a_private_key_in_a_public_file_is_not_told(machine, site):
    machine.run('ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/keys/mine'
                ' && sed 1d /etc/ssh/keys/mine >/etc/ssh/keys/mine.pub')
    site('HostKey /etc/ssh/keys/mine\n')
    text = str(host_keys(machine))
    half = machine.read('/etc/ssh/keys/mine.pub').splitlines()
    assert not [line for line in half[1:] if line in text]


def test_host_keys_where_the_configuration_is_broken(machine, site):
    site('MaxSesions 5\n')
    with raises('ConfigRejected', f'^{FOLDER}/50-site.conf:1: '):
        host_keys(machine, user=USER)
