# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""People who have to authenticate: asked once, for the right thing, and heard."""

import pytest
from gi.repository import GLib

from harness.bus import options, settings
from harness.machine import wait_for
from harness.polkit import DENIED, Person, allow, allow_nothing
from harness.sshd import administrator, everywhere, ports, reset, undisturbed

PASSWORD = 'a secret of the administrator'


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Somebody who asks, and the administrator whose password is asked for."""
    machine.user_add('alice', 'her own')
    administrator(machine, PASSWORD)


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with an sshd as the package has it, and with nothing granted."""
    machine.get('Version')
    yield
    allow_nothing(machine)
    reset(machine)


def change(settings_given, **given):
    """A call of Apply, for a Person."""
    return 'Apply', GLib.Variant('(a{sv}a{sv})', (settings(settings_given), options(given)))


SEVERAL = change({'TcpPort': 2200, 'PasswordAuthentication': False,
                  'AuxiliaryParameters': 'PrintMotd yes'})


def test_one_prompt_for_one_action(machine):
    with Person(machine, 'alice', change({'TcpPort': 2200})) as alice:
        assert alice.asked() == 'configure'
        assert ports(machine) == everywhere(22)
        alice.type(PASSWORD)
        assert "'changed': <['TcpPort']>" in alice.answer()
        assert alice.prompts() == 1
    assert ports(machine) == everywhere(2200)


def test_one_prompt_for_several_actions(machine):
    with Person(machine, 'alice', SEVERAL) as alice:
        assert alice.asked() == 'configure-privileged'
        alice.type(PASSWORD)
        assert "'generation'" in alice.answer()
        assert alice.prompts() == 1
    assert ports(machine) == everywhere(2200)
    assert machine.sshd_T()['passwordauthentication'] == ['no']
    assert machine.sshd_T()['printmotd'] == ['yes']


def test_one_prompt_for_what_is_not_granted(machine):
    allow(machine, 'alice', 'configure', 'configure-auxiliary')
    with Person(machine, 'alice', SEVERAL) as alice:
        assert alice.asked() == 'configure-authentication'
        alice.type(PASSWORD)
        assert "'generation'" in alice.answer()
        assert alice.prompts() == 1
    assert ports(machine) == everywhere(2200)


def test_no_prompt_for_what_is_granted(machine):
    allow(machine, 'alice', 'configure', 'configure-auxiliary', 'configure-authentication')
    with Person(machine, 'alice', SEVERAL) as alice:
        assert "'generation'" in alice.answer()
        assert alice.prompts() == 0


def test_no_prompt_where_one_action_is_refused(machine):
    allow(machine, 'alice', 'configure-authentication', result='NO')
    with undisturbed(machine), Person(machine, 'alice', SEVERAL) as alice:
        assert alice.answer().name == DENIED
        assert alice.prompts() == 0


def test_grant_is_kept_for_basic_settings_only(machine):
    with Person(machine, 'alice', change({'TcpPort': 2200}), change({'TcpPort': 2201}),
                change({'TcpForwarding': False}), change({'TcpForwarding': True})) as alice:
        for name in ('configure', None, 'configure-authentication', 'configure-authentication'):
            if name:
                assert alice.asked() == name
                alice.type(PASSWORD)
            assert "'generation'" in alice.answer()
        assert alice.prompts() == 3


def test_wrong_password(machine):
    with undisturbed(machine), Person(machine, 'alice', SEVERAL) as alice:
        alice.asked()
        alice.type('her own')
        answer = alice.answer()
        assert answer.name == DENIED
        assert 'configure-privileged: ' in answer.message
        assert 'authentication failed' in answer.message
        assert alice.prompts() == 1
    assert machine.get('ManagedSettings') == []


def test_terminal_that_is_closed_while_it_asks(machine):
    daemon = machine.daemon_pid()
    with undisturbed(machine):
        with Person(machine, 'alice', SEVERAL) as alice:
            pid = alice.pid()
            alice.asked()
        wait_for(lambda: not machine.exists(f'/proc/{pid}'))
        machine.apply()
    assert machine.daemon_pid() == daemon
    with Person(machine, 'alice', change({'TcpPort': 2200})) as alice:
        alice.asked()
        alice.type(PASSWORD)
        assert "'changed': <['TcpPort']>" in alice.answer()


def test_program_that_ends_while_its_person_is_asked(machine):
    daemon = machine.daemon_pid()
    with undisturbed(machine), Person(machine, 'alice', SEVERAL) as alice:
        pid = alice.pid()
        alice.asked()
        machine.run(['kill', '-KILL', pid])
        wait_for(lambda: not machine.exists(f'/proc/{pid}'))
        machine.apply()
        assert machine.get('TcpPort') == 22
    assert machine.daemon_pid() == daemon


def test_nothing_waits_for_a_person(machine):
    """Not the service, and not another's change; what it would undo then is asked for anew."""
    with Person(machine, 'alice', change({'AuxiliaryParameters': 'PrintMotd yes'})) as alice:
        assert alice.asked() == 'configure-auxiliary'
        machine.apply({'AuxiliaryParameters': 'PermitRootLogin no'})
        alice.type(PASSWORD)
        answer = alice.answer()
        assert answer.name == 'org.truenas.SSH.Error.Conflict'
        assert 'since you were authorised' in answer.message
    assert machine.get('AuxiliaryParameters') == 'PermitRootLogin no'
    assert machine.sshd_T()['permitrootlogin'] == ['no']


def test_service_that_is_stopped_while_it_asks(machine):
    """It waits a moment for the person, and no longer."""
    with undisturbed(machine), Person(machine, 'alice', SEVERAL) as alice:
        alice.asked()
        machine.run(['systemctl', 'stop', 'truenas-ssh.service'], timeout=12)
        assert machine.show('truenas-ssh.service', 'Result') == 'success'
        assert machine.get('TcpPort') == 22
