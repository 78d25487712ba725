# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is given back comes back byte for byte, and what changes nothing touches nothing."""

import random
import re

import pytest

from harness.bus import SETTINGS
from harness.machine import raises
from harness.state import DROP_IN, ETC, FOLDER, MAIN, differences, entry, files, sshd, untouched

SITE = f'{FOLDER}/50-site.conf'
LAST = f'{FOLDER}/99-last.conf'
FOREIGN = {SITE: '# a site\r\n\tPORT = "2022"\r\nListenAddress 0.0.0.0:2022\r\n\r\n',
           LAST: 'AllowTcpForwarding local\nMatch User root\n    AllowTcpForwarding yes'}

EVERYTHING = {
    'TcpPort': 2222,
    'PasswordLoginGroups': ['people', 'more people'],
    'PasswordAuthentication': True,
    'KerberosAuthentication': True,
    'TcpForwarding': True,
    'BindInterfaces': ['reset0'],
    'Compression': False,
    'SftpLogLevel': 'VERBOSE',
    'SftpLogFacility': 'LOCAL3',
    'WeakCiphers': ['AES128-CBC'],
    'AuxiliaryParameters': '# ours\nMaxSessions 5\nMatch User nobody\n\tX11Forwarding no\n',
}


@pytest.fixture(scope='module')
def before(machine):
    """The whole of /etc, on a machine whose sshd somebody else has set up, too."""
    machine.key_add('root')  # so that no change locks everybody out
    machine.run('groupadd people; printf "more people:x:4242:\\n" >>/etc/group')
    machine.add_interface('reset0', '10.42.0.1/24')
    text = machine.read(MAIN)
    machine.path(MAIN).write_text(text.rstrip('\n') + '\nMaxAuthTries 5', 'utf-8')
    for path, content in FOREIGN.items():
        machine.path(path).write_bytes(content.encode())
    machine.run(f'chmod 600 {SITE} && setfacl -m u:daemon:r {LAST}')
    machine.restart_sshd()
    machine.apply({})
    return content_of(machine)


@pytest.fixture(autouse=True)
def clean(machine, before):
    """Every test begins and ends as somebody else has left the machine."""
    yield
    machine.apply({}, reset=list(SETTINGS))
    assert differences(before, content_of(machine)) == {}


def content_of(machine):
    """All of /etc, without regard to whether a file was written anew."""
    return files(machine, ETC, what=entry)


def touched(machine):
    """Another file that some settings touch, where Debian's release needs it."""
    return {MAIN} if machine.release == 'bookworm' else set()


def with_groups(name):
    """What has to go with a setting: groups do not go and leave passwords open to all."""
    return [name, 'PasswordAuthentication'] if name == 'PasswordLoginGroups' else [name]


# Everything comes back

def test_everything_at_once(machine, before):
    machine.apply(EVERYTHING, replace_foreign=True)
    changed = differences(before, content_of(machine))
    assert set(changed) == {DROP_IN, SITE, LAST} | touched(machine)
    assert machine.get('ManagedSettings') == list(SETTINGS)
    result = machine.apply({}, reset=list(SETTINGS))
    assert result['changed'] == list(SETTINGS)
    assert content_of(machine) == before
    assert not machine.exists(DROP_IN)
    assert machine.get('ManagedSettings') == []
    assert {address for address, _inode in sshd(machine)[1]} == {'0.0.0.0:2022'}


@pytest.mark.parametrize('name', SETTINGS)
def test_one_alone(machine, before, name):
    machine.apply({name: EVERYTHING[name]}, replace_foreign=True)
    changed = set(differences(before, content_of(machine)))
    assert DROP_IN in changed
    assert changed <= {DROP_IN, SITE, LAST} | touched(machine)
    machine.apply({}, reset=with_groups(name))
    assert content_of(machine) == before


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_one_by_one_in_any_order(machine, before, seed):
    order = list(SETTINGS)
    chance = random.Random(seed)
    chance.shuffle(order)
    for name in order[:4]:
        machine.apply({name: EVERYTHING[name]}, replace_foreign=True)
    machine.apply(EVERYTHING, replace_foreign=True)
    chance.shuffle(order)
    managed = set(SETTINGS)
    while order:
        names = with_groups(order.pop())
        machine.apply({}, reset=names)
        managed -= set(names)
        assert set(machine.get('ManagedSettings')) == managed
        assert machine.exists(DROP_IN) == bool(managed)
    assert content_of(machine) == before


def test_empty_values_are_managed_all_the_same(machine, before):
    machine.apply({'SftpLogLevel': '', 'AuxiliaryParameters': '', 'WeakCiphers': []})
    assert machine.get('ManagedSettings') == ['SftpLogLevel', 'WeakCiphers', 'AuxiliaryParameters']
    assert set(differences(before, content_of(machine))) == {DROP_IN}


def test_reset_by_another_instance(machine, before):
    machine.apply(EVERYTHING, replace_foreign=True)
    machine.run(['systemctl', 'restart', 'truenas-ssh.service'])
    machine.apply({}, reset=list(SETTINGS))
    assert content_of(machine) == before


