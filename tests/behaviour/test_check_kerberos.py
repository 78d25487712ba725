# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether Kerberos is ready, and what is missing where it is not; a real KDC answers, or does not."""

import time

import pytest

from harness.clock import Clock
from harness.machine import raises, wait_for
from harness.outside import may
from harness.polkit import ASKABLE, allow
from harness.realm import CONFIG, create, kadmin

pytestmark = pytest.mark.usefixtures('pristine')

NAME = 'KerberosAuthentication'
ALL = ['sshd', 'default-realm', 'keytab', 'host-key', 'kdc', 'clock', 'key-version']
KEYTAB = '/etc/krb5.keytab'
KDC = 'krb5-kdc.service'


@pytest.fixture(scope='module', autouse=True)
def realm(machine):
    """A realm in which all is well; a copy of the keytab to go back to."""
    create(machine)
    machine.run(['cp', '-a', KEYTAB, '/root/keytab'])


@pytest.fixture(autouse=True)
def well(machine):
    """Each test begins where all is well."""
    yield
    machine.write('/etc/krb5.conf', CONFIG)
    machine.run(f'cp -a /root/keytab {KEYTAB}; rm -rf /run/systemd/system/{KDC}.d;'
                f' systemctl daemon-reload; systemctl reset-failed {KDC}; systemctl restart {KDC}')


def check(machine, user=None):
    """Whether it is ready, and check → (fine, words)."""
    answer = machine.call('CheckKerberos', user=user)
    assert set(answer) == {'ready', 'checks'}
    checks = {name: (fine, words) for name, fine, words in answer['checks']}
    assert answer['ready'] == all(fine for fine, _words in checks.values())
    return answer['ready'], checks


def fault(machine):
    """The one check that fails, the last that made sense, and its words."""
    ready, checks = check(machine)
    (name, words), = [(name, words) for name, (fine, words) in checks.items() if not fine]
    assert not ready
    return name, words


def test_ready(machine):
    ready, checks = check(machine)
    assert ready and list(checks) == ALL
    assert checks['default-realm'] == (True, 'EXAMPLE.TEST')
    assert checks['host-key'][1].startswith('host/machine@EXAMPLE.TEST, version ')
    machine.apply({NAME: True})
    assert 'kerberos-not-ready' not in machine.warnings()
    assert may(machine, 'kate', host='machine', methods='gssapi-with-mic',
               options={'GSSAPIAuthentication': 'yes'})


def test_no_realm(machine):
    machine.write('/etc/krb5.conf', '[libdefaults]\n    dns_lookup_realm = false\n')
    name, words = fault(machine)
    assert name == 'default-realm' and 'set default_realm' in words


def test_configuration_that_makes_no_sense(machine):
    machine.write('/etc/krb5.conf', '[libdefaults\n')
    assert fault(machine) == ('default-realm', 'krb5.conf cannot be understood')


def test_no_keytab(machine):
    machine.remove(KEYTAB)
    name, words = fault(machine)
    assert name == 'keytab' and 'not found' in words


def test_keytab_of_another_host(machine):
    kadmin(machine, 'addprinc -randkey host/other')
    machine.remove(KEYTAB)
    kadmin(machine, 'ktadd -q host/other')
    name, words = fault(machine)
    assert name == 'host-key' and 'host/machine@EXAMPLE.TEST' in words


def test_key_that_is_too_old(machine):
    """Somebody has written a new key to another keytab."""
    kadmin(machine, 'ktadd -q -k /root/new host/machine')
    name, words = fault(machine)
    assert name == 'key-version' and 'write it to the keytab again' in words
    machine.run(['cp', '/root/new', '/root/keytab'])


def test_host_that_the_kdc_does_not_know(machine):
    kadmin(machine, 'delprinc -force host/machine')
    name, words = fault(machine)
    assert name == 'key-version' and 'does not know host/machine' in words
    machine.remove(KEYTAB)
    kadmin(machine, 'addprinc -randkey host/machine', 'ktadd -q host/machine')
    machine.run(['cp', '-a', KEYTAB, '/root/keytab'])


def test_no_kdc(machine):
    machine.run(['systemctl', 'stop', KDC])
    name, words = fault(machine)
    assert name == 'kdc' and words


def test_kdc_that_does_not_answer(machine):
    pid = machine.show(KDC, 'MainPID')
    machine.run(['kill', '-STOP', pid])
    began = time.monotonic()
    assert fault(machine)[0] == 'kdc'
    assert time.monotonic() - began < 10
    # Others are served meanwhile.
    machine.run(['kill', '-CONT', pid])


def test_clock(machine):
    with Clock(machine, KDC, 600):
        name, words = fault(machine)
    assert name == 'clock'
    assert 'differ by' in words


def test_turned_on_all_the_same(machine):
    """A warning names what is missing; nobody is kept from it, and it goes when all is well."""
    machine.remove(KEYTAB)
    result = machine.apply({NAME: True})
    assert 'kerberos-not-ready' in {code for code, _details in result['warnings']}
    told, = machine.warnings()['kerberos-not-ready']
    assert told['setting'] == NAME
    assert told['message'].startswith(f'{NAME}: tickets are not taken yet: keytab: ')
    assert machine.get(NAME) is True
    machine.run(['cp', '-a', '/root/keytab', KEYTAB])
    assert check(machine)[0]
    machine.apply()
    wait_for(lambda: 'kerberos-not-ready' not in machine.warnings())


def test_is_not_for_everybody(machine):
    with raises(ASKABLE, 'org.truenas.ssh.inspect'):
        check(machine, user='kate')
    allow(machine, 'kate', 'inspect')
    assert check(machine, user='kate')[0]
