# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What polkit's rules are told of a call, and the rules of docs/polkit-rules.md as they stand."""

import json
import re

import pytest
from gi.repository import GLib

from harness.build import SOURCE
from harness.crowd import Call, Crowd, apply, boot, end
from harness.machine import raises
from harness.polkit import ASKABLE, DENIED, RULES, action, allow_nothing, restart
from harness.sshd import administrator, everywhere, ports, reset

PAGE = SOURCE / 'docs/polkit-rules.md'

# A rule that says no to whatever it is told of exactly so, and nothing to the rest.
TOLD = '''
polkit.addRule (function (action, subject) {
  var told = {}, key;
  for (key in action)
    if (key.indexOf ("_detail_") == 0 && key.indexOf ("_detail_polkit.") != 0)
      told[key.substring (8)] = action[key];
  if (EXPECTED.some (function (each) {
        return Object.keys (each).length == Object.keys (told).length
               && Object.keys (each).every (function (key) { return each[key] === told[key]; });
      }))
    return polkit.Result.NO;
});
'''

# What there is to tell while Compression is on.
CASES = [
    (Call('Stop'), {}),
    (boot(False), {'start-on-boot': 'false'}),
    (Call('Explain'), {}),
    (apply({}), {'changes': '', 'reset': ''}),
    (apply({'TcpPort': 2200, 'Compression': True}), {
        'changes': 'TcpPort', 'reset': '', 'port': '2200'}),
    (apply({'TcpPort': 2200, 'AuxiliaryParameters': 'PermitRootLogin no'}, start=True,
           confirm_timeout=60), {
        'changes': 'TcpPort AuxiliaryParameters', 'reset': '', 'port': '2200',
        'auxiliary': 'privileged', 'start': 'true', 'confirm-timeout': '60'}),
    (apply({'AuxiliaryParameters': 'MaxSessions 9'}), {
        'changes': 'AuxiliaryParameters', 'reset': '', 'auxiliary': 'harmless'}),
    (apply({'PasswordLoginGroups': ['wheel', 'domain users'], 'PasswordAuthentication': True}), {
        'changes': 'PasswordLoginGroups PasswordAuthentication', 'reset': '',
        'passwords': 'true', 'groups': r'wheel domain\x20users'}),
    (apply({'PasswordLoginGroups': [f'{i:0200}' for i in range(200)]}), {
        'changes': 'PasswordLoginGroups', 'reset': ''}),
    (apply({'BindInterfaces': ['lan0', 'lan1']}, reset=['Compression']), {
        'changes': 'BindInterfaces Compression', 'reset': 'Compression',
        'interfaces': 'lan0 lan1'}),
    (Call('Revert', GLib.Variant('(ta{sv})', (0, {}))), {
        'changes': 'Compression', 'reset': 'Compression'}),
]

# Others, of which the rule knows nothing.
OTHERS = [Call('Start'), boot(True), end('Confirm'), apply({'TcpPort': 2201}),
          apply({'TcpPort': 2200}, start=True), apply({'TcpPort': 2200, 'Compression': False}),
          apply({'PasswordLoginGroups': ['wheel']}), apply({'BindInterfaces': []})]


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """One user whom the rules are for, and one whom not."""
    machine.user_add('alice', groups=['ssh-operators'])
    machine.user_add('carol')
    administrator(machine)
    for name in ('lan0', 'lan1', 'lan2'):
        machine.add_interface(name, f'10.9.{name[-1]}.1/24', f'10.9.{name[-1]}.2/24')


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test begins with polkit's defaults and an sshd as the package has it."""
    yield
    allow_nothing(machine)
    reset(machine)


def rules():
    """The text of each rule of the page, in order."""
    return re.findall(r'^```js\n(.*?)^```$', PAGE.read_text('utf-8'), re.DOTALL | re.MULTILINE)