def test_what_others_change_meanwhile_stays(machine, before):
    machine.apply(EVERYTHING, replace_foreign=True)
    machine.path(SITE).write_bytes(machine.path(SITE).read_bytes() + b'LoginGraceTime 33\n')
    machine.apply({}, reset=list(SETTINGS))
    assert machine.path(SITE).read_bytes() == FOREIGN[SITE].encode() + b'LoginGraceTime 33\n'
    machine.path(SITE).write_bytes(FOREIGN[SITE].encode())


# Trying it out

def patched(machine, diff):
    """What the files named in a unified diff would hold, by patch(1); None: it would be gone."""
    found = {}
    for part in re.split(r'^(?=--- )', diff, flags=re.M)[1:]:
        old, new = re.match(r'--- (\S+).*\n\+\+\+ (\S+)', part).groups()
        copy = '/root/copy'
        machine.path(copy).write_bytes(b'' if old == '/dev/null' else machine.path(old).read_bytes())
        machine.run(['patch', '--silent', '--binary', copy], input=part)
        text = machine.path(copy).read_bytes() if machine.exists(copy) else b''
        found[old if new == '/dev/null' else new] = None if new == '/dev/null' else text
    return found


def on_disk(machine, paths):
    """What files hold; None: they are not there."""
    return {path: machine.path(path).read_bytes() if machine.exists(path) else None
            for path in paths}


@pytest.mark.parametrize('name', [*SETTINGS, None])
def test_dry_run_touches_nothing_and_tells_all(machine, name):
    change = {name: EVERYTHING[name]} if name else EVERYTHING
    with untouched(machine):
        tried = machine.apply(change, dry_run=True, replace_foreign=True)
    assert tried['changed'] == list(change)
    assert tried['generation'] == machine.get('Generation')
    expected = patched(machine, tried['diff'])
    assert expected[DROP_IN] == tried['config'].encode()
    done = machine.apply(change, replace_foreign=True)
    assert on_disk(machine, expected) == expected
    assert done['changed'] == tried['changed']
    assert done['warnings'] == tried['warnings']


def test_dry_run_of_a_reset(machine):
    machine.apply(EVERYTHING, replace_foreign=True)
    with untouched(machine):
        tried = machine.apply({}, reset=list(SETTINGS), dry_run=True)
    assert tried['config'] == ''
    expected = patched(machine, tried['diff'])
    assert expected[DROP_IN] is None
    machine.apply({}, reset=list(SETTINGS))
    assert on_disk(machine, expected) == expected


def test_dry_run_announces_nothing(machine):
    machine.get('Version')
    with machine.signals() as signals, untouched(machine):
        machine.apply(EVERYTHING, dry_run=True, replace_foreign=True)
        assert signals.changed() == {}


def test_dry_run_fails_as_the_change_would(machine):
    with untouched(machine):
        for change, error in (({'TcpPort': 2222}, 'Conflict'),
                              ({'PasswordLoginGroups': ['nobody here']}, 'UnknownGroup'),
                              ({'BindInterfaces': ['none0']}, 'UnknownInterface'),
                              ({'AuxiliaryParameters': 'MaxSesions 5\n'}, 'ConfigRejected')):
            for given in ({}, {'dry_run': True}):
                with raises(error):
                    machine.apply(change, **given)


# Nothing to do

def test_same_again_touches_nothing(machine):
    generation = machine.apply(EVERYTHING, replace_foreign=True)['generation']
    with untouched(machine):
        for given in ({}, {'replace_foreign': True}, {'overwrite_edits': True},
                      {'if_generation': generation}, {'start': True}):
            result = machine.apply(EVERYTHING, **given)
            assert (result['changed'], result['generation']) == ([], generation)
        for name, value in EVERYTHING.items():
            assert machine.apply({name: value})['changed'] == []
    assert machine.get('Generation') == generation


def test_same_in_other_words_touches_nothing(machine):
    machine.apply(EVERYTHING, replace_foreign=True)
    with untouched(machine):
        for change in ({'PasswordLoginGroups': ['people', 'more people', 'people']},
                       {'WeakCiphers': ['AES128-CBC', 'AES128-CBC']},
                       {'AuxiliaryParameters':
                        EVERYTHING['AuxiliaryParameters'].replace('\n', '\r\n')}):
            assert machine.apply(change)['changed'] == []


def test_nothing_touches_nothing(machine):
    generation = machine.get('Generation')
    with untouched(machine):
        for change, given in (({}, {}), ({}, {'reset': []}), ({}, {'reset': list(SETTINGS)}),
                              ({}, {'reset': ['TcpPort', 'TcpPort']}), ({}, {'dry_run': True}),
                              ({}, {'if_generation': generation})):
            result = machine.apply(change, **given)
            assert (result['changed'], result['generation']) == ([], generation)


def test_a_change_writes_only_what_it_changes(machine):
    machine.apply(EVERYTHING, replace_foreign=True)
    earlier = files(machine)
    machine.apply({'Compression': True})
    changed = set(differences(earlier, files(machine)))
    assert {path for path in changed if path.startswith(ETC)} == {DROP_IN, FOLDER}
