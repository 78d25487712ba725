# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change that fails after its files are in place is undone, and sshd serves as before."""

import pytest

from harness import failures
from harness.machine import raises
from harness.sshd import DROP_IN, Session, files


@pytest.fixture(scope='module', autouse=True)
def person(machine):
    """Somebody who is logged in from the first test to the last."""
    key = failures.prepare(machine)
    with Session(machine, 'person', key=key) as session:
        yield key
        assert session.lives()


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it."""
    yield
    failures.clean(machine)


@pytest.mark.parametrize('name', failures.WAYS)
def test_first_change_is_undone(machine, person, name):
    before, generation = files(machine), machine.get('Generation')
    failures.fail(machine, name)
    with machine.signals() as signals:
        with raises('ApplyFailed', '; the previous settings are back$') as error:
            machine.apply({'TcpPort': 2222})
        changed = signals.changed()
    failures.check_back(machine, person, before, generation)
    assert machine.get('ManagedSettings') == []
    assert changed['LastChange'] == machine.get('LastChange')
    assert changed['LastChange']['reason'] == error.message
    assert not machine.exists(DROP_IN)
