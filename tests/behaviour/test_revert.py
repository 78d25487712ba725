# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Back to the settings of an earlier generation, by an ordinary change."""

import pytest
from gi.repository import GLib

from harness import failures
from harness.bus import SETTINGS
from harness.machine import raises
from harness.past import end, revert, shown
from harness.polkit import ASKABLE, allow
from harness.sshd import CHANGING, DROP_IN, OVERRIDE, everywhere, files, ports
from harness.state import untouched


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """A user "person", who may do nothing by itself."""
    failures.prepare(machine)


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it, but with a past."""
    yield
    failures.clean(machine)


def managed(machine):
    """What is set here, and the drop-in without its number."""
    names = machine.get('ManagedSettings')
    text = machine.read(DROP_IN) if machine.exists(DROP_IN) else ''
    lines = [line for line in text.splitlines() if not line.startswith(CHANGING)]
    return {name: machine.get(name) for name in names}, lines


def test_revert_brings_everything_back(machine):
    machine.run(['groupadd', '-f', 'staff'])
    machine.apply({'TcpPort': 2200, 'PasswordAuthentication': True, 'PasswordLoginGroups': ['staff'],
                   'SftpLogLevel': 'DEBUG', 'WeakCiphers': ['AES128-CBC'],
                   'AuxiliaryParameters': 'MaxSessions 7\nMatch User "a b"\n  PermitTTY no\n'})
    then, before = machine.get('Generation'), managed(machine)
    machine.apply({'TcpPort': 2201, 'Compression': False, 'AuxiliaryParameters': 'MaxSessions 8',
                   'PasswordAuthentication': False}, reset=['SftpLogLevel', 'PasswordLoginGroups'])
    machine.apply(reset=['TcpPort'])
    assert managed(machine) != before
    result = revert(machine, then)
    assert managed(machine) == before
    assert sorted(result['changed']) == sorted([*SETTINGS.keys() & before[0].keys()
                                                - {'WeakCiphers'}, 'Compression'])
    assert result['generation'] == machine.get('Generation') == then + 3
    assert ports(machine) == everywhere(2200)
    assert machine.sshd_T()['maxsessions'] == ['7']
    assert shown(machine)['outcome'] == 'applied'
    assert shown(machine)['changed'] == result['changed']


def test_revert_to_any_generation_that_was_read(machine):
    """Whoever remembers Generation and comes back to it finds what was set then."""
    seen = {}

    def remember():
        seen[machine.get('Generation')] = managed(machine)

    machine.apply({'TcpPort': 2200})
    remember()
    machine.apply({'TcpPort': 2201}, confirm_timeout=60)
    end(machine, 'Rollback')
    remember()
    end_of = machine.apply({'TcpPort': 2202}, confirm_timeout=60)
    end(machine, 'Confirm', end_of['token'])
    remember()
    failures.fail(machine, 'reload fails')
    with raises('ApplyFailed'):
        machine.apply({'TcpPort': 2222})
    machine.remove(OVERRIDE)
    machine.run(['systemctl', 'daemon-reload'])
    remember()
    machine.apply(reset=['TcpPort'])
    remember()
    for generation, expected in seen.items():
        revert(machine, generation)
        assert managed(machine) == expected, generation


def test_revert_of_what_was_rolled_back(machine):
    machine.apply({'TcpPort': 2200})
    before = managed(machine)
    then = machine.apply({'TcpPort': 2201}, confirm_timeout=60)['generation']
    end(machine, 'Rollback')
    machine.apply({'TcpPort': 2202})
    revert(machine, then)
    assert managed(machine) == before


def test_revert_to_the_beginning(machine):
    machine.apply({'TcpPort': 2200, 'Compression': False})
    result = revert(machine, 0)
    assert result['changed'] == ['TcpPort', 'Compression']
    assert machine.get('ManagedSettings') == []
    assert not machine.exists(DROP_IN)


def test_revert_to_what_is_there(machine):
    machine.apply({'TcpPort': 2200})
    then = machine.get('Generation')
    result = revert(machine, then)
    assert result['changed'] == []
    assert machine.get('Generation') == then


def test_revert_dry_run(machine):
    then = machine.apply({'TcpPort': 2200})['generation']
    machine.apply({'TcpPort': 2201})
    with untouched(machine):
        result = revert(machine, then, dry_run=True)
    assert result['changed'] == ['TcpPort']
    assert '\n-Port 2201\n+Port 2200\n' in result['diff']
    allow(machine, 'person', 'inspect')
    with untouched(machine):
        assert revert(machine, then, dry_run=True, user='person')['changed'] == ['TcpPort']


def test_revert_on_probation(machine):
    then = machine.apply({'TcpPort': 2200})['generation']
    machine.apply({'TcpPort': 2201})
    result = revert(machine, then, confirm_timeout=60)
    assert ports(machine) == everywhere(2200)
    assert shown(machine)['outcome'] == 'pending'
    with raises('Busy'):
        revert(machine, then)
    end(machine, 'Rollback', result['token'])
    assert ports(machine) == everywhere(2201)
    result = revert(machine, then, confirm_timeout=60)
    end(machine, 'Confirm', result['token'])
    assert shown(machine)['outcome'] == 'confirmed'
    assert machine.get('LastChange')['outcome'] == 'confirmed'


def test_revert_options(machine):
    then = machine.apply({'TcpPort': 2200})['generation']
    machine.apply({'TcpPort': 2201})
    for generation in (then - 1000, then + 2, 2**64 - 1):
        with untouched(machine), raises('Conflict', 'ListHistory'):
            revert(machine, generation % 2**64)
    with untouched(machine), raises('InvalidOption', '^reset: '):
        revert(machine, then, reset=['TcpPort'])
    with untouched(machine), raises('InvalidOption', 'nonsense'):
        machine.call('Revert', GLib.Variant('(ta{sv})', (then, {'nonsense': GLib.Variant('b', 1)})))
    with untouched(machine), raises('Conflict', '^if-generation: '):
        revert(machine, then, if_generation=then)
    revert(machine, then, if_generation=then + 1)


def test_revert_needs_what_is_gone(machine):
    machine.run(['groupadd', 'passing'])
    then = machine.apply({'PasswordLoginGroups': ['passing']})['generation']
    machine.apply({'PasswordAuthentication': False}, reset=['PasswordLoginGroups'])
    machine.run(['groupdel', 'passing'])
    before = files(machine)
    with raises('UnknownGroup', 'passing'):
        revert(machine, then)
    assert files(machine) == before


def test_revert_is_authorised_by_what_it_changes(machine):
    plain = machine.apply({'TcpPort': 2200, 'PasswordAuthentication': True})['generation']
    machine.apply({'TcpPort': 2201})
    allow(machine, 'person', 'configure')
    revert(machine, plain, user='person')
    assert ports(machine) == everywhere(2200)

    machine.apply({'PasswordAuthentication': False})
    with untouched(machine), raises(ASKABLE, 'configure-authentication'):
        revert(machine, plain, user='person')
    # A setting that is given back counts like one that is set.
    with untouched(machine), raises(ASKABLE, 'configure-authentication'):
        revert(machine, 0, user='person')
    machine.apply({'PasswordAuthentication': True, 'AuxiliaryParameters': 'PermitRootLogin no'})
    with untouched(machine), raises(ASKABLE, 'configure-privileged'):
        revert(machine, plain, user='person')
    with untouched(machine), raises(ASKABLE, 'inspect'):
        revert(machine, plain, user='person', dry_run=True)
    machine.apply({'TcpPort': 2201}, reset=['AuxiliaryParameters'])
    revert(machine, plain, user='person')
