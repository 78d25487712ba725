# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with a hundred thousand groups: they are listed, and nobody else waits for it."""

import subprocess
import time

from gi.repository import GLib
import pytest

from harness.bus import NAME, PATH

COUNT = 100000
ALL = [(f'bulk{i:06}', 200000 + i) for i in range(COUNT)]


@pytest.fixture(scope='module', autouse=True)
def many(machine):
    """All of them, in an order that is not that of their names."""
    machine.key_add('root')
    lines = ''.join(f'{name}:x:{gid}:\n' for name, gid in reversed(ALL))
    machine.write('/etc/group', machine.read('/etc/group') + lines)


def groups(machine, prefix, limit=0):
    """Call ListGroups."""
    return machine.call('ListGroups', GLib.Variant('(su)', (prefix, limit)))


def test_all_and_some_of_them(machine):
    assert groups(machine, 'bulk', COUNT + 1) == ALL
    assert groups(machine, 'bulk') == ALL[:1000]
    assert groups(machine, 'bulk', 3) == ALL[:3]
    assert groups(machine, 'bulk09999') == ALL[99990:]
    assert groups(machine, 'bulk099999') == ALL[-1:]
    assert groups(machine, 'bulk1') == []
    everything = groups(machine, '', 1 << 31)
    assert everything == sorted(everything)
    assert {*everything} > {*ALL}
    assert dict(everything)['root'] == 0


def test_cold_and_warm(machine):
    """In ten seconds at most, on a machine with much else to do; usually in a fraction of one."""
    machine.run(['systemctl', 'stop', 'truenas-ssh.service'])
    for state in ('cold', 'warm'):
        began = time.monotonic()
        assert groups(machine, 'bulk0000', 5) == ALL[:5]
        assert time.monotonic() - began < 10, state


def test_others_do_not_wait(machine):
    """Half a second at most for a property, while ten callers list everything."""
    lists = [machine.popen(['busctl', '--timeout=120', 'call', NAME, PATH, NAME, 'ListGroups',
                            'su', '', str(COUNT)],
                           stdout=subprocess.DEVNULL) for _ in range(10)]
    waits = []
    while any(each.poll() is None for each in lists):
        began = time.monotonic()
        assert machine.get('TcpPort') == 22
        waits.append(time.monotonic() - began)
        time.sleep(0.01)
    assert not any(each.returncode for each in lists)
    # Of many calls one may meet a machine that has no time.
    assert sorted(waits)[int(len(waits) * 0.9)] < 0.5, waits


def test_group_among_them_is_set(machine):
    machine.apply({'PasswordAuthentication': True, 'PasswordLoginGroups': ['bulk054321']})
    assert machine.get('PasswordLoginGroups') == ['bulk054321']
    assert 'group-missing' not in machine.warnings()
    machine.apply({}, reset=['PasswordAuthentication', 'PasswordLoginGroups'])