def install(machine, number):
    """Give polkit one of them."""
    machine.write(RULES, rules()[number])
    restart(machine)


def refused(machine, *args, user='alice', **given):
    """This is not what the rule allows."""
    with raises(ASKABLE, f"^{action('configure')}"):
        machine.apply(*args, user=user, **given)


def test_what_a_rule_is_told(machine):
    machine.apply({'Compression': True})
    expected = [{'method': call.method, **details} for call, details in CASES]
    machine.write(RULES, TOLD.replace('EXPECTED', json.dumps(expected)))
    restart(machine)
    calls = [call for call, _details in CASES]
    for call, answer in zip(calls, Crowd(machine, 'alice', calls, False).answers(), strict=True):
        assert answer.name == DENIED, (call, answer)
    for call, answer in zip(OTHERS, Crowd(machine, 'alice', OTHERS, False).answers(), strict=True):
        assert answer.name == ASKABLE, (call, answer)


def test_page_has_three():
    assert len(rules()) == 3


@pytest.mark.parametrize('name', ['start', 'port', 'passwords', 'auxiliary', 'confirm-timeout'])
def test_page_names_what_there_is(name):
    assert f'`{name}`' in PAGE.read_text('utf-8')


def test_port_within_a_range(machine):
    refused(machine, {'TcpPort': 2200})
    install(machine, 0)
    machine.apply({'TcpPort': 2200}, user='alice')
    machine.apply({'TcpPort': 2299}, user='alice')
    assert ports(machine) == everywhere(2299)
    refused(machine, {'TcpPort': 2199})
    refused(machine, {'TcpPort': 2300})
    refused(machine, {'TcpPort': 2200, 'Compression': False})
    refused(machine, {'TcpPort': 2200, 'PasswordAuthentication': False})
    refused(machine, {'Compression': False})
    refused(machine, reset=['TcpPort'])
    refused(machine, {'TcpPort': 2200}, user='carol')
    with raises(ASKABLE, f"^{action('configure-auxiliary')}: "):
        machine.apply({'TcpPort': 2200}, user='alice', replace_foreign=True)
    assert ports(machine) == everywhere(2299)


def test_restart_and_never_stop(machine):
    install(machine, 1)
    before = machine.sshd_pid()
    machine.call('Restart', user='alice')
    assert machine.sshd_pid() not in (0, before)
    with raises(DENIED, 'polkit does not allow it'):
        machine.call('Stop', user='alice')
    args = GLib.Variant('(b)', (False,))
    for call in (lambda: machine.call('SetStartOnBoot', args, user='alice'),
                 lambda: machine.call('Restart', user='carol'),
                 lambda: machine.call('Stop', user='carol'),
                 lambda: machine.apply(start=True, user='alice')):
        with raises(ASKABLE, f"^{action('manage-service')}: "):
            call()
    assert ports(machine) == everywhere(22)


def test_known_interfaces_on_probation(machine):
    install(machine, 2)
    refused(machine, {'BindInterfaces': ['lan0']})
    refused(machine, {'BindInterfaces': ['lan0']}, confirm_timeout=301)
    refused(machine, {'BindInterfaces': ['lan0', 'lan2']}, confirm_timeout=60)
    refused(machine, {'BindInterfaces': []}, confirm_timeout=60)
    refused(machine, {'BindInterfaces': ['lan0'], 'TcpPort': 2200}, confirm_timeout=60)
    refused(machine, {'BindInterfaces': ['lan0']}, confirm_timeout=60, user='carol')
    assert ports(machine) == everywhere(22)
    token = machine.apply({'BindInterfaces': ['lan1', 'lan0']}, confirm_timeout=300,
                          user='alice')['token']
    machine.call('Confirm', GLib.Variant('(s)', (token,)), user='alice')
    assert ('0.0.0.0%lan0', 22) in ports(machine)
    refused(machine, reset=['BindInterfaces'], confirm_timeout=60)
