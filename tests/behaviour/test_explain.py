# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who decides what sshd does: the file and the line, as sshd itself tells them when it is asked."""

import re

import pytest

from harness.bus import SETTINGS
from harness.machine import raises
from harness.outside import write
from harness.polkit import ASKABLE, allow
from harness.sshd import DROP_IN

pytestmark = pytest.mark.usefixtures('pristine')

MAIN = '/etc/ssh/sshd_config'
FOREIGN = '/etc/ssh/sshd_config.d/50-cloud-init.conf'
KEYWORDS = {'TcpPort': 'port', 'PasswordAuthentication': 'passwordauthentication',
            'KerberosAuthentication': 'gssapiauthentication', 'Compression': 'compression',
            'TcpForwarding': 'allowtcpforwarding'}


def explain(machine, user=None):
    """Setting → what is told of it."""
    return {each['name']: each for each in machine.call('Explain', user=user)}


def place(machine, name):
    """The line that decides a setting."""
    told = explain(machine)[name]
    return told['file'], told['line']


def sshd_says(machine, keyword):
    """The first line about a keyword of those that sshd reads, by its own account."""
    text = machine.run(['/usr/sbin/sshd', '-T', '-ddd'], check=False).stderr
    for line in text.splitlines():
        found = re.match(r'debug3: (\S+):(\d+) setting (\w+) ', line)
        if found and found[3].lower() == keyword:
            return found[1], int(found[2])
    return '', 0


def test_every_setting_is_explained(machine):
    told = explain(machine)
    assert list(told) == [*SETTINGS]
    for name, each in told.items():
        assert set(each) == {'name', 'value', 'effective', 'file', 'line', 'exceptions'}
        assert each['value'] == machine.get(name)
        assert each['effective'] == each['value']
        assert each['exceptions'] == []


def test_ours(machine):
    machine.apply({'TcpPort': 2200, 'Compression': False})
    lines = machine.read(DROP_IN).splitlines()
    assert place(machine, 'TcpPort') == (DROP_IN, lines.index('Port 2200') + 1)
    assert place(machine, 'Compression') == (DROP_IN, lines.index('Compression no') + 1)
    assert place(machine, 'KerberosAuthentication') == ('', 0)


def test_agrees_with_sshd(machine):
    write(machine, FOREIGN, '# cloud-init\n\nPasswordAuthentication yes\ncompression=no\n')
    machine.apply({'TcpPort': 2200, 'TcpForwarding': False})
    for name, keyword in KEYWORDS.items():
        assert place(machine, name) == sshd_says(machine, keyword), name
    assert place(machine, 'PasswordAuthentication') == (FOREIGN, 3)
    assert place(machine, 'Compression') == (FOREIGN, 4)


def test_text_above_the_include(machine):
    text = machine.read(MAIN)
    machine.apply({'Compression': False})
    machine.write(MAIN, f'Compression delayed\n{text}')
    told = explain(machine)['Compression']
    assert (told['file'], told['line']) == (MAIN, 1) == sshd_says(machine, 'compression')
    assert told['value'] is False and told['effective'] is True


def test_foreign_exceptions_are_named(machine):
    write(machine, FOREIGN, 'Match User backup\n  PasswordAuthentication yes\n  AllowTcpForwarding no\n'
          'Match all\n')
    told = explain(machine)
    assert told['PasswordAuthentication']['exceptions'] == [(FOREIGN, 2)]
    assert told['TcpForwarding']['exceptions'] == [(FOREIGN, 3)]
    assert told['Compression']['exceptions'] == []


def test_groups_and_auxiliary_lines(machine):
    machine.run(['groupadd', '-f', 'staff2'])
    machine.apply({'PasswordLoginGroups': ['staff2'], 'PasswordAuthentication': True,
                   'AuxiliaryParameters': 'ClientAliveInterval 30\n'}, allow_lockout=True)
    told = explain(machine)
    lines = machine.read(DROP_IN).splitlines()
    match = next(i for i, line in enumerate(lines) if line.startswith('Match Group'))
    assert (told['PasswordLoginGroups']['file'], told['PasswordLoginGroups']['line']) == (
        DROP_IN, match + 1)
    assert told['PasswordAuthentication']['effective'] is True
    assert told['AuxiliaryParameters']['file'] == DROP_IN
    # Ours, but none of these.
    machine.apply(reset=['AuxiliaryParameters'])
    told = explain(machine)['AuxiliaryParameters']
    assert (told['file'], told['line']) == ('', 0)


def test_auxiliary_lines_that_not_everybody_may_read(machine):
    machine.apply({'AuxiliaryParameters': 'ClientAliveInterval 30\n'})
    machine.run(['chmod', '600', MAIN])
    machine.apply()
    assert machine.get('AuxiliaryParameters') == ''
    assert explain(machine)['AuxiliaryParameters']['value'] == 'ClientAliveInterval 30\n'
    machine.run(['chmod', '644', MAIN])


def test_is_not_for_everybody(machine):
    machine.user_add('person')
    with raises(ASKABLE, 'org.truenas.ssh.inspect'):
        explain(machine, user='person')
    allow(machine, 'person', 'inspect')
    assert explain(machine, user='person') == explain(machine)


def test_broken_configuration(machine):
    machine.write(FOREIGN, 'Nonsense yes\n')
    with raises('ConfigRejected'):
        explain(machine)
